"""The city is what its docstring says: otherwise the figures would be about another one."""

import numpy as np
import pytest
import shapely

from bench.city import FENCES_PER_KM2, MOVE_M, make_fences, make_walkers, walk
from geo.geodesy import distance_m


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_half_of_the_fences_are_valid_areas_of_the_size_of_the_circles(rng: np.random.Generator) -> None:
    fences = make_fences(1000, rng)
    assert fences.circle_count == len(fences.areas) == 500
    assert shapely.is_valid(fences.areas).all()
    assert (fences.radii_m > 15).all()
    assert (fences.radii_m <= 100).all()


@pytest.mark.parametrize("count", [100, 10_000])
def test_the_density_is_the_same_at_every_count(count: int, rng: np.random.Generator) -> None:
    fences = make_fences(count, rng)
    south, north, west, east = fences.lats.min(), fences.lats.max(), fences.lons.min(), fences.lons.max()
    km2 = distance_m(south, west, north, west) * distance_m(south, west, south, east) / 1e6
    assert count / km2 == pytest.approx(FENCES_PER_KM2, rel=0.05)


@pytest.mark.parametrize("fixes", [1, 100])
def test_a_tenth_of_the_points_is_near_the_walkers_fence_and_the_rest_are_steps(
    fixes: int, rng: np.random.Generator
) -> None:
    fences = make_fences(1000, rng)
    walkers = make_walkers(20_000 // fixes, fences, rng)
    start_lats, start_lons = walkers.lats.copy(), walkers.lons.copy()
    who = np.arange(len(start_lats))
    lats, lons = walk(walkers, fences, who, fixes, rng)
    steps_m = [distance_m(*points) for points in zip(start_lats, start_lons, lats[:, 0], lons[:, 0], strict=True)]
    moved = np.isclose(steps_m, MOVE_M, rtol=0.01)
    assert moved.mean() == pytest.approx(0.9 if fixes == 1 else 1, abs=0.02)
    near = np.array(
        [
            distance_m(lat, lon, fences.lats[fence], fences.lons[fence]) <= 1.5 * fences.radii_m[fence] * 1.01
            for row, fence in enumerate(walkers.fences)
            for lat, lon in zip(lats[row], lons[row], strict=True)
        ]
    )
    # Some are near by chance: the city is dense.
    assert 0.1 < near.mean() < 0.35
    assert (near.reshape(lats.shape)[~moved, 0]).all()


def test_a_walk_goes_on_where_the_last_one_ended(rng: np.random.Generator) -> None:
    fences = make_fences(100, rng)
    walkers = make_walkers(10, fences, rng)
    before = walkers.lats.copy()
    walk(walkers, fences, np.array([3, 5]), 1, rng)
    assert np.flatnonzero(walkers.lats != before).tolist() == [3, 5]
