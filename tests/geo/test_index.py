"""Containment, decided in memory, against PostGIS and against a plain loop."""

import math
import random
from uuid import UUID

import asyncpg
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.edges import outside_m
from geo.geodesy import WGS84, distance_m, metres_per_degree
from geo.index import Area, Circle, Fence, FenceIndex
from geo.shapes import parse_area

BRAND, RIVAL = UUID(int=1), UUID(int=2)
# Beyond this from the edge the index and PostGIS must agree.
AGREEMENT_M = 0.1


def fence(number: int, shape: Circle | Area, program_id: UUID = BRAND) -> Fence:
    radius_m = shape.radius_m if isinstance(shape, Circle) else 50.0
    return Fence(UUID(int=1000 + number), program_id, UUID(int=2000 + number), f"fence {number}", shape, radius_m)


def area(*corners: tuple[float, float]) -> Area:
    return Area(parse_area({"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}))


def holding(index: FenceIndex, lat: float, lon: float, program_id: UUID = BRAND) -> list[int]:
    points, fences = index.contains([program_id], np.array([lat]), np.array([lon]))
    assert not points.any()
    return [int(position) for position in fences]


def blob(chance: random.Random, lat: float, lon: float, size_m: float) -> Area:
    """A random star-shaped polygon with straight edges, across the antimeridian where it must be."""
    lat_m, lon_m = metres_per_degree(lat)
    corners = []
    count = chance.randint(3, 12)
    for step in range(count):
        turn, reach_m = step * 2 * math.pi / count, size_m * chance.uniform(0.4, 1)
        x = lon + reach_m * math.cos(turn) / lon_m
        corners.append(((x + 180) % 360 - 180, lat + reach_m * math.sin(turn) / lat_m))
    return area(*corners)


def near_edge(chance: random.Random, shape: Circle | Area) -> tuple[float, float]:
    """A point within about 20 m of the edge, half of them within 20 cm."""
    off_m = chance.choice([0.2, 20.0]) * chance.uniform(-1, 1)
    if isinstance(shape, Circle):
        lon, lat, _ = WGS84.fwd(shape.lon, shape.lat, chance.uniform(0, 360), shape.radius_m + off_m)
    else:
        edge = shape.polygons.boundary
        on_edge = shapely.line_interpolate_point(edge, chance.uniform(0, edge.length))
        lon, lat, _ = WGS84.fwd(on_edge.x, on_edge.y, chance.uniform(0, 360), off_m)
    return float(lat), float(lon)


PLACES = [(35.68, 139.76), (65.0, 25.4), (-65.0, -64.0), (0.0, 0.0), (16.5, 180.0), (-16.8, -179.9999), (88.0, 30.0)]


def edge_cases(seed: int) -> tuple[list[Fence], list[tuple[int, float, float]]]:
    """Fences at `PLACES` and, for each, points near its edge as (number of the fence, lat, lon)."""
    chance = random.Random(seed)
    fences: list[Fence] = []
    for lat, lon in PLACES:
        fences += [fence(len(fences), Circle(lat, lon, radius_m)) for radius_m in (10.0, 120.0, 50_000.0)]
        fences += [fence(len(fences) + n, blob(chance, lat, lon, size_m)) for n, size_m in enumerate((30.0, 400.0))]
    points = [(n, *near_edge(chance, f.shape)) for n, f in enumerate(fences) for _ in range(120)]
    return fences, points


def edge_distance_m(shape: Circle | Area, lat: float, lon: float) -> float:
    if isinstance(shape, Circle):
        return abs(distance_m(shape.lat, shape.lon, lat, lon) - shape.radius_m)
    lat_m, lon_m = metres_per_degree(lat)

    def flatten(coordinates: np.ndarray) -> np.ndarray:
        return np.stack([(coordinates[:, 0] - lon) * lon_m, (coordinates[:, 1] - lat) * lat_m], axis=1)

    return float(shapely.transform(shape.polygons.boundary, flatten).distance(shapely.Point(0, 0)))


CIRCLES = """
select st_dwithin(st_makepoint(c.lon, c.lat)::geography, st_makepoint(c.x, c.y)::geography, c.radius_m, true) as held
from unnest($1::float8[], $2::float8[], $3::float8[], $4::float8[], $5::float8[])
    with ordinality as c (lon, lat, radius_m, x, y, n)
order by c.n
"""
AREAS = """
select st_covers(st_geomfromwkb(a.wkb, 4326), st_setsrid(st_makepoint(a.x, a.y), 4326)) as held
from unnest($1::bytea[], $2::float8[], $3::float8[]) with ordinality as a (wkb, x, y, n)
order by a.n
"""


async def held_by_postgis(
    pool: asyncpg.Pool, fences: list[Fence], points: list[tuple[int, float, float]]
) -> dict[int, bool]:
    """Whether PostGIS finds each point in the fence that it was made for."""
    shapes = [(position, fences[n].shape, lat, lon) for position, (n, lat, lon) in enumerate(points)]
    circles = [(n, s.lon, s.lat, s.radius_m, lon, lat) for n, s, lat, lon in shapes if isinstance(s, Circle)]
    areas = [(n, shapely.to_wkb(s.polygons), lon, lat) for n, s, lat, lon in shapes if isinstance(s, Area)]
    held: dict[int, bool] = {}
    for query, rows in ((CIRCLES, circles), (AREAS, areas)):
        positions, *columns = zip(*rows, strict=True)
        held |= dict(zip(positions, [row["held"] for row in await pool.fetch(query, *columns)], strict=True))
    return held


@pytest.mark.parametrize("seed", [1, 2])
async def test_postgis_agrees_near_every_edge(pool: asyncpg.Pool, seed: int) -> None:
    fences, points = edge_cases(seed)
    index = FenceIndex.build(fences)
    _, lats, lons = (np.array(column, np.float64) for column in zip(*points, strict=True))
    found = set(zip(*(column.tolist() for column in index.contains([BRAND] * len(points), lats, lons)), strict=True))
    truth = await held_by_postgis(pool, fences, points)
    disagreements = [
        (fences[n].shape, lat, lon)
        for position, (n, lat, lon) in enumerate(points)
        if ((position, n) in found) != truth[position] and edge_distance_m(fences[n].shape, lat, lon) > AGREEMENT_M
    ]
    assert len(points) == 4200
    assert 0.3 < sum(truth.values()) / len(truth) < 0.7
    assert disagreements == []


def test_a_boundary_belongs_to_an_area() -> None:
    index = FenceIndex.build([fence(0, area((10, 50), (10.25, 50), (10.25, 50.25), (10, 50.25)))])
    assert holding(index, 50, 10.125) == [0]
    assert holding(index, 50.25, 10.25) == [0]
    assert holding(index, 49.999999, 10.125) == []


def test_a_hole_holds_nothing() -> None:
    rings = [
        [[10, 50], [10.3, 50], [10.3, 50.3], [10, 50.3], [10, 50]],
        [[10.1, 50.1], [10.2, 50.1], [10.2, 50.2], [10.1, 50.2], [10.1, 50.1]],
    ]
    index = FenceIndex.build([fence(0, Area(parse_area({"type": "Polygon", "coordinates": rings})))])
    assert holding(index, 50.15, 10.15) == []
    assert holding(index, 50.15, 10.05) == [0]


def test_a_circle_across_the_antimeridian_is_found_once_from_both_sides() -> None:
    index = FenceIndex.build([fence(0, Circle(-16.8, 179.9995, 200.0)), fence(1, Circle(-16.8, -179.9995, 200.0))])
    for lon in (179.9999, 180.0, -180.0, -179.9999):
        assert holding(index, -16.8, lon) == [0, 1]
    assert holding(index, -16.8, 179.998) == [0]
    assert holding(index, -16.8, -179.998) == [1]


def test_a_point_on_the_seam_of_two_parts_is_found_once() -> None:
    parts = shapely.MultiPolygon([shapely.box(10, 50, 10.1, 50.1), shapely.box(10.1, 50.1, 10.2, 50.2)])
    assert holding(FenceIndex.build([fence(0, Area(parts))]), 50.1, 10.1) == [0]


def test_a_point_never_matches_the_fence_of_another_program() -> None:
    here = Circle(35.68, 139.76, 100.0)
    index = FenceIndex.build([fence(0, here), fence(1, here, RIVAL)])
    assert holding(index, 35.68, 139.76) == [0]
    assert holding(index, 35.68, 139.76, RIVAL) == [1]
    assert holding(index, 35.68, 139.76, UUID(int=3)) == []


def test_a_mixed_batch_is_sorted_by_point_and_fence() -> None:
    here, square = Circle(35.68, 139.76, 100.0), area((139.7595, 35.6795), (139.7605, 35.6795), (139.76, 35.6805))
    index = FenceIndex.build([fence(0, square), fence(1, here), fence(2, square, RIVAL), fence(3, here)])
    lats, lons = np.array([35.68, 0.0, 35.68, 35.6807]), np.array([139.76] * 4)
    points, fences = index.contains([BRAND, BRAND, RIVAL, BRAND], lats, lons)
    assert points.tolist() == [0, 0, 0, 2, 3, 3]
    assert fences.tolist() == [0, 1, 3, 2, 1, 3]


@pytest.mark.parametrize("fences", [[], [fence(0, Circle(35.68, 139.76, 100.0))]], ids=["no fences", "one circle"])
def test_nothing_is_found_where_nothing_is(fences: list[Fence]) -> None:
    index = FenceIndex.build(fences)
    assert holding(index, 10.0, 10.0) == []
    assert holding(index, math.nan, 139.76) == []
    points, positions = index.contains([], np.array([]), np.array([]))
    assert len(points) == len(positions) == 0
    assert len(index) == len(index.fences) == len(fences)


def test_a_fence_is_got_by_its_id() -> None:
    fences = [fence(n, Circle(35.68, 139.76, 100.0)) for n in range(3)]
    index = FenceIndex.build(iter(fences))
    assert index.get(fences[2].geofence_id) is index.fences[2] is fences[2]
    assert index.get(UUID(int=9)) is None


ON_EARTH = {"lat": st.floats(-88.5, 88.5), "lon": st.floats(-180, 180)}


@given(**ON_EARTH, radius_m=st.floats(10, 50_000), bearing=st.floats(0, 360), share=st.floats(0, 0.9999))
def test_a_circle_holds_all_that_is_nearer_than_its_radius(
    lat: float, lon: float, radius_m: float, bearing: float, share: float
) -> None:
    index = FenceIndex.build([fence(0, Circle(lat, lon, radius_m))])
    x, y, _ = WGS84.fwd(lon, lat, bearing, radius_m * share)
    assert holding(index, y, x) == [0]
    x, y, _ = WGS84.fwd(lon, lat, bearing, radius_m * (1.0001 + share))
    assert holding(index, y, x) == []


@given(**ON_EARTH, radius_m=st.floats(10, 50_000), bearing=st.floats(0, 360), away_m=st.floats(0, 5_000))
def test_outside_m_of_a_circle_is_the_way_to_its_rim(
    lat: float, lon: float, radius_m: float, bearing: float, away_m: float
) -> None:
    x, y, _ = WGS84.fwd(lon, lat, bearing, radius_m + away_m)
    assert outside_m(fence(0, Circle(lat, lon, radius_m)), y, x) == pytest.approx(away_m, abs=0.01)


@pytest.mark.parametrize("lat", [0.0, 35.6, 65.0, -70.0])
@pytest.mark.parametrize("lon", [139.7, 179.9999, -180.0])
@pytest.mark.parametrize("bearing", [0, 90, 180, 270])
def test_outside_m_of_an_area_is_right_within_half_a_per_cent(lat: float, lon: float, bearing: float) -> None:
    lat_m, lon_m = metres_per_degree(lat)
    dlon, dlat = 200 / lon_m, 200 / lat_m
    west, east = (lon - dlon + 180) % 360 - 180, (lon + dlon + 180) % 360 - 180
    south, north = lat - dlat, lat + dlat
    shape = fence(0, area((west, south), (east, south), (east, north), (west, north)))
    for away_m in (1.0, 30.0, 300.0, 1000.0):
        x, y, _ = WGS84.fwd(lon, lat, bearing, 200 + away_m)
        assert outside_m(shape, y, x) == pytest.approx(away_m, rel=0.005, abs=0.02)
    assert outside_m(shape, lat, lon) == 0


def test_outside_m_looks_across_the_antimeridian() -> None:
    _, lon_m = metres_per_degree(16.5)
    beyond = fence(0, area((-179.999, 16.499), (-179.99, 16.499), (-179.99, 16.501), (-179.999, 16.501)))
    assert outside_m(beyond, 16.5, 179.999) == pytest.approx(0.002 * lon_m, rel=0.005)
