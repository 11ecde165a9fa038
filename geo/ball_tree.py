"""Lower bounds of the distances to fences: a ball tree of two levels, the fences and groups of neighbours. Pure.

Each fence is a ball in space: its centre is the unit vector of the fence's latitude and longitude. The chord between
two such vectors, times the smallest radius of curvature, is never longer than the geodesic: a step along the geodesic
is sqrt(M^2 dphi^2 + N^2 cos^2(phi) dlambda^2), neither radius is smaller than that one, and a chord is no longer than
its arc. Less the radius of the fence's circle, it is never more than the distance to the circle's edge, and at most 1 %
less. Chords obey the triangle inequality, so a group has a ball of its own, and groups that are far away are skipped.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo.geodesy import MAX_CURVATURE_RADIUS_M, MIN_CURVATURE_RADIUS_M
from geo.tiled_tree import Floats, Geometries, Positions
from kit.steps import Steps

# More than rounding may take.
_SLACK_M = 0.25
_ENLARGEMENT = 1.0001
# How many circles one step measures: about a millisecond.
_STEP_SIZE = 1000


class FenceGroup(NamedTuple):
    """Positions of fences, and for each a lower bound of the metres to the edge of its circle (negative inside).

    All fences of the groups that follow are at least `rest_min_distance_m` away.
    """

    positions: Positions
    min_distances_m: Floats
    rest_min_distance_m: float


class _Group(NamedTuple):
    """`vectors` are three rows: x, y and z of all."""

    positions: Positions
    slots: Positions
    vectors: Floats
    radii_m: Floats


class BallTree:
    """Immutable; made by `BallTree.build_in_steps`."""

    __slots__ = ("_centres", "_groups", "_radii")

    def __init__(self, groups: list[_Group], centres: Floats, radii: Floats) -> None:
        self._groups = groups
        self._centres = centres
        self._radii = radii

    @classmethod
    def build_in_steps(
        cls, groups: Sequence[Positions], slots: Positions, measure: Callable[[Positions], Floats]
    ) -> Steps["BallTree"]:
        """A fence that is in several of the groups is kept in one of them.

        `slots` are numbers for the programs of all fences; `measure` gives (lat, lon, radius_m) of fences.
        """
        made: list[_Group] = []
        disjoint = yield from _assign_once(groups, len(slots))
        centres, radii = np.empty((len(disjoint), 3)), np.empty(len(disjoint))
        for number, positions in enumerate(disjoint):
            circles = np.empty((len(positions), 3))
            for start in range(0, len(positions), _STEP_SIZE):
                circles[start : start + _STEP_SIZE] = measure(positions[start : start + _STEP_SIZE])
                yield
            lats, lons, radii_m = circles.T
            vectors = _to_vectors(lats, lons)
            made.append(_Group(positions, slots[positions], vectors.T.copy(), radii_m.copy()))
            centres[number] = vectors.mean(axis=0)
            radii[number] = (_lengths(vectors - centres[number]) + radii_m / MIN_CURVATURE_RADIUS_M).max()
            yield
        return cls(made, centres, radii)

    def iterate_nearest_groups(self, slot: int, lat: float, lon: float) -> Iterator[FenceGroup]:
        """The fences of one program, group by group, the nearest group first."""
        point = _to_vectors(np.array([lat]), np.array([lon]))[0]
        min_m = (_lengths(self._centres - point) - self._radii) * MIN_CURVATURE_RADIUS_M - _SLACK_M
        order = np.argsort(min_m)
        rest_min_distance_m = [*min_m[order[1:]].tolist(), np.inf]
        for number, rest_m in zip(order.tolist(), rest_min_distance_m, strict=False):
            group = self._groups[number]
            x, y, z = group.vectors
            # |a - b|^2 = 2 - 2 ab for unit vectors: a tenth of the time of the difference, and good to 0.1 m. Not "@":
            # BLAS would wake a thread for it.
            chords = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (x * point[0] + y * point[1] + z * point[2])))
            min_distances_m = chords * MIN_CURVATURE_RADIUS_M - group.radii_m - _SLACK_M
            own = group.slots == slot
            yield FenceGroup(group.positions[own], min_distances_m[own], rest_m)


def _assign_once(groups: Sequence[Positions], count: int) -> Steps[list[Positions]]:
    group_of = np.zeros(count, np.int64)
    for number, positions in enumerate(groups):
        group_of[positions] = number
    yield
    order = np.argsort(group_of, kind="stable")
    yield
    disjoint = np.split(order, np.flatnonzero(np.diff(group_of[order])) + 1)
    return [positions for positions in disjoint if len(positions)]


def make_bounding_circles(areas: Geometries) -> Floats:
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
    radii_m = 2 * np.arcsin(chords / 2) * MAX_CURVATURE_RADIUS_M * _ENLARGEMENT
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
