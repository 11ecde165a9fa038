"""A chain's file, GeoJSON or CSV, to rows and back: a store with one of its geofences in each. Pure.

Both kinds hold the same columns. In GeoJSON the shape is the feature's geometry (a point with `radius_m`, a polygon, or
null for a store without a fence); in CSV it is `lat`, `lon` and `radius_m`, or a GeoJSON geometry in `area`.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
import shapely

from geo.geofence import Area, Circle
from geo.limits import DwellS, ExitConfirmFixes, ExitConfirmS, ExitMarginM
from geo.reference_systems import find_crs_fault
from geo.shapes import InvalidShape, check_circle, read_area
from ids import GeofenceId
from kit.codes import Code

MAX_ROWS = 10_000
# What goes into a spreadsheet program must say that it is UTF-8, or Japanese names come out broken.
_BOM = "\ufeff"
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)

Format = Literal["geojson", "csv"]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ChainRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is None stays as it is in a store or fence that exists, and takes the default in a new one."""

    store_code: Code
    store_name: Text | None = None
    time_zone: Text | None = None
    store_address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    store_phone: Text | None = None
    store_lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    store_lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    opening_hours: dict[str, Any] | None = None
    day_start_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] | None = None
    geofence_id: GeofenceId | None = None
    geofence_name: Text | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    area: dict[str, Any] | None = None
    exit_margin_m: ExitMarginM | None = None
    exit_confirm_s: ExitConfirmS | None = None
    exit_confirm_fixes: ExitConfirmFixes | None = None
    dwell_s: DwellS | None = None
    report_crossings: bool | None = None


class ParsedRow(msgspec.Struct, frozen=True):
    """`shape` is None for a store without a fence; `radius_m` is the circle's, or of the largest one in the area."""

    index: int
    row: ChainRow
    shape: Circle | Area | None
    radius_m: float


class BadRow(msgspec.Struct, frozen=True):
    """`index` counts features, or rows below the header, from 0."""

    index: int
    reason: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


COLUMNS = tuple(get_type_hints(ChainRow))
# An area of ten thousand positions; Python's own limit of 131,072 characters for a cell is reached by two thousand.
csv.field_size_limit(1_000_000)
_JSON_COLUMNS = ("opening_hours", "area")
# Spaces at the edge of a name are a part of it, as everywhere else: an export that comes back changes nothing.
_NAME_COLUMNS = ("store_name", "geofence_name")
_SHAPE_COLUMNS = ("lat", "lon", "radius_m", "area")


def read_chain(body: bytes, kind: Format) -> tuple[list[ParsedRow], list[BadRow]]:
    """The good rows and the bad ones. Raises UnreadableFile. Takes some milliseconds for each hundred rows."""
    texts = _read_csv(body) if kind == "csv" else _read_geojson(body)
    good: list[ParsedRow] = []
    bad: list[BadRow] = []
    for index, text in enumerate(texts):
        if index == MAX_ROWS:
            raise UnreadableFile(f"The file has more than {MAX_ROWS:,} rows; cut it into several.")
        if kind == "csv" and not text:  # a row with nothing in its cells
            continue
        try:
            good.append(_read_row(index, text))
        except InvalidShape as error:
            bad.append(BadRow(index, error.reason))
        except ValueError as error:  # msgspec's too
            bad.append(BadRow(index, str(error)))
    return good, bad


def write_chain(rows: Iterable[ChainRow], kind: Format) -> bytes:
    """A file that `read_chain` reads to the same rows."""
    if kind == "geojson":
        return msgspec.json.encode({"type": "FeatureCollection", "features": [_feature(row) for row in rows]})
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for row in rows:
        cells = msgspec.to_builtins(row)
        for column in _JSON_COLUMNS:
            if column in cells:
                cells[column] = msgspec.json.encode(cells[column]).decode()
        writer.writerow(cells)
    return (_BOM + text.getvalue()).encode()


def describe_shape(shape: Circle | Area) -> dict[str, Any]:
    """The columns of a row that hold the shape."""
    if isinstance(shape, Circle):
        return {"lat": shape.lat, "lon": shape.lon, "radius_m": shape.radius_m}
    return {"area": shapely.geometry.mapping(shape.polygons)}


def _read_csv(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("Save the file as 'CSV UTF-8'; this one is in another encoding.") from error
    delimiter = _find_delimiter(text)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    header = [name.strip() for name in reader.fieldnames or ()]
    while header and not header[-1]:  # columns that a spreadsheet program has shown and nobody has filled
        header.pop()
    if unknown := [name for name in header if name not in COLUMNS]:
        raise UnreadableFile(f"Remove or rename the columns {', '.join(map(repr, unknown))}; see docs/chains.md.")
    if "store_code" not in header or len(set(header)) != len(header):
        raise UnreadableFile("Put the names of the columns into the first row, each once, with store_code among them.")
    reader.fieldnames = header
    try:
        for cells in reader:
            if any(cells.pop(None, None) or ()):
                yield {"": "The row has more cells than columns."}
            else:
                yield {name: _read_cell(name, text, delimiter) for name, text in cells.items() if text and text.strip()}
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num} is not CSV: {error}.") from error


def _find_delimiter(text: str) -> str:
    """Excel writes semicolons where the comma belongs into numbers, and tabs as 'Unicode text'."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _read_cell(name: str, text: str, delimiter: str) -> str:
    if name in _NAME_COLUMNS:
        return text
    cell = text.strip()
    if name in _JSON_COLUMNS:
        return cell
    plain = unicodedata.normalize("NFKC", cell)  # digits as a Japanese keyboard types them
    return plain.replace(",", ".") if delimiter != "," and _DECIMAL_COMMA.fullmatch(plain) else plain


def _read_geojson(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        document = msgspec.json.decode(body.removeprefix(_BOM.encode()))
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


def _flatten(feature: object) -> dict[str, Any]:
    """A feature's columns; what is wrong with it stands under a name that is no column, and so makes a bad row."""
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
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return columns | {"lat": lat, "lon": lon}
            case _:
                return {"": "A point needs two coordinates, longitude first."}
    return columns if geometry is None else columns | {"area": geometry}


def _feature(row: ChainRow) -> dict[str, Any]:
    columns = msgspec.to_builtins(row)
    geometry = columns.pop("area", None)
    if "lat" in columns:
        geometry = {"type": "Point", "coordinates": [columns.pop("lon"), columns.pop("lat")]}
    geofence_id = {"id": columns.pop("geofence_id")} if "geofence_id" in columns else {}
    return {"type": "Feature", **geofence_id, "geometry": geometry, "properties": columns}


def _read_row(index: int, columns: Mapping[str, Any]) -> ParsedRow:
    """Raises ValueError, InvalidShape."""
    if "" in columns:
        raise ValueError(columns[""])
    texts = {name: _decode(name, columns[name]) for name in _JSON_COLUMNS if isinstance(columns.get(name), str)}
    row = msgspec.convert({**columns, **texts}, ChainRow, strict=False)
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


def _read_shape(row: ChainRow, given: Sequence[str]) -> tuple[Circle | Area, float]:
    if row.area is not None and given == ["area"]:
        return read_area(row.area)
    if row.lat is None or row.lon is None or row.radius_m is None or row.area is not None:
        raise ValueError("Give lat, lon and radius_m, or an area, and not both.")
    check_circle(row.lat, row.lon, row.radius_m)
    return Circle(row.lat, row.lon, row.radius_m), row.radius_m


def _decode(column: str, text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The cell {column} is not JSON.") from error
