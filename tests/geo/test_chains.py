"""A chain's file: what is read is what was written, and every bad row is named."""

import csv
import io
import json
import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import chains
from geo.chain_rows import COLUMNS, ChainRow, ParsedRow, UnreadableFile
from geo.chains import FILE_ENDS, Format, describe_shape, read_chain, write_row
from geo.geofence import Area, Circle

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[139.7, 35.6], [139.71, 35.6], [139.71, 35.61], [139.7, 35.61], [139.7, 35.6]]],
}
BOW_TIE = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}'
CIRCLE = {"store_code": "tokyo-1", "geofence_name": "door", "lat": "35.6", "lon": "139.7", "radius_m": "80"}


def table(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def feature(geometry: object = None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"store_code": "tokyo-1"} | properties}


def write_chain(rows: Iterable[ChainRow], kind: Format) -> bytes:
    """A whole file."""
    head, between, tail = FILE_ENDS[kind]
    return head + between.join(write_row(row, kind) for row in rows) + tail


def only(body: bytes, kind: Format) -> ParsedRow:
    (row,), bad, _ = read_chain(body, kind)
    assert bad == []
    return row


def reasons(body: bytes, kind: Format) -> list[tuple[int, str]]:
    return [(each.index, each.reason) for each in read_chain(body, kind)[1]]


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
degrees = st.floats(-80, 80)
squares = st.tuples(degrees, degrees, st.floats(0.001, 0.1)).map(
    lambda each: {
        "type": "Polygon",
        "coordinates": [
            [[each[0] + x * each[2], each[1] + y * each[2]] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        ],
    }
)
shapes = st.one_of(
    st.builds(lambda lat, lon, r: {"lat": lat, "lon": lon, "radius_m": r}, degrees, degrees, st.floats(10, 50_000)),
    st.builds(lambda area: {"area": area}, squares),
)


@st.composite
def rows(draw: st.DrawFn) -> ChainRow:
    store: dict[str, Any] = {"store_code": draw(st.sampled_from(["tokyo-1", "osaka-22"])), "store_name": draw(names)}
    if draw(st.booleans()):
        store |= {"store_lat": draw(degrees), "store_lon": draw(degrees), "day_start_hour": draw(st.integers(0, 23))}
        store |= {"store_address": draw(names), "store_phone": "03-1234-5678"}
        store |= {"opening_hours": {"mon": [["09:00:00", "21:00:00"]]}, "time_zone": "Asia/Tokyo"}
    if draw(st.booleans()):
        return ChainRow(**store)
    fence = {"geofence_name": draw(names), "geofence_id": draw(st.none() | st.uuids())} | draw(shapes)
    if draw(st.booleans()):
        fence |= {
            "exit_margin_m": draw(st.floats(0, 1000)),
            "exit_confirm_fixes": 3,
            "dwell_s": draw(st.floats(10, 900)),
            "report_crossings": draw(st.none() | st.booleans()),
        }
    return ChainRow(**store, **fence)


def with_shape_as_read(read: ParsedRow) -> ChainRow:
    plain = {name: getattr(read.row, name) for name in COLUMNS if name not in ("lat", "lon", "radius_m", "area")}
    return ChainRow(**plain, **({} if read.shape is None else describe_shape(read.shape)))


@pytest.mark.parametrize("kind", ["csv", "geojson"])
@given(st.lists(rows(), max_size=5))
def test_a_round_trip_is_exact(kind: Format, written: list[ChainRow]) -> None:
    first, bad, _ = read_chain(write_chain(written, kind), kind)
    assert bad == []
    assert [read.index for read in first] == list(range(len(written)))
    drawn = [with_shape_as_read(read) for read in first]
    for was, read in zip(written, first, strict=True):
        for name in ("store_name", "geofence_name", "geofence_id", "dwell_s", "report_crossings"):
            assert getattr(read.row, name) == getattr(was, name)
        if was.area is None:
            assert (read.row.lat, read.row.lon, read.row.radius_m) == (was.lat, was.lon, was.radius_m)
    # A polygon's ring is turned once, to the winding of RFC 7946; from then on nothing moves.
    second, _, _ = read_chain(write_chain(drawn, kind), kind)
    assert [read.shape for read in second] == [read.shape for read in first]
    assert [read.radius_m for read in second] == [read.radius_m for read in first]
    assert write_chain([with_shape_as_read(read) for read in second], kind) == write_chain(drawn, kind)


def test_what_is_taken_out_as_kml_comes_back() -> None:
    hall = [[139.7, 35.6], [139.8, 35.6], [139.8, 35.7], [139.7, 35.6]]
    hole = [[139.75, 35.61], [139.76, 35.61], [139.76, 35.62], [139.75, 35.61]]
    far = [[140.7, 35.6], [140.8, 35.6], [140.8, 35.7], [140.7, 35.6]]
    area = {"type": "MultiPolygon", "coordinates": [[hall, hole], [far]]}
    name = "<b>'5 & 6'</b> \"店\" ]]>"
    settings: dict[str, Any] = {"geofence_id": UUID(int=7), "geofence_name": name, "report_crossings": True}
    hours: dict[str, Any] = {"opening_hours": {"mon": [["09:00:00", "21:00:00"]]}, "time_zone": "Asia/Tokyo"}
    written = [
        ChainRow(store_code="kissa-1", store_name=name, lat=35.6, lon=-0.1, radius_m=80, **settings),
        ChainRow(store_code="kissa-2", store_name="B\x07", geofence_name="hall", area=area),
        ChainRow(store_code="kissa-3", store_name="C", store_lat=1e-7, store_lon=-1.5, day_start_hour=0, **hours),
    ]
    first, bad, _ = read_chain(write_chain(written, "kml"), "kml")
    assert bad == []
    circle, several, plain = map(with_shape_as_read, first)
    assert (circle, plain) == (written[0], written[2])
    assert isinstance(first[1].shape, Area)
    assert [len(each.interiors) for each in first[1].shape.polygons.geoms] == [1, 0]
    assert several.store_name == "B", "what XML cannot hold is left out"


@pytest.mark.parametrize("kind", ["csv", "geojson"])
def test_the_largest_area_that_may_be_drawn_comes_back(kind: Format) -> None:
    turns = [2 * math.pi * n / 9_999 for n in range(9_999)]
    ring = [[139.7 + 0.012345678901 * math.cos(turn), 35.6 + 0.01 * math.sin(turn)] for turn in turns]
    area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    assert len(json.dumps(area)) > 131_072, "more than Python takes for a cell by itself"
    row = ChainRow(store_code="tokyo-1", geofence_name=" lake ", area=area)
    read = only(write_chain([row], kind), kind)
    assert isinstance(read.shape, Area)
    assert shapely.get_num_coordinates(read.shape.polygons) == 10_000
    assert read.row.geofence_name == " lake "


def test_both_kinds_read_alike() -> None:
    body = table(CIRCLE | {"dwell_s": "60", "geofence_id": str(UUID(int=7))})
    circle = feature(
        {"type": "Point", "coordinates": [139.7, 35.6, 12.0]}, geofence_name="door", radius_m=80, dwell_s=60
    )
    read = only(body, "csv")
    assert read == only(collection(circle | {"id": str(UUID(int=7))}), "geojson")
    assert read.shape == Circle(35.6, 139.7, 80.0)
    area = feature(SQUARE, geofence_name="door")
    drawn = {"store_code": "tokyo-1", "geofence_name": "door", "area": json.dumps(SQUARE)}
    assert only(table(drawn), "csv") == only(collection(area), "geojson")
    assert isinstance(only(table(drawn), "csv").shape, Area)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_excel_may_have_written_it(mark: bytes) -> None:
    read = only(mark + "store_code,store_name\r\ntokyo-1,珈琲 さくら\r\n".encode(), "csv")
    assert read.row.store_name == "珈琲 さくら"
    assert read.shape is None
    assert write_chain([read.row], "csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "text",
    [
        "store_code,geofence_name,lat,lon,radius_m,,\ntokyo-1,door,35.6,139.7,80,,\n,,,,,,\n",
        "store_code;geofence_name;lat;lon;radius_m\ntokyo-1;door;35,6;139,7;80\n;;;;\n",
        "store_code\tgeofence_name\tlat\tlon\tradius_m\r\ntokyo-1\tdoor\t35.6\t139.7\t80\r\n",
        "store_code, geofence_name ,lat,lon,radius_m\ntokyo-1,door,３５．６,１３９．７,８０\n",  # noqa: RUF001
    ],
)
def test_a_table_as_programs_and_people_write_it(text: str) -> None:
    read = only(text.encode(), "csv")
    assert (read.row.geofence_name, read.shape) == ("door", Circle(35.6, 139.7, 80.0))


def test_geojson_as_programs_write_it() -> None:
    door = feature(POINT, geofence_name="door", radius_m=80)
    expected = only(collection(door), "geojson")
    assert only(b"\xef\xbb\xbf" + collection(door | {"id": 7}), "geojson") == expected
    assert only(json.dumps(door).encode(), "geojson") == expected


def test_an_empty_row_is_counted_and_nothing_else() -> None:
    assert len(reasons(collection({"type": "Feature", "geometry": None, "properties": {}}), "geojson")) == 1
    assert reasons(b"store_code,lat\n,\ntokyo-1,north\n", "csv")[0][0] == 1


BAD_ROWS = {
    "no code": ({"store_name": "x", "store_code": ""}, "store_code"),
    "a bad code": (CIRCLE | {"store_code": "Tokyo 1"}, "store_code"),
    "no number": (CIRCLE | {"lat": "north"}, "lat"),
    "swapped": (CIRCLE | {"lat": "139.7", "lon": "35.6"}, "latitude"),
    "not a number": (CIRCLE | {"dwell_s": "nan"}, "dwell_s"),
    "infinite": (CIRCLE | {"radius_m": "inf"}, "radius"),
    "tiny": (CIRCLE | {"radius_m": "1"}, "radius"),
    "half a circle": (CIRCLE | {"radius_m": ""}, "radius_m"),
    "both shapes": (CIRCLE | {"area": json.dumps(SQUARE)}, "not both"),
    "a fence without a name": (CIRCLE | {"geofence_name": ""}, "geofence_name"),
    "a name without a fence": ({"store_code": "tokyo-1", "geofence_name": "door"}, "shape"),
    "half a place": ({"store_code": "tokyo-1", "store_lat": "35"}, "store_lon"),
    "a broken area": (CIRCLE | {"area": "{"}, "area"),
    "crossed": (
        {"store_code": "tokyo-1", "geofence_name": "x", "area": BOW_TIE},
        "crosses itself",
    ),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_named_with_its_reason(name: str) -> None:
    row, word = BAD_ROWS[name]
    good = CIRCLE
    found = reasons(table(good, row, good, row), "csv")
    assert [index for index, _ in found] == [1, 3]
    assert all(word in reason for _, reason in found), found


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (7, "not a Feature"),
        ({"type": "Feature"}, "not a Feature"),
        (feature({"type": "Point", "coordinates": [1]}, geofence_name="x", radius_m=80), "two coordinates"),
        (feature({"type": "LineString", "coordinates": []}, geofence_name="x"), "Polygon"),
        (feature(lat=3), "geometry"),
        (feature(colour="red"), "colour"),
    ],
)
def test_a_bad_feature_is_named_with_its_reason(bad: object, word: str) -> None:
    good = feature(SQUARE, geofence_name="x")
    ((index, reason),) = reasons(collection(good, bad), "geojson")
    assert index == 1
    assert word in reason


