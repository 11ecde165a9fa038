"""A chain's drawing, GeoJSON or KML, to the columns of each row. Pure.

What is wrong with a feature stands under "", which is no column, and so makes a bad row.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from geo.chain_columns import find_column
from geo.chain_rows import UnreadableFile
from geo.reference_systems import find_crs_fault
from kit.text_files import BYTE_ORDER_MARK

Columns = dict[str, Any]

_POLYGONS = {"Polygon": 0, "MultiPolygon": 1}
_DEEPEST = 5
_MIXED = "It holds several shapes; keep one point, or polygons only."


class _NoShape(ValueError):
    """A geometry that is no geofence; the message says what to draw."""


def read_geojson(body: bytes) -> Iterator[Columns]:
    """Raises UnreadableFile."""
    try:
        document = msgspec.json.decode(body.removeprefix(BYTE_ORDER_MARK.encode()))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("Send a GeoJSON FeatureCollection as JSON in UTF-8.") from error
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise UnreadableFile("Send a GeoJSON FeatureCollection, with its features.")
    if "crs" in document and (fault := find_crs_fault(document["crs"])) is not None:
        raise UnreadableFile(fault)
    return map(_flatten, features)


def _flatten(feature: object) -> Columns:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(properties, dict):
        return {"": "This is not a Feature with properties."}
    if misplaced := [name for name in ("lat", "lon", "area", "geofence_id") if name in properties]:
        return {"": f"{misplaced[0]} belongs into the geometry or the feature's id."}
    geometry = feature.get("geometry")
    for each in (feature, geometry):
        if isinstance(each, dict) and "crs" in each and (fault := find_crs_fault(each["crs"])) is not None:
            return {"": fault}
    columns = {name: value for name, value in properties.items() if value is not None}
    # A number is what a drawing program counts with; it is none of our geofences.
    if feature.get("id") is not None and not isinstance(feature["id"], int | float):
        columns["geofence_id"] = feature["id"]
    try:
        return columns | _to_shape(geometry)
    except _NoShape as error:
        return {"": str(error)}


def _to_shape(geometry: object) -> Columns:
    """The columns of a geometry. Raises _NoShape."""
    if geometry is None:
        return {}
    if isinstance(geometry, dict) and geometry.get("type") == "GeometryCollection":
        geometry = _join(list(_list_parts(geometry, 0)))
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return {"lat": lat, "lon": lon}
            case _:
                raise _NoShape("A point needs two coordinates, longitude first.")
    return {"area": geometry}


def _list_parts(collection: Mapping[str, Any], depth: int) -> Iterator[object]:
    parts = collection.get("geometries")
    if not isinstance(parts, list) or depth > _DEEPEST:
        raise _NoShape("A GeometryCollection needs a list of geometries, and not many of them in one another.")
    for part in parts:
        if isinstance(part, dict) and part.get("type") == "GeometryCollection":
            yield from _list_parts(part, depth + 1)
        else:
            yield part


def _join(parts: list[object]) -> object:
    """One geometry for all of them: polygons are one area, a point stands alone."""
    if len(parts) == 1:
        return parts[0]
    polygons: list[object] = []
    for part in parts:
        if not isinstance(part, dict) or part.get("type") not in _POLYGONS or "crs" in part:
            raise _NoShape(_MIXED)
        coordinates = part.get("coordinates")
        if not isinstance(coordinates, list):
            raise _NoShape("A polygon needs coordinates.")
        polygons += coordinates if part["type"] == "MultiPolygon" else [coordinates]
    if not polygons:
        raise _NoShape("It holds no shape; draw a point or a polygon.")
    return {"type": "MultiPolygon", "coordinates": polygons}


def read_kml(body: bytes) -> Iterator[Columns]:
    """The placemarks, as Google My Maps and Google Earth write them. Raises UnreadableFile."""
    if body.startswith(b"PK"):
        raise UnreadableFile("This is a KMZ; export as KML, or unzip it and send the .kml in it.")
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableFile("Remove the DOCTYPE and its entities; KML needs none.") from error
    except (ValueError, SyntaxError, LookupError) as error:  # XML's own ParseError is a SyntaxError
        raise UnreadableFile("Send KML as XML in UTF-8.") from error
    if _name(root) != "kml":
        raise UnreadableFile("Send KML: its outermost element is kml.")
    placemarks = [element for element in root.iter() if _name(element) == "Placemark"]
    if not placemarks and any(_name(element) == "NetworkLink" for element in root.iter()):
        raise UnreadableFile("The file is a link only; export it without 'Keep data up to date with network link KML'.")
    return map(_flatten_placemark, placemarks)


def _flatten_placemark(placemark: Any) -> Columns:
    """Its fields (ExtendedData) are columns by any of their headings; its name is the geofence's, or else unused."""
    columns: Columns = {}
    for heading, text in _list_fields(placemark):
        column = find_column(heading)
        if column is None or column in ("lat", "lon", "area"):
            continue  # what My Maps adds by itself, and places: the drawing says where it is
        if column in columns:
            return {"": f"Two fields are {column}; remove one of them."}
        columns[column] = text
    name = next((each.text for each in placemark if _name(each) == "name"), None)
    try:
        shape = _to_shape(_read_geometry(placemark))
    except _NoShape as error:
        return {"": str(error)}
    if shape and name and name.strip():
        columns.setdefault("geofence_name", name.strip())
    return columns | shape


def _list_fields(placemark: Any) -> Iterator[tuple[str, str]]:
    for element in placemark.iter():
        if _name(element) == "Data":
            value = next((each.text for each in element if _name(each) == "value"), None)
        elif _name(element) == "SimpleData":
            value = element.text
        else:
            continue
        if value and value.strip():
            yield element.get("name", ""), value.strip()


def _read_geometry(placemark: Any) -> Columns | None:
    """As GeoJSON; None where nothing is drawn. Raises _NoShape."""
    parts = [part for element in placemark for part in _list_geometries(element)]
    if not parts:
        return None
    return {"type": "GeometryCollection", "geometries": parts}


def _list_geometries(element: Any) -> Iterator[Columns]:
    match _name(element):
        case "MultiGeometry":
            for each in element:
                yield from _list_geometries(each)
        case "Point":
            yield {"type": "Point", "coordinates": _read_positions(element)[0]}
        case "Polygon":
            outer = [ring for each in element if _name(each) == "outerBoundaryIs" for ring in each]
            inner = [ring for each in element if _name(each) == "innerBoundaryIs" for ring in each]
            yield {"type": "Polygon", "coordinates": [_read_positions(ring) for ring in [*outer, *inner]]}
        case "LineString" | "LinearRing" | "Track" | "MultiTrack" | "Model":
            raise _NoShape("A line is no geofence; draw a polygon, or a point with the field radius_m.")


def _read_positions(element: Any) -> list[list[float]]:
    """Raises _NoShape."""
    text = next((each.text for each in element.iter() if _name(each) == "coordinates"), None) or ""
    try:
        positions = [[float(number) for number in position.split(",")[:2]] for position in text.split()]
    except ValueError as error:
        raise _NoShape("Its coordinates are no numbers; KML writes longitude,latitude and a space.") from error
    if not positions or any(len(position) < 2 for position in positions):
        raise _NoShape("It has no coordinates.")
    return positions


def _name(element: Any) -> str:
    """Without its namespace: there are three of KML's."""
    return str(element.tag).rpartition("}")[2]
