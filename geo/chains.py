"""A chain's file, a table or a drawing, to rows and back: a store with one of its geofences in each. Pure.

All kinds hold the same columns. In GeoJSON and KML the shape is the geometry (a point with `radius_m`, a polygon, or
none for a store without a fence); in CSV it is `lat`, `lon` and `radius_m`, or a GeoJSON geometry in `area`.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import shapely

from geo.chain_columns import name_cell
from geo.chain_drawings import read_geojson, read_kml
from geo.chain_kml import KML_ENDS, write_placemark
from geo.chain_rows import COLUMNS, BadRow, ChainRow, FileNotes, ParsedRow, UnreadableFile
from geo.chain_tables import JSON_COLUMNS, read_table
from geo.geofence import Area, Circle
from geo.shapes import InvalidShape, check_circle, read_area
from kit.decode_faults import explain
from kit.text_files import BYTE_ORDER_MARK

MAX_ROWS = 10_000

Format = Literal["geojson", "csv", "kml"]


def _write_line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


# What stands before the first row, between two of them, and after the last one.
FILE_ENDS: dict[Format, tuple[bytes, bytes, bytes]] = {
    "geojson": (b'{"type":"FeatureCollection","features":[', b",", b"]}"),
    "csv": (BYTE_ORDER_MARK.encode() + _write_line(COLUMNS), b"", b""),
    "kml": KML_ENDS,
}

_SHAPE_COLUMNS = ("lat", "lon", "radius_m", "area")
_MAX_SHOWN = 60


class ReadChain(NamedTuple):
    """What a file holds: the good rows and the bad ones."""

    rows: list[ParsedRow]
    bad: list[BadRow]
    notes: FileNotes


def read_chain(body: bytes, kind: Format) -> ReadChain:
    """Raises UnreadableFile. Takes some milliseconds for each hundred rows."""
    texts, notes = _open_file(body, kind)
    good: list[ParsedRow] = []
    bad: list[BadRow] = []
    for index, text in enumerate(texts):
        if index == MAX_ROWS:
            raise UnreadableFile(f"The file has more than {MAX_ROWS:,} rows; cut it into several.")
        if kind == "csv" and not text:  # a row with nothing in its cells
            continue
        try:
            good.append(_read_row(index, text, notes.columns))
        except InvalidShape as error:
            bad.append(BadRow(index, error.reason))
        except ValueError as error:
            bad.append(BadRow(index, str(error)))
    return ReadChain(good, bad, notes)


def write_row(row: ChainRow, kind: Format) -> bytes:
    """What stands in a file between its ends."""
    if kind == "geojson":
        return msgspec.json.encode(_feature(row))
    if kind == "kml":
        return _placemark(row)
    cells = msgspec.to_builtins(row)
    for column in JSON_COLUMNS:
        if column in cells:
            cells[column] = msgspec.json.encode(cells[column]).decode()
    return _write_line([cells.get(column) for column in COLUMNS])


def describe_shape(shape: Circle | Area) -> dict[str, Any]:
    """The columns of a row that hold the shape."""
    if isinstance(shape, Circle):
        return {"lat": shape.lat, "lon": shape.lon, "radius_m": shape.radius_m}
    return {"area": shapely.geometry.mapping(shape.polygons)}


def _open_file(body: bytes, kind: Format) -> tuple[Iterator[dict[str, Any]], FileNotes]:
    if kind == "csv":
        return read_table(body)
    return read_kml(body) if kind == "kml" else read_geojson(body), FileNotes("UTF-8", {})


def _part(row: ChainRow) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What is no shape, and the shape as GeoJSON."""
    columns = msgspec.to_builtins(row)
    geometry = columns.pop("area", None)
    if "lat" in columns:
        geometry = {"type": "Point", "coordinates": [columns.pop("lon"), columns.pop("lat")]}
    return columns, geometry


def _placemark(row: ChainRow) -> bytes:
    columns, geometry = _part(row)
    texts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in columns.items()
        if value is not None
    }
    return write_placemark(texts, geometry)


def _feature(row: ChainRow) -> dict[str, Any]:
    columns, geometry = _part(row)
    geofence_id = {"id": columns.pop("geofence_id")} if "geofence_id" in columns else {}
    return {"type": "Feature", **geofence_id, "geometry": geometry, "properties": columns}


def _read_row(index: int, columns: Mapping[str, Any], headings: dict[str, str]) -> ParsedRow:
    """Raises ValueError, InvalidShape."""
    if "" in columns:
        raise ValueError(columns[""])
    texts = {name: _decode(name, columns[name], headings) for name in JSON_COLUMNS if _is_json(columns.get(name))}
    try:
        row = msgspec.convert({**columns, **texts}, ChainRow, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_explain(error, columns, headings)) from error
    given = [name for name in _SHAPE_COLUMNS if getattr(row, name) is not None]
    if (row.store_lat is None) != (row.store_lon is None):
        raise ValueError("Give both store_lat and store_lon, or neither.")
    if not given:
        if row.geofence_id is not None or row.geofence_name is not None:
            raise ValueError("Give the geofence's shape: lat, lon and radius_m, or an area.")
        return ParsedRow(index, row, None, 0.0)
    if row.geofence_name is None:
        raise ValueError("Give the geofence a geofence_name.")
    shape, radius_m = _read_shape(row, given)
    return ParsedRow(index, row, shape, radius_m)


def _explain(error: msgspec.ValidationError, columns: Mapping[str, Any], headings: dict[str, str]) -> str:
    """With the cell's own name and content. In a file, an empty cell is null and every cell is a text."""
    fault = explain(error, ChainRow).replace(" or null", "").replace(", not a string", "")
    column = re.split(r"[ .\[]", fault, maxsplit=1)[0]
    if column not in columns or column not in COLUMNS:
        return f"{fault}; docs/chains.md lists the columns."
    cell = str(columns[column])
    return f"{name_cell(column, headings)}{fault.removeprefix(column)}; it is {cell[:_MAX_SHOWN]!r}."


def _read_shape(row: ChainRow, given: Sequence[str]) -> tuple[Circle | Area, float]:
    if row.area is not None and given == ["area"]:
        return read_area(row.area)
    if row.lat is None or row.lon is None or row.radius_m is None or row.area is not None:
        raise ValueError("Give lat, lon and radius_m, or an area, and not both.")
    check_circle(row.lat, row.lon, row.radius_m)
    return Circle(row.lat, row.lon, row.radius_m), row.radius_m


def _is_json(cell: object) -> bool:
    """Opening hours may be words too."""
    return isinstance(cell, str) and cell.lstrip()[:1] in ("{", "[")


def _decode(column: str, text: str, headings: dict[str, str]) -> object:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{name_cell(column, headings)} is not JSON, or not all of it; it is {text[:_MAX_SHOWN]!r}."
        ) from error