TOKYO = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4301"}}}
CRS84 = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}
POINT = {"type": "Point", "coordinates": [139.7, 35.6]}


def test_coordinates_in_another_system_are_refused_wherever_it_is_named() -> None:
    door = feature(POINT, geofence_name="door", radius_m=80)
    with pytest.raises(UnreadableFile, match=r"Tokyo \(EPSG:4301\)"):
        read_chain(json.dumps({"type": "FeatureCollection", "features": [door], **TOKYO}).encode(), "geojson")
    wrong = [
        door | TOKYO,
        feature(POINT | TOKYO, geofence_name="door", radius_m=80),
        feature(SQUARE | TOKYO, geofence_name="door"),
    ]
    assert [index for index, reason in reasons(collection(*wrong), "geojson") if "Tokyo" in reason] == [0, 1, 2]
    cell = {"store_code": "tokyo-1", "geofence_name": "door", "area": json.dumps(SQUARE | TOKYO)}
    assert "Tokyo" in reasons(table(cell), "csv")[0][1]
    right = json.dumps({"type": "FeatureCollection", "features": [door | CRS84], **CRS84}).encode()
    assert only(right, "geojson").shape == Circle(35.6, 139.7, 80.0)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "csv"),
        (b"name\nx\n", "csv"),
        (b"store_code,colour\nx,red\n", "csv"),
        (b"store_code,store_code\nx,y\n", "csv"),
        ("store_code,store_name\ntokyo-1,café ünd Müsli\n".encode("latin-1"), "csv"),
        (b"", "geojson"),
        (b"[" * 100_000, "geojson"),
        (b"{}", "geojson"),
        (b"\xff", "geojson"),
        (collection()[:-1], "geojson"),
        (b'{"type": "FeatureCollection", "features": {}}', "geojson"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(body: bytes, kind: Format) -> None:
    with pytest.raises(UnreadableFile, match=r"."):
        read_chain(body, kind)


def test_too_many_cells_or_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    ((index, reason),) = reasons(b"store_code,store_name\ntokyo-1,a,b\n", "csv")
    assert (index, "cells" in reason) == (0, True)
    monkeypatch.setattr(chains, "MAX_ROWS", 2)
    assert len(read_chain(table(CIRCLE, CIRCLE), "csv")[0]) == 2
    with pytest.raises(UnreadableFile, match="more than 2 rows"):
        read_chain(table(CIRCLE, CIRCLE, CIRCLE), "csv")
