"""Containment, decided in memory, and against PostGIS."""

import math
import secrets
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from bench.oracle import compare
from geo.edges import distance_to_fence_m
from geo.geodesy import WGS84, metres_per_degree
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.shapes import parse_area
from ids import GeofenceId, ProgramId, StoreId

BRAND, RIVAL = ProgramId(UUID(int=1)), ProgramId(UUID(int=2))


def fence(number: int, shape: Circle | Area, program_id: ProgramId = BRAND) -> Fence:
    radius_m = shape.radius_m if isinstance(shape, Circle) else 50.0
    return Fence(
        GeofenceId(UUID(int=1000 + number)),
        program_id,
        StoreId(UUID(int=2000 + number)),
        f"fence {number}",
        shape,
        radius_m,
    )


def area(*corners: tuple[float, float]) -> Area:
    return Area(parse_area({"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}))


def holding(index: FenceIndex, lat: float, lon: float, program_id: ProgramId = BRAND) -> list[int]:
    points, fences = index.find_containing([program_id], [1], np.array([lat]), np.array([lon]))
    assert not points.any()
    return [int(position) for position in fences]


async def test_postgis_agrees_near_every_edge(database: str) -> None:
    """`./run bench oracle` asks the same about a million points."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    verdict = await compare(database, seed, 20_000)
    assert verdict.points == 20_000
    assert 0.4 < verdict.held / verdict.pairs < 0.6
    assert verdict.disagreements == 0, verdict


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
    assert holding(index, 35.68, 139.76, ProgramId(UUID(int=3))) == []


def test_a_mixed_batch_is_sorted_by_point_and_fence() -> None:
    here, square = Circle(35.68, 139.76, 100.0), area((139.7595, 35.6795), (139.7605, 35.6795), (139.76, 35.6805))
    index = FenceIndex.build([fence(0, square), fence(1, here), fence(2, square, RIVAL), fence(3, here)])
    lats, lons = np.array([35.68, 0.0, 35.68, 35.6807]), np.array([139.76] * 4)
    points, fences = index.find_containing([BRAND, RIVAL, BRAND], [2, 1, 1], lats, lons)
    assert points.tolist() == [0, 0, 0, 2, 3, 3]
    assert fences.tolist() == [0, 1, 3, 2, 1, 3]


@pytest.mark.parametrize("fences", [[], [fence(0, Circle(35.68, 139.76, 100.0))]], ids=["no fences", "one circle"])
def test_nothing_is_found_where_nothing_is(fences: list[Fence]) -> None:
    index = FenceIndex.build(fences)
    assert holding(index, 10.0, 10.0) == []
    assert holding(index, math.nan, 139.76) == []
    points, positions = index.find_containing([], [], np.array([]), np.array([]))
    assert len(points) == len(positions) == 0
    assert len(index) == len(index.fences) == len(fences)


def test_a_fence_is_got_by_its_id() -> None:
    fences = [fence(n, Circle(35.68, 139.76, 100.0)) for n in range(3)]
    index = FenceIndex.build(iter(fences))
    assert index.get(fences[2].geofence_id) is index.fences[2]
    assert index.fences[2] == fences[2]
    assert index.get(GeofenceId(UUID(int=9))) is None


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
    assert distance_to_fence_m(fence(0, Circle(lat, lon, radius_m)), y, x) == pytest.approx(away_m, abs=0.01)


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
        assert distance_to_fence_m(shape, y, x) == pytest.approx(away_m, rel=0.005, abs=0.02)
    assert distance_to_fence_m(shape, lat, lon) == 0


def test_outside_m_looks_across_the_antimeridian() -> None:
    _, lon_m = metres_per_degree(16.5)
    beyond = fence(0, area((-179.999, 16.499), (-179.99, 16.499), (-179.99, 16.501), (-179.999, 16.501)))
    assert distance_to_fence_m(beyond, 16.5, 179.999) == pytest.approx(0.002 * lon_m, rel=0.005)
