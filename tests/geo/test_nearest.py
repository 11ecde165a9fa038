"""Nearest-N sync: the right regions, and a refresh circle in which nothing is missed."""

import random
from datetime import timedelta
from functools import cache
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.fix import Fix
from geo.geodesy import WGS84, distance_m
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.nearest import MARGIN_M, MAX_SEARCH_M, NearestRegions, find_nearest_regions, find_unusable_reason, is_in_circle
from geo.shapes import parse_area
from ids import GeofenceId, ProgramId, StoreId
from tests.support.tracks import BRAND, NOON, at

RIVAL_BRAND = ProgramId(UUID(int=2))
ACCURACY_M = 20.0


def fix_at(lat: float, lon: float, accuracy_m: float | None = ACCURACY_M, seconds: float = 0) -> Fix:
    return Fix(lat, lon, accuracy_m, at(seconds))


def circle(number: int, lat: float, lon: float, radius_m: float = 50.0, brand: ProgramId = BRAND) -> Fence:
    return Fence(
        GeofenceId(UUID(int=number)),
        brand,
        StoreId(UUID(int=1)),
        f"door {number}",
        Circle(lat, lon, radius_m),
        radius_m,
    )


def area(number: int, lat: float, lon: float, half_m: float) -> Fence:
    """A square turned by 45 degrees, which fills half of its bounding box."""
    corners = []
    for azimuth in (0, 90, 180, 270, 0):
        east, north, _ = WGS84.fwd(lon, lat, azimuth, half_m)
        corners.append([east, north])
    polygons = parse_area({"type": "Polygon", "coordinates": [corners]})
    return Fence(
        GeofenceId(UUID(int=number)), BRAND, StoreId(UUID(int=1)), f"square {number}", Area(polygons), half_m * 0.7
    )


def town(seed: int, count: int, lat: float, lon: float, spread_m: float) -> list[Fence]:
    """Half circles, half areas, 15 to 200 m wide, twice as thick in the middle as at the rim."""
    rng = random.Random(seed)
    fences = []
    for number in range(1, count + 1):
        east, north, _ = WGS84.fwd(lon, lat, rng.uniform(0, 360), spread_m * rng.random() ** 0.6)
        size_m = rng.uniform(15, 200)
        fences.append(circle(number, north, east, size_m) if number % 2 else area(number, north, east, size_m))
    return fences


@cache
def city() -> FenceIndex:
    return FenceIndex.build(town(7, 10_000, 35.68, 139.76, 12_000.0))


def chosen(nearest: NearestRegions) -> list[int]:
    return [region.geofence_id.int for region in nearest.regions]


def test_the_nearest_by_edge_come_first() -> None:
    near, wide, far = circle(1, 35.69, 139.76), circle(2, 35.70, 139.76, 1500.0), circle(3, 35.695, 139.76)
    found = find_nearest_regions(FenceIndex.build([far, near, wide]), BRAND, fix_at(35.68, 139.76), limit=2)
    assert chosen(found) == [2, 1]  # the wide one's edge is nearer, though its centre is not
    left_out_m = distance_m(35.68, 139.76, 35.695, 139.76) - 50
    assert (found.refresh.lat, found.refresh.lon) == (35.68, 139.76)
    assert found.refresh.radius_m == pytest.approx(left_out_m - ACCURACY_M - MARGIN_M, abs=1e-6)


def test_another_programs_fences_do_not_count() -> None:
    found = find_nearest_regions(
        FenceIndex.build([circle(1, 35.681, 139.76, brand=RIVAL_BRAND), circle(2, 35.69, 139.76)]),
        BRAND,
        fix_at(35.68, 139.76),
        limit=1,
    )
    assert chosen(found) == [2]
    assert found.refresh.radius_m == MAX_SEARCH_M - ACCURACY_M - MARGIN_M


def test_where_nothing_is_near_the_circle_is_large() -> None:
    for index in (FenceIndex.build([]), FenceIndex.build([circle(1, -35.0, 139.0)])):
        found = find_nearest_regions(index, BRAND, fix_at(35.68, 139.76, None), limit=19)
        assert found.regions == ()
        assert found.refresh.radius_m == MAX_SEARCH_M - 100 - MARGIN_M


def test_among_too_many_fences_the_phone_asks_at_every_fix() -> None:
    mall = FenceIndex.build([circle(number, 35.68, 139.76, 50.0 + number) for number in range(1, 41)])
    found = find_nearest_regions(mall, BRAND, fix_at(35.68, 139.76), limit=19)
    assert len(found.regions) == 19
    assert found.refresh.radius_m == 0


