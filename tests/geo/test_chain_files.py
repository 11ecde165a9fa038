"""Files as people have them: encodings, headings, drawings of Google My Maps, collections of shapes."""

import json
from typing import Any

import pytest

from geo.chain_columns import find_column
from geo.chain_rows import COLUMNS, UnreadableFile
from geo.chains import read_chain
from geo.geofence import Area, Circle
from tests.geo.test_chains import CIRCLE, POINT, SQUARE, collection, feature, only, reasons, table

HOURS = "月-金 9:00\uff5e17:00"
JAPANESE = "店舗コード,店舗名,住所,電話番号,営業時間,ジオフェンス名,緯度,経度,半径(m)\r\n"
ROW = "tokyo-1,珈琲さくら,東京都新宿区新宿3-38-1,03-1234-5678," + HOURS + ",入口,35.6,139.7,80\r\n"
MAPPING = {
    "店舗コード": "store_code",
    "店舗名": "store_name",
    "住所": "store_address",
    "電話番号": "store_phone",
    "営業時間": "opening_hours",
    "ジオフェンス名": "geofence_name",
    "緯度": "lat",
    "経度": "lon",
    "半径(m)": "radius_m",
}


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("cp932", "Shift_JIS"), ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")],
)
def test_a_japanese_table_in_any_encoding_with_its_headings_told(codec: str, encoding: str) -> None:
    (read,), bad, notes = read_chain((JAPANESE + ROW).encode(codec), "csv")
    assert bad == []
    assert (notes.encoding, notes.columns) == (encoding, MAPPING)
    row = read.row
    assert (row.store_name, row.store_address) == ("珈琲さくら", "東京都新宿区新宿3-38-1")
    assert (row.opening_hours, read.shape) == (HOURS, Circle(35.6, 139.7, 80.0))


@pytest.mark.parametrize(
    "text",
    ["café", "crème brûlée", "Müsli", "Joe’s", "señor", "Łódź", "naïve façade"],  # noqa: RUF001
)
@pytest.mark.parametrize("codec", ["cp1252", "iso8859-2"])
def test_a_western_encoding_is_not_taken_for_japanese(text: str, codec: str) -> None:
    body = f"store_code,store_name\ntokyo-1,{text}\n".encode(codec, "ignore")
    if body.isascii():
        pytest.skip("nothing of it is left in this encoding")
    with pytest.raises(UnreadableFile, match="Save the file as 'CSV UTF-8'"):
        read_chain(body, "csv")


@pytest.mark.parametrize("name", ["珈琲", "カフェ さくら", "カフェテラス", "喫茶店", "東京都千代田区", "㈱さくら"])
def test_a_few_japanese_characters_are_enough(name: str) -> None:
    (read,), _, notes = read_chain(f"store_code,store_name\ntokyo-1,{name}\n".encode("cp932"), "csv")
    assert (read.row.store_name, notes.encoding) == (name, "Shift_JIS")


