"""What may be drawn, what is refused, and what a manager is told."""

import math
from collections.abc import Sequence

import pytest
import shapely

from geo.geodesy import WGS84, distance_m, metres_per_degree
from geo.inscribed_circle import inscribed_radius_m
from geo.shapes import InvalidShape, check_circle, parse_area

Corner = tuple[float, float]


def ring(*corners: Corner) -> list[list[float]]:
    return [list(corner) for corner in (*corners, corners[0])]


def square(lon: float, lat: float, half: float = 0.001) -> list[list[float]]:
    return ring((lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half))


def polygon(*rings: Sequence[object]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def multipolygon(*polygons: Sequence[object]) -> dict[str, object]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def refusal(geojson: dict[str, object]) -> InvalidShape:
    with pytest.raises(InvalidShape) as caught:
        parse_area(geojson)
    return caught.value


def test_a_polygon_is_read_in_lon_lat_order() -> None:
    area = parse_area(polygon(square(139.7, 35.6)))
    assert area.bounds == pytest.approx((139.699, 35.599, 139.701, 35.601))


@pytest.mark.parametrize("turned", [False, True])
def test_either_winding_becomes_counterclockwise_outside_and_clockwise_inside(turned: bool) -> None:
    shell, hole = square(139.7, 35.6), square(139.7, 35.6, 0.0005)
    area = parse_area(polygon(shell[::-1], hole[::-1]) if turned else polygon(shell, hole))
    (part,) = area.geoms
    assert part.exterior.is_ccw
    assert not part.interiors[0].is_ccw
    assert not area.covers(shapely.Point(139.7, 35.6))
    assert area.covers(shapely.Point(139.7007, 35.6))


def test_a_third_coordinate_is_dropped() -> None:
    area = parse_area(polygon([[*position, 12.5] for position in square(139.7, 35.6)]))
    assert not area.has_z


def test_a_multipolygon_keeps_its_parts() -> None:
    assert len(parse_area(multipolygon([square(139.7, 35.6)], [square(139.8, 35.6)])).geoms) == 2


BOW_TIE = ring((139.7, 35.6), (139.702, 35.602), (139.702, 35.6), (139.7, 35.602))
UNCLOSED = square(139.7, 35.6)[:-1]
SHELL = square(139.7, 35.6)


@pytest.mark.parametrize(
    ("geojson", "words", "pointer"),
    [
        ({"type": "Point", "coordinates": [139.7, 35.6]}, "Polygon", "/type"),
        ({"coordinates": [SHELL]}, "Polygon", "/type"),
        ({"type": "Polygon"}, "list of rings", "/coordinates"),
        ({"type": "Polygon", "coordinates": []}, "list of rings", "/coordinates"),
        ({"type": "MultiPolygon", "coordinates": []}, "list of polygons", "/coordinates"),
        (multipolygon([]), "list of rings", "/coordinates/0"),
        (polygon([]), "list of positions", "/coordinates/0"),
        (polygon(SHELL[:2] + SHELL[:1]), "at least four", "/coordinates/0"),
        (polygon([*UNCLOSED, [139.69, 35.59]]), "not closed", "/coordinates/0/4"),
        (polygon([["139.7", 35.6], *SHELL[1:]]), "two numbers", "/coordinates/0/0"),
        (polygon([[True, 35.6], *SHELL[1:]]), "two numbers", "/coordinates/0/0"),
        (polygon([[139.7], *SHELL[1:]]), "two numbers", "/coordinates/0/0"),
        (polygon([SHELL[0], [math.nan, 35.6], *SHELL[2:]]), "longitude must be", "/coordinates/0/1/0"),
        (polygon([SHELL[0], [139.7, math.inf], *SHELL[2:]]), "latitude must be", "/coordinates/0/1/1"),
        (polygon([SHELL[0], [10**400, 35.6], *SHELL[2:]]), "longitude must be", "/coordinates/0/1/0"),
        (polygon([SHELL[0], [180.1, 35.6], *SHELL[2:]]), "longitude must be", "/coordinates/0/1/0"),
        (polygon([[35.6, 139.7], *SHELL[1:]]), "swapped", "/coordinates/0/0"),
        (polygon([[15_557_000.0, 4_257_000.0], *SHELL[1:]]), "no degrees", "/coordinates/0/0"),
        (polygon(SHELL) | {"crs": {"type": "EPSG", "properties": {"code": 4301}}}, "Tokyo", "/crs"),
        (polygon(SHELL) | {"crs": {"type": "link", "properties": {"href": "/crs"}}}, "link", "/crs"),
        (polygon(BOW_TIE), "crosses itself near 35.6010, 139.7010", "/coordinates"),
        (multipolygon([SHELL], [BOW_TIE]), "crosses itself", "/coordinates/1"),
        (polygon(SHELL, square(139.8, 35.6)), "hole lies outside", "/coordinates"),
        (multipolygon([SHELL], [square(139.7, 35.6, 0.0005)]), "inside another", "/coordinates"),
        (multipolygon([SHELL], [square(139.7005, 35.6)]), "crosses itself", "/coordinates"),
        (polygon(square(139.7, 35.6, 0.00001)), "smaller than 100 square metres", "/coordinates"),
        (polygon(square(139.7, 35.6, 1.0)), "more than 200 km", "/coordinates"),
        (multipolygon([square(139.7, 35.6)], [square(142.7, 35.6)]), "more than 200 km", "/coordinates"),
        (
            polygon(ring((179.0, 16.0), (-179.0, 16.0), (-179.0, 16.2), (179.0, 16.2))),
            "more than 200 km",
            "/coordinates",
        ),
        (polygon(square(10, 89.993)), "pole", "/coordinates/0/0"),
        (polygon(ring((0, 89.9), (90, 89.9), (180, 89.9), (-90, 89.9))), "around a pole", "/coordinates/0"),
    ],
)
def test_a_wrong_shape_is_refused_with_advice(geojson: dict[str, object], words: str, pointer: str) -> None:
    refused = refusal(geojson)
    assert words in refused.reason
    assert refused.pointer == pointer


def many_corners(count: int) -> list[list[float]]:
    turns = [2 * math.pi * n / count for n in range(count)]
    return ring(*((139.7 + 0.01 * math.cos(turn), 35.6 + 0.01 * math.sin(turn)) for turn in turns))


def test_ten_thousand_positions_are_enough() -> None:
    assert not parse_area(polygon(many_corners(9_999))).is_empty
    assert "10,000 positions" in refusal(polygon(many_corners(10_000))).reason
    far = [[lon + 1, lat] for lon, lat in many_corners(5_000)]
    assert "10,000 positions" in refusal(multipolygon([many_corners(5_000)], [far])).reason


@pytest.mark.parametrize("start", range(4))
def test_a_ring_across_the_antimeridian_is_split_there(start: int) -> None:
    corners = [(179.9, 16.0), (-179.8, 16.0), (-179.8, 16.2), (179.9, 16.2)]
    hole = ring((179.95, 16.05), (-179.95, 16.05), (-179.95, 16.1), (179.95, 16.1))
    area = parse_area(polygon(ring(*corners[start:], *corners[:start]), hole))
    west, east = sorted((part.bounds for part in area.geoms), key=lambda bounds: bounds[0])
    assert west == pytest.approx((-180, 16, -179.8, 16.2))
    assert east == pytest.approx((179.9, 16, 180, 16.2))
    assert area.covers(shapely.Point(-179.9, 16.15))
    assert not area.covers(shapely.Point(-179.97, 16.07))
    assert all(part.exterior.is_ccw for part in area.geoms)


def test_a_shape_already_split_at_the_antimeridian_is_kept() -> None:
    east = ring((179.9, 16.0), (180.0, 16.0), (180.0, 16.2), (179.9, 16.2))
    west = ring((-180.0, 16.0), (-179.9, 16.0), (-179.9, 16.2), (-180.0, 16.2))
    area = parse_area(multipolygon([east], [west]))
    assert area.area == pytest.approx(0.04)


def test_a_ring_that_only_touches_the_antimeridian_stays_whole() -> None:
    assert len(parse_area(polygon(ring((179.9, 16.0), (180.0, 16.1), (179.9, 16.2)))).geoms) == 1


@pytest.mark.parametrize(
    ("lat", "lon", "radius_m", "pointer"),
    [
        (math.nan, 139.7, 50, "/lat"),
        (90.1, 139.7, 50, "/lat"),
        (35.6, math.inf, 50, "/lon"),
        (35.6, -180.1, 50, "/lon"),
        (35.6, 139.7, 9.9, "/radius_m"),
        (35.6, 139.7, 50_000.1, "/radius_m"),
        (35.6, 139.7, math.nan, "/radius_m"),
        (89.6, 139.7, 44_000, "/lat"),
        (-89.6, 139.7, 44_000, "/lat"),
    ],
)
def test_a_wrong_circle_is_refused(lat: float, lon: float, radius_m: float, pointer: str) -> None:
    with pytest.raises(InvalidShape) as caught:
        check_circle(lat, lon, radius_m)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(("lat", "radius_m"), [(35.6, 10), (0, 50_000), (89.6, 43_000), (-89.6, 43_000)])
def test_a_good_circle_passes(lat: float, radius_m: float) -> None:
    check_circle(lat, 139.7, radius_m)


def rectangle_m(lon: float, lat: float, width_m: float, height_m: float) -> dict[str, object]:
    """A rectangle whose south-west corner is at (lon, lat); its longitudes may run past 180."""
    lat_m, lon_m = metres_per_degree(lat)
    east, north = lon + width_m / lon_m, lat + height_m / lat_m
    corners = [(lon, lat), (east, lat), (east, north), (lon, north)]
    return polygon(ring(*((x - 360 if x > 180 else x, y) for x, y in corners)))


@pytest.mark.parametrize(
    ("lon", "lat", "width_m", "height_m", "radius_m"),
    [
        (139.7, 35.6, 200, 100, 50),
        (18.9, 65.0, 60, 300, 30),
        (179.999, 16.0, 400, 400, 200),
        (139.7, 35.6, 20_000, 40, 20),
        (139.7, 60.0, 100, 90_000, 50),
    ],
)
def test_the_inscribed_radius_is_half_the_narrow_side(
    lon: float, lat: float, width_m: float, height_m: float, radius_m: float
) -> None:
    # The tall one narrows to the north, so its widest circle is at the south end.
    area = parse_area(rectangle_m(lon, lat, width_m, height_m))
    assert inscribed_radius_m(area) == pytest.approx(radius_m, rel=0.015)


def test_the_inscribed_circle_of_a_sliver_is_found_too() -> None:
    lat_m, lon_m = metres_per_degree(35.6)
    sliver = parse_area(polygon(ring((139.7, 35.6), (139.7 + 20_000 / lon_m, 35.6), (139.7, 35.6 + 60 / lat_m))))
    # Of a right triangle: half of what the legs are longer than the hypotenuse.
    assert inscribed_radius_m(sliver) == pytest.approx((20_000 + 60 - math.hypot(20_000, 60)) / 2, rel=0.015)


def test_a_hole_narrows_the_inscribed_circle() -> None:
    area = parse_area(polygon(square(139.7, 0, 0.002), square(139.7, 0, 0.0015)))
    assert inscribed_radius_m(area) < 0.2 * inscribed_radius_m(parse_area(polygon(square(139.7, 0, 0.002))))


@pytest.mark.parametrize("lat", [0, 35.6, -65, 85])
def test_a_degree_is_as_long_as_the_geodesic_says(lat: float) -> None:
    lat_m, lon_m = metres_per_degree(lat)
    small = 1e-4
    assert lat_m * small == pytest.approx(distance_m(lat - small / 2, 10, lat + small / 2, 10), rel=1e-6)
    assert lon_m * small == pytest.approx(float(WGS84.inv(10, lat, 10 + small, lat)[2]), rel=1e-6)
