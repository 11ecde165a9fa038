"""A made-up metropolis: fences at one density whatever their number, and walkers who move through it. Pure.

Ten fences a square kilometre on a square around Tokyo station. Half are circles of 30-100 m radius, half eight-cornered
areas of the same size. Each walker lives at a random place and knows the fence that is nearest to it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FENCES_PER_KM2 = 10.0
SMALLEST_M, WIDEST_M = 30.0, 100.0
MOVE_M = 30.0
NEAR_SHARE = 0.1
# "Near a fence" is within this many of its radii of the centre: two thirds of such points are inside a circle.
NEAR_RADII = 1.5
# How many fixes in a row are near the fence when a walker passes it in a longer upload.
PASSING_FIXES = 10

_CENTRE_LAT, _CENTRE_LON = 35.6812, 139.7671
_LAT_M = 110_946.0
_LON_M = 90_540.0
_CORNERS = 8


@dataclass(frozen=True)
class Fences:
    """Row by row: centre in degrees and size in metres. The last ones are areas, one MultiPolygon each."""

    lats: Floats
    lons: Floats
    radii_m: Floats
    areas: NDArray[Any]

    @property
    def circle_count(self) -> int:
        return len(self.lats) - len(self.areas)


@dataclass
class Walkers:
    """Where each walker is now, and the fence that is theirs (its position in Fences).

    `near_share`: of their fixes so many are near it.
    """

    lats: Floats
    lons: Floats
    fences: Integers
    near_share: float = NEAR_SHARE


def make_fences(count: int, rng: np.random.Generator) -> Fences:
    lats, lons = _scatter(count, count, rng)
    radii_m = rng.uniform(SMALLEST_M, WIDEST_M, count)
    circle_count = count - count // 2
    areas, inscribed_m = _make_areas(lats[circle_count:], lons[circle_count:], radii_m[circle_count:], rng)
    radii_m[circle_count:] = inscribed_m
    return Fences(lats, lons, radii_m, areas)


def make_walkers(count: int, fences: Fences, rng: np.random.Generator, near_share: float = NEAR_SHARE) -> Walkers:
    lats, lons = _scatter(count, len(fences.lats), rng)
    centres: NDArray[Any] = np.asarray(shapely.points(fences.lons * _LON_M, fences.lats * _LAT_M))
    tree = shapely.STRtree(centres)
    nearest = tree.nearest(shapely.points(lons * _LON_M, lats * _LAT_M))
    return Walkers(lats, lons, np.asarray(nearest, np.int64), near_share)


def walk(
    walkers: Walkers, fences: Fences, who: Integers, fixes: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move each of `who` (distinct) by `fixes` steps of 30 m; return latitudes and longitudes, a row a walker.

    A share of the points (`near_share`) is near the walker's fence instead: single ones of one-fix uploads, in longer
    ones a run of fixes, as when somebody passes a shop.
    """
    headings = rng.uniform(0, 2 * np.pi, (len(who), fixes))
    lats = walkers.lats[who, None] + np.cumsum(np.sin(headings) * (MOVE_M / _LAT_M), axis=1)
    lons = walkers.lons[who, None] + np.cumsum(np.cos(headings) * (MOVE_M / _LON_M), axis=1)
    walkers.lats[who], walkers.lons[who] = lats[:, -1], lons[:, -1]
    near = _choose_near(walkers.near_share, len(who), fixes, rng)
    fence = np.broadcast_to(walkers.fences[who][:, None], near.shape)[near]
    away_m = fences.radii_m[fence] * rng.uniform(0, NEAR_RADII, len(fence))
    towards = rng.uniform(0, 2 * np.pi, len(fence))
    lats[near] = fences.lats[fence] + np.sin(towards) * away_m / _LAT_M
    lons[near] = fences.lons[fence] + np.cos(towards) * away_m / _LON_M
    return lats, lons


def _choose_near(share: float, rows: int, fixes: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    run = min(fixes, PASSING_FIXES)
    chance = min(1.0, share * fixes / run)
    start = rng.integers(0, fixes - run + 1, rows)
    steps = np.arange(fixes)
    in_run = (steps >= start[:, None]) & (steps < start[:, None] + run)
    chosen: NDArray[np.bool_] = in_run & (rng.random(rows) < chance)[:, None]
    return chosen


def _scatter(count: int, fence_count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    half_side_m = 500 * np.sqrt(fence_count / FENCES_PER_KM2)
    north_m, east_m = rng.uniform(-half_side_m, half_side_m, (2, count))
    return _CENTRE_LAT + north_m / _LAT_M, _CENTRE_LON + east_m / _LON_M


def _make_areas(lats: Floats, lons: Floats, outer_m: Floats, rng: np.random.Generator) -> tuple[NDArray[Any], Floats]:
    """MultiPolygons in degrees, and the radius of each one's largest inscribed circle.

    Opposite corners are equally far from the centre, so a largest inscribed circle sits there.
    """
    half = rng.uniform(0.75, 1.0, (len(lats), _CORNERS // 2))
    corner_m = outer_m[:, None] * np.concatenate([half, half], axis=1)
    angle = rng.uniform(0, np.pi, len(lats))[:, None] + np.arange(_CORNERS) * (2 * np.pi / _CORNERS)
    flat = np.stack([np.cos(angle) * corner_m, np.sin(angle) * corner_m], axis=2)
    inscribed_m = shapely.distance(shapely.linearrings(flat), shapely.Point(0, 0))
    rings = np.stack([lons, lats], axis=1)[:, None, :] + flat / (_LON_M, _LAT_M)
    polygons: NDArray[Any] = np.asarray(shapely.polygons(rings))
    areas: NDArray[Any] = np.asarray(shapely.multipolygons(polygons[:, None]), dtype=object)
    return areas, np.asarray(inscribed_m, np.float64)