def test_an_area_is_watched_by_a_circle_around_it() -> None:
    square = area(1, 35.69, 139.76, 200.0)
    (region,) = find_nearest_regions(FenceIndex.build([square]), BRAND, fix_at(35.68, 139.76), limit=19).regions
    assert isinstance(square.shape, Area)
    for lon, lat in shapely.get_coordinates(square.shape.polygons):
        assert distance_m(region.lat, region.lon, lat, lon) <= region.radius_m


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"accuracy_m": None}, None),
        ({"accuracy_m": 501.0}, "accuracy_too_poor"),
        ({"mocked": True}, "mocked"),
        ({"recorded_at": NOON + timedelta(seconds=61)}, "future"),
        ({"recorded_at": NOON - timedelta(seconds=301)}, "too_old"),
        ({"lat": 91.0}, "lat_out_of_range"),
        ({"lon": float("nan")}, "lon_out_of_range"),
    ],
)
def test_a_bad_fix_chooses_nothing(changes: dict[str, object], reason: str | None) -> None:
    good = {"lat": 35.68, "lon": 139.76, "accuracy_m": 20.0, "recorded_at": NOON}
    assert find_unusable_reason(Fix(**(good | changes)), NOON) == reason  # type: ignore[arg-type]


PLACES = [(35.68, 139.76), (0.0, 179.999), (-17.8, -179.99), (84.0, 20.0), (-60.0, -70.0)]


@given(
    st.sampled_from(PLACES),
    st.integers(0, 2**32),
    st.integers(0, 60),
    st.sampled_from([500.0, 4_000.0, 60_000.0]),
    st.sampled_from([1, 5, 19]),
)
def test_the_set_is_what_measuring_every_fence_gives(
    place: tuple[float, float], seed: int, count: int, spread_m: float, limit: int
) -> None:
    fences = town(seed, count, *place, spread_m)
    found = find_nearest_regions(FenceIndex.build(fences), BRAND, fix_at(*place), limit)
    reach = find_nearest_regions(
        FenceIndex.build(fences), BRAND, fix_at(*place), count + 1
    )  # all within the largest search
    assert [r.geofence_id for r in found.regions] == [r.geofence_id for r in reach.regions[:limit]]
    edges = [distance_m(*place, r.lat, r.lon) - r.radius_m for r in reach.regions]
    assert edges == sorted(edges)
    left_out_m = min([*edges[limit : limit + 1], MAX_SEARCH_M])
    assert found.refresh.radius_m == pytest.approx(max(0.0, left_out_m - ACCURACY_M - MARGIN_M), abs=1e-6)
    assert len(reach.regions) >= sum(edge <= MAX_SEARCH_M for edge in edges)


def walk(rng: random.Random, step_m: float) -> list[tuple[float, float]]:
    """Where a phone really is, step by step."""
    lat, lon, heading = 35.68 + rng.uniform(-0.05, 0.05), 139.76 + rng.uniform(-0.05, 0.05), rng.uniform(0, 360)
    path = []
    for _ in range(1_500):
        heading += rng.gauss(0, 25)
        lon, lat, _ = WGS84.fwd(lon, lat, heading, step_m)
        path.append((lat, lon))
    return path


def fences_at(index: FenceIndex, path: list[tuple[float, float]]) -> list[list[Fence]]:
    """The fences that hold each point."""
    lats, lons = np.array(path).T
    points, positions = index.find_containing([BRAND], [len(path)], lats, lons)
    found: list[list[Fence]] = [[] for _ in path]
    for point, position in zip(points.tolist(), positions.tolist(), strict=True):
        found[point].append(index.fences[position])
    return found


@pytest.mark.parametrize("limit", [19, 99])
@pytest.mark.parametrize("seed", range(6))
def test_a_phone_that_syncs_on_leaving_the_circle_misses_no_fence(seed: int, limit: int) -> None:
    """10,000 stores. The phone knows only its noisy fixes; what it must not miss is where it really was."""
    print(f"walk of seed {seed}, {limit} regions")
    rng = random.Random(seed)
    index, path = city(), walk(rng, step_m=(2.0, 15.0, 120.0)[seed % 3])
    watched: NearestRegions | None = None
    inside = fences_at(index, path)
    syncs = doors = 0
    for (lat, lon), fences in zip(path, inside, strict=True):
        seen_lon, seen_lat, _ = WGS84.fwd(lon, lat, rng.uniform(0, 360), rng.uniform(0, ACCURACY_M))
        if watched is None or not is_in_circle(watched.refresh, seen_lat, seen_lon):
            watched, syncs = find_nearest_regions(index, BRAND, fix_at(seen_lat, seen_lon), limit), syncs + 1
        regions = {region.geofence_id: region for region in watched.regions}
        for fence in fences:
            doors += 1
            assert fence.geofence_id in regions, f"seed {seed}: missed {fence.name} at {lat}, {lon}"
            region = regions[fence.geofence_id]
            assert distance_m(region.lat, region.lon, lat, lon) <= region.radius_m
    print(f"{doors} times in a fence, {syncs} syncs")
    assert doors
    assert syncs < 500
