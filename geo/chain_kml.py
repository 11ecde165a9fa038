"""Rows of a chain's file as KML, which `geo.chain_drawings` reads again. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

KML_ENDS = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n',
    b"\n",
    b"\n</Document></kml>\n",
)
# What XML 1.0 cannot hold in any way.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_placemark(columns: Mapping[str, str], geometry: Mapping[str, Any] | None) -> bytes:
    """`geometry`: a point or several polygons, as GeoJSON."""
    name = columns.get("geofence_name") or columns.get("store_name", "")
    fields = "".join(
        f"<Data name={quoteattr(key)}><value>{_clean(text)}</value></Data>" for key, text in columns.items()
    )
    shape = "" if geometry is None else _write_shape(geometry)
    written = f"<Placemark><name>{_clean(name)}</name><ExtendedData>{fields}</ExtendedData>{shape}</Placemark>"
    return written.encode()


def _write_shape(geometry: Mapping[str, Any]) -> str:
    if geometry["type"] == "Point":
        return f"<Point>{_write_positions([geometry['coordinates']])}</Point>"
    polygons = "".join(map(_write_polygon, geometry["coordinates"]))
    return f"<MultiGeometry>{polygons}</MultiGeometry>"


def _write_polygon(rings: Sequence[Iterable[Sequence[float]]]) -> str:
    sides = ["outerBoundaryIs", *["innerBoundaryIs"] * (len(rings) - 1)]
    written = (
        f"<{side}><LinearRing>{_write_positions(ring)}</LinearRing></{side}>"
        for side, ring in zip(sides, rings, strict=True)
    )
    return f"<Polygon>{''.join(written)}</Polygon>"


def _write_positions(positions: Iterable[Sequence[float]]) -> str:
    return f"<coordinates>{' '.join(f'{lon!r},{lat!r}' for lon, lat in positions)}</coordinates>"


def _clean(text: str) -> str:
    return escape(_UNWRITABLE.sub("", text))