def test_headings_that_differ_in_nothing_but_their_spelling() -> None:
    for heading in ("Store Code", "STORE-CODE", "store_code", " 店舗コード ", "店舗 コード"):
        assert find_column(heading) == "store_code", heading
    assert [find_column(name) for name in COLUMNS] == list(COLUMNS)
    for heading in ("名称", "コード", "colour", "", "住所2"):
        assert find_column(heading) is None, heading


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("store_code,店舗コード", "The columns 'store_code' and '店舗コード' are both store_code; remove one"),
        ("店舗コード,備考", "Remove or rename the columns '備考'"),
        ("店舗名", "with store_code or 店舗コード among them"),
    ],
)
def test_headings_that_nobody_can_tell(header: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_chain(f"{header}\ntokyo-1,x\n".encode(), "csv")
    assert words in str(raised.value)


def test_a_refusal_names_the_cell_as_the_file_does_and_its_content() -> None:
    bad = ROW.replace("80", "八十").replace("tokyo-1", "Tokyo 1")
    ((_, code),) = reasons((JAPANESE + bad).encode(), "csv")
    assert code.startswith("店舗コード (store_code) does not have the form that it needs: 3 to 40 of a-z")
    assert code.endswith("it is 'Tokyo 1'.")
    ((_, radius),) = reasons((JAPANESE + ROW.replace("80", "八十")).encode(), "csv")
    assert radius == "半径(m) (radius_m) must be a number; it is '八十'."
    for row in (
        CIRCLE | {"dwell_s": "soon"},
        CIRCLE | {"exit_confirm_fixes": "2.5"},
        CIRCLE | {"report_crossings": "maybe"},
        CIRCLE | {"geofence_id": "7"},
        CIRCLE | {"area": "north", "lat": "", "lon": "", "radius_m": ""},
        CIRCLE | {"store_name": "x" * 201},
    ):
        ((_, reason),) = reasons(table(row), "csv")
        assert "`" not in reason, reason
        assert "; it is '" in reason, reason
    ((_, unknown),) = reasons(collection(feature(POINT, geofence_name="x", radius_m=80, colour="red")), "geojson")
    assert unknown == "colour is not known here; docs/chains.md lists the columns."


def gathered(*geometries: object) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(geometries)}


OTHER = {"type": "Polygon", "coordinates": [[[139.8, 35.6], [139.81, 35.6], [139.81, 35.61], [139.8, 35.6]]]}


def test_a_collection_of_polygons_is_one_area_and_of_one_point_a_circle() -> None:
    both = only(collection(feature(gathered(SQUARE, gathered(OTHER)), geofence_name="x")), "geojson")
    multi = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], OTHER["coordinates"]]}
    assert both == only(collection(feature(multi, geofence_name="x")), "geojson")
    assert only(collection(feature(gathered(multi), geofence_name="x")), "geojson") == both
    point = only(collection(feature(gathered(POINT), geofence_name="x", radius_m=80)), "geojson")
    assert point.shape == Circle(35.6, 139.7, 80.0)


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (gathered(), "no shape"),
        (gathered(POINT, POINT), "keep one point, or polygons only"),
        (gathered(POINT, SQUARE), "keep one point, or polygons only"),
        (gathered({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, SQUARE), "keep one point"),
        (gathered(SQUARE, 7), "keep one point"),
        ({"type": "GeometryCollection"}, "needs a list of geometries"),
        (gathered(gathered(gathered(gathered(gathered(gathered(gathered(SQUARE))))))), "needs a list"),
        (gathered({"type": "Polygon"}, SQUARE), "needs coordinates"),
    ],
)
def test_a_collection_of_anything_else_is_refused(geometry: object, words: str) -> None:
    ((_, reason),) = reasons(collection(feature(geometry, geofence_name="x", radius_m=80)), "geojson")
    assert words in reason


def kml(*placemarks: str, namespace: str = "http://www.opengis.net/kml/2.2") -> bytes:
    inner = "".join(f"<Placemark>{each}</Placemark>" for each in placemarks)
    folder = f"<Document><name>Chain</name><Style id='a'/><Folder><name>Layer</name>{inner}</Folder></Document>"
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="{namespace}">{folder}</kml>'.encode()


def fields(**values: str) -> str:
    inner = "".join(f'<Data name="{name}"><value>{text}</value></Data>' for name, text in values.items())
    return f"<ExtendedData>{inner}</ExtendedData>"


