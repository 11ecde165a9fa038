"""The bound that nearest-N sync relies on, and how little of a large set it looks at."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import ball_tree
from geo.geodesy import distance_m
from geo.geofence import Fence
from geo.index import FenceIndex
from geo.nearest import find_nearest_regions
from geo.overlay import OverlaidFences
from ids import GeofenceId, ProgramId
from kit.steps import run_through
from tests.geo.test_nearest import RIVAL_BRAND, area, chosen, circle, fix_at, town
from tests.support.matcher_model import list_current
from tests.support.tracks import BRAND

latitudes, longitudes = st.floats(-89, 89), st.floats(-180, 180)


def approach(index: FenceIndex | OverlaidFences, lat: float, lon: float) -> list[tuple[list[int], list[float], float]]:
    return [(p.tolist(), g.tolist(), beyond) for p, g, beyond in index.iterate_nearest_groups(BRAND, lat, lon)]


@given(latitudes, longitudes, latitudes, longitudes, st.floats(10, 50_000))
def test_the_bound_is_never_more_than_the_distance(
    lat: float, lon: float, fence_lat: float, fence_lon: float, radius_m: float
) -> None:
    index = FenceIndex.build([circle(1, fence_lat, fence_lon, radius_m)])
    [(_, [min_distance_m], _)] = approach(index, lat, lon)
    true_m = distance_m(lat, lon, fence_lat, fence_lon) - radius_m
    assert min_distance_m <= true_m
    if true_m + radius_m < 200_000:
        assert min_distance_m > true_m - 0.011 * (true_m + radius_m) - 0.6


@given(st.floats(-84, 84), st.floats(-180, 180), st.floats(20, 2_000))
def test_an_areas_circle_holds_it(lat: float, lon: float, half_m: float) -> None:
    index = FenceIndex.build([square := area(1, lat, lon, half_m)])
    (lat_, lon_, radius_m) = index.circles_at(np.array([0]))[0].tolist()
    for corner_lon, corner_lat in square.shape.polygons.geoms[0].exterior.coords:  # type: ignore[union-attr]
        assert distance_m(lat_, lon_, corner_lat, corner_lon) <= radius_m
    assert radius_m < 1.5 * half_m


@pytest.fixture
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ball_tree, "GROUP_SIZE", 16)


def crowd(seed: int) -> list[Fence]:
    """Two programs in one town at the antimeridian, so that some fences have boxes in two trees."""
    fences = town(seed, 600, -17.0, 179.99, 8_000.0)
    return fences + [
        circle(f.geofence_id.int + 5000, -17.0, 179.99 + n * 1e-5, 40.0, RIVAL_BRAND)
        for n, f in enumerate(fences[:100])
    ]


@pytest.mark.usefixtures("_small_groups")
@pytest.mark.parametrize("seed", range(8))
def test_groups_hold_each_fence_once_and_keep_their_promise(seed: int) -> None:
    chance = np.random.default_rng(seed)
    fences = crowd(seed)
    index = FenceIndex.build(fences)
    lat, lon = -17.0 + chance.normal(0, 0.3), 179.99 + chance.normal(0, 0.3)
    told = approach(index, lat, lon)
    assert len(told) > 20
    found = sorted(position for positions, _, _ in told for position in positions)
    assert found == [n for n, fence in enumerate(fences) if fence.program_id == BRAND]
    for number, (_, _, rest_min_distance_m) in enumerate(told):
        assert all(
            min_distance_m >= rest_min_distance_m
            for _, min_distances_m, _ in told[number + 1 :]
            for min_distance_m in min_distances_m
        )


@pytest.mark.usefixtures("_small_groups")
@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_of_many_groups_are_those_of_one(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = np.random.default_rng(seed)
    fences = crowd(seed)
    cut = FenceIndex.build(fences)
    monkeypatch.setattr(ball_tree, "GROUP_SIZE", 10_000)
    whole = FenceIndex.build(fences)
    for _ in range(20):
        where = fix_at(-17.0 + chance.normal(0, 0.2), (179.99 + chance.normal(0, 0.2) + 180) % 360 - 180)
        assert find_nearest_regions(cut, BRAND, where, 19) == find_nearest_regions(whole, BRAND, where, 19)


@pytest.mark.parametrize("seed", range(4))
def test_under_an_overlay_what_is_hidden_is_not_near(seed: int) -> None:
    chance = np.random.default_rng(seed)
    fences = town(seed, 300, 35.68, 139.76, 4_000.0)
    changes: dict[GeofenceId, Fence | None] = {fence.geofence_id: None for fence in fences[:100]}
    changes |= {
        f.geofence_id: circle(f.geofence_id.int, 35.68 + n * 1e-4, 139.7) for n, f in enumerate(fences[100:200])
    }
    edited = run_through(OverlaidFences.over(FenceIndex.build(fences)).change_in_steps(changes))
    fresh = FenceIndex.build(list_current(edited))
    for _ in range(20):
        where = fix_at(35.68 + chance.normal(0, 0.05), 139.76 + chance.normal(0, 0.05))
        assert find_nearest_regions(edited, BRAND, where, 19) == find_nearest_regions(fresh, BRAND, where, 19)


class _Counted:
    """A `FenceSet` that counts what was looked at."""

    def __init__(self, index: FenceIndex) -> None:
        self.index, self.fences, self.circles_at, self.groups = index, index.fences, index.circles_at, 0

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> object:
        for near in self.index.iterate_nearest_groups(program_id, lat, lon):
            self.groups += 1
            yield near


@pytest.mark.usefixtures("_small_groups")
@pytest.mark.parametrize(("lat", "most"), [(35.68, 6), (35.95, 14), (36.4, 14), (45.0, 1)])
def test_far_from_a_city_few_groups_are_looked_into(lat: float, most: int) -> None:
    """In its middle, at its rim 30 km away, 80 km away and out of reach: not all of its groups."""
    corner: Sequence[int] = range(60)
    city = FenceIndex.build(
        circle(60 * row + column, 35.48 + row * 0.0067, 139.5 + column * 0.0083) for row in corner for column in corner
    )
    counted = _Counted(city)
    found = find_nearest_regions(counted, BRAND, fix_at(lat, 139.76), 19)  # type: ignore[arg-type]
    assert len(chosen(found)) == (19 if lat < 40 else 0)
    assert counted.groups <= most
