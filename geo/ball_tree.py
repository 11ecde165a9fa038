"""How far fences are at least: each as a ball in space, in groups of neighbours. Pure.

A place on the ellipsoid is taken for the unit vector of its latitude and longitude. The chord between two such vectors,
times the smallest radius of curvature, is never longer than the geodesic: a step along it is sqrt(M^2 dphi^2 +
N^2 cos^2(phi) dlambda^2), neither radius is smaller than that one, and a chord is no longer than its arc. What remains
of it without the radius of a fence's circle is never more than the distance to the circle's edge, and 1 % less at most.
Chords obey the triangle inequality, so a group has a ball of its own, and far groups need not be looked into.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo.geodesy import LARGEST_CURVATURE_M, SMALLEST_CURVATURE_M
from geo.tiled_tree import Floats, Geometries, Positions
from kit.steps import Steps

# More than rounding may take.
_SLACK_M = 0.25
_ENLARGEMENT = 1.0001
# How many circles one step measures: about a millisecond.
_STEP_SIZE = 1000


class Nearness(NamedTuple):
    """Positions of fences, and for each the metres to the edge of its circle at least (negative inside).

    What is still to come is at least `beyond_m` away.
    """

    positions: Positions
    gaps_m: Floats
    beyond_m: float


class _Group(NamedTuple):
    """`vectors` are three rows: x, y and z of all."""

    positions: Positions
    slots: Positions
    vectors: Floats
    radii_m: Floats


class Balls:
    """Immutable; made by `Balls.gathering`."""

    __slots__ = ("_centres", "_groups", "_radii")

    def __init__(self, groups: list[_Group], centres: Floats, radii: Floats) -> None:
        self._groups = groups
        self._centres = centres
        self._radii = radii

    @classmethod
    def gathering(
        cls, groups: Sequence[Positions], slots: Positions, measure: Callable[[Positions], Floats]
    ) -> Steps["Balls"]:
        """A fence that is in several of the groups is kept in one.

        `slots` stand for the programs of all fences; `measure` gives (lat, lon, radius_m) of some.
        """
        made: list[_Group] = []
        sole = yield from _in_one_group(groups, len(slots))
        centres, radii = np.empty((len(sole), 3)), np.empty(len(sole))
        for number, positions in enumerate(sole):
            circles = np.empty((len(positions), 3))
            for start in range(0, len(positions), _STEP_SIZE):
                circles[start : start + _STEP_SIZE] = measure(positions[start : start + _STEP_SIZE])
                yield
            lats, lons, radii_m = circles.T
            vectors = _to_vectors(lats, lons)
            made.append(_Group(positions, slots[positions], vectors.T.copy(), radii_m.copy()))
            centres[number] = vectors.mean(axis=0)
            radii[number] = (_lengths(vectors - centres[number]) + radii_m / SMALLEST_CURVATURE_M).max()
            yield
        return cls(made, centres, radii)

    def approach(self, slot: int, lat: float, lon: float) -> Iterator[Nearness]:
        """The fences of one program, group by group, the nearest group first."""
        point = _to_vectors(np.array([lat]), np.array([lon]))[0]
        least_m = (_lengths(self._centres - point) - self._radii) * SMALLEST_CURVATURE_M - _SLACK_M
        order = np.argsort(least_m)
        beyond_m = [*least_m[order[1:]].tolist(), np.inf]
        for number, still_m in zip(order.tolist(), beyond_m, strict=False):
            group = self._groups[number]
            x, y, z = group.vectors
            # |a - b|^2 = 2 - 2 ab for unit vectors: a tenth of the time of the difference, and good to 0.1 m. Not "@":
            # BLAS would wake a thread for it.
            chords = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (x * point[0] + y * point[1] + z * point[2])))
            gaps_m = chords * SMALLEST_CURVATURE_M - group.radii_m - _SLACK_M
            own = group.slots == slot
            yield Nearness(group.positions[own], gaps_m[own], still_m)


def _in_one_group(groups: Sequence[Positions], count: int) -> Steps[list[Positions]]:
    group_of = np.zeros(count, np.int64)
    for number, positions in enumerate(groups):
        group_of[positions] = number
    yield
    order = np.argsort(group_of, kind="stable")
    yield
    sole = np.split(order, np.flatnonzero(np.diff(group_of[order])) + 1)
    return [positions for positions in sole if len(positions)]


def enclose(areas: Geometries) -> Floats:
    """(lat, lon, radius_m) of a circle around the bounding box of each MultiPolygon.

    No point of a box is farther from its middle than the farthest corner: along a parallel the distance grows with the
    difference in longitude, and along a meridian, which is a geodesic, it is convex. The arc on the sphere times the
    largest radius of curvature is never less than the geodesic.
    """
    bounds = shapely.bounds(areas).reshape(-1, 4)
    for n in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180):
        bounds[n] = _rejoined_bounds(areas[n])
    west, south, east, north = bounds.T
    lats, lons = (south + north) / 2, (west + east) / 2
    middles = _to_vectors(lats, lons)
    chords = np.maximum(_lengths(_to_vectors(south, west) - middles), _lengths(_to_vectors(north, west) - middles))
    radii_m = 2 * np.arcsin(chords / 2) * LARGEST_CURVATURE_M * _ENLARGEMENT
    return np.stack([lats, (lons + 180) % 360 - 180, radii_m], axis=1)


def _rejoined_bounds(polygons: shapely.MultiPolygon) -> tuple[float, float, float, float]:
    """Of an area that was split at the antimeridian; its longitudes run past 180."""
    west, south, east, north = shapely.bounds(shapely.get_parts(polygons)).T
    turned = np.where(east <= 0, 360.0, 0.0)
    return float((west + turned).min()), float(south.min()), float((east + turned).max()), float(north.max())


def _to_vectors(lats: Floats, lons: Floats) -> Floats:
    phi, lam = np.radians(lats), np.radians(lons)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


def _lengths(vectors: Floats) -> Floats:
    lengths: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return lengths