RING = "\n  139.7,35.6,0\n  139.71,35.6,0\n  139.71,35.61,0\n  139.7,35.61,0\n  139.7,35.6,0\n"
POLYGON = (
    "<Polygon><tessellate>1</tessellate><outerBoundaryIs><LinearRing><coordinates>"
    f"{RING}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)
PIN = "<Point><coordinates>\n 139.7,35.6,0\n</coordinates></Point>"


def test_some_positions_have_an_altitude_and_others_none() -> None:
    """findings/fastkml-mixed-altitudes.sh"""
    mixed = RING.replace("139.7,35.61,0", "139.7,35.61")
    plain, odd = (
        only(kml(f"<name>a</name>{fields(store_code='tokyo-1')}{each}"), "kml").shape
        for each in (POLYGON, POLYGON.replace(RING, mixed))
    )
    assert mixed != RING
    assert isinstance(odd, Area)
    assert odd == plain


@pytest.mark.parametrize(
    "namespace", ["http://www.opengis.net/kml/2.2", "http://earth.google.com/kml/2.1", "urn:whatever"]
)
def test_a_map_of_google_my_maps(namespace: str) -> None:
    more = fields(店舗コード="tokyo-1", 店舗名="珈琲さくら", 半径="80", description="seen")
    body = kml(
        f"<name>入口</name><description><![CDATA[<b>x</b>]]></description><styleUrl>#a</styleUrl>{more}{PIN}",
        f"<name>公園</name>{fields(store_code='tokyo-1')}{POLYGON}",
        f"<name>両方</name>{fields(store_code='tokyo-1')}<MultiGeometry>{POLYGON}</MultiGeometry>",
        f"<name>店</name>{fields(store_code='nara-1', store_name='奈良', time_zone='Asia/Tokyo')}",
        namespace=namespace,
    )
    (circle, park, both, store), bad, _ = read_chain(body, "kml")
    assert bad == []
    assert (circle.row.geofence_name, circle.row.store_name, circle.shape) == (
        "入口",
        "珈琲さくら",
        Circle(35.6, 139.7, 80.0),
    )
    drawn = only(collection(feature(SQUARE, geofence_name="公園")), "geojson")
    assert (park.row.geofence_name, park.shape) == ("公園", drawn.shape)
    assert isinstance(both.shape, Area)
    assert (store.row.store_code, store.shape) == ("nara-1", None)


@pytest.mark.parametrize(
    ("placemark", "words"),
    [
        (f"<name>x</name>{PIN}", "store_code is missing"),
        (f"<name>x</name>{fields(store_code='tokyo-1')}{PIN}", "lat, lon and radius_m"),
        (f"{fields(store_code='tokyo-1', radius_m='80')}{PIN}", "geofence_name"),
        (
            f"<name>x</name>{fields(store_code='tokyo-1')}<LineString><coordinates>1,1 2,2</coordinates></LineString>",
            "A line is no geofence; draw a polygon, or a point with the field radius_m.",
        ),
        (f"<name>x</name>{fields(store_code='tokyo-1', radius='9', 半径='8')}{PIN}", "Two fields are radius_m"),
        (f"<name>x</name>{fields(store_code='a-1-b', radius='80')}<Point/>", "no coordinates"),
        (
            f"<name>x</name>{fields(store_code='a-1-b')}<Point><coordinates>x,y</coordinates></Point>",
            "coordinates are no numbers",
        ),
        (f"<name>x</name>{fields(store_code='a-1-b')}{POLYGON.replace('35.6', '95.6')}", "latitude"),
    ],
)
def test_a_placemark_that_is_no_geofence(placemark: str, words: str) -> None:
    good = f"<name>good</name>{fields(store_code='tokyo-1')}{POLYGON}"
    ((index, reason),) = reasons(kml(good, placemark), "kml")
    assert index == 1
    assert words in reason


BOMB = b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><kml><name>&b;</name></kml>'
FOREIGN = b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><name>&a;</name></kml>'
LINK = (
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>http://x</href></Link></NetworkLink></kml>'
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (BOMB, "DOCTYPE"),
        (FOREIGN, "DOCTYPE"),
        (LINK, "a link only; export it without"),
        (b"PK\x03\x04", "KMZ"),
        (b"", "as XML"),
        (b"<kml>", "as XML"),
        (b"<html></html>", "outermost element"),
        ('<?xml version="1.0" encoding="shift_jis"?><kml>珈</kml>'.encode("cp932"), "UTF-8"),
        (json.dumps({}).encode(), "as XML"),
    ],
)
def test_kml_that_is_refused_as_a_whole(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_chain(body, "kml")
    assert words in str(raised.value)
