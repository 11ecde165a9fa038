"""Lower bounds of the distances to fences: a ball tree of two levels, the fences and groups of neighbours. Pure.

Each fence is a ball in space: its centre is the unit vector of the fence's latitude and longitude. The chord between
two such vectors, times the smallest radius of curvature, is never longer than the geodesic: a step along the geodesic
is sqrt(M^2 dphi^2 + N^2 cos^2(phi) dlambda^2), neither radius is smaller than that one, and a chord is no longer than
its arc. Less the radius of the fence's circle, it is never more than the distance to the circle's edge, and at most 1 %
less. Chords obey the triangle inequality, so a group has a ball of its own, and groups that are far away are skipped.

Each program's fences are packed into groups of neighbours by the first step of STR (Leutenegger, Lopez, Edgington 1997:
sort by longitude, cut into strips, sort each by latitude, cut into groups).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.geodesy import MIN_CURVATURE_RADIUS_M, lengths, unit_vectors
from kit.arrays import Floats, Positions, Shorts, sort_degrees, sort_whole, spread
from kit.steps import Steps

GROUP_SIZE = 512
# More than rounding may take.
_SLACK_M = 0.25
# How many fences one step measures: about a millisecond.
_STEP_SIZE = 10_000


class FenceGroup(NamedTuple):
    """Positions of fences, and for each a lower bound of the metres to the edge of its circle (negative inside).

    All fences of the groups that follow are at least `rest_min_distance_m` away.
    """

    positions: Positions
    min_distances_m: Floats
    rest_min_distance_m: float


class BallTree:
    """Immutable; made by `BallTree.build_in_steps`.

    `order` are all fences, group by group; `begins` tells where each group begins, with the end of the last behind, and
    `slots` of which program it is.
    """

    __slots__ = ("_begins", "_centres", "_circles", "_order", "_radii", "_slots")

    def __init__(
        self, order: Shorts, begins: Positions, slots: Positions, circles: Floats, centres: Floats, radii: Floats
    ) -> None:
        self._order = order
        self._begins = begins
        self._slots = slots
        self._circles = circles
        self._centres = centres
        self._radii = radii

    @classmethod
    def build_in_steps(cls, circles: Floats, slots: Shorts) -> Steps["BallTree"]:
        """`circles` are (lat, lon, radius_m) of all fences, `slots` the numbers of their programs."""
        by_lon = yield from sort_whole(slots, (yield from sort_degrees(circles[:, 1])))
        strips = np.empty(len(slots), np.int32)
        strips[by_lon] = _number_strips(np.bincount(slots))
        del by_lon
        yield
        in_strip = yield from sort_whole(strips, (yield from sort_degrees(circles[:, 0])))
        order = (yield from sort_whole(slots, in_strip)).astype(np.int32)
        del strips, in_strip
        yield
        begins = _cut(slots[order])
        centres, radii = np.empty((len(begins) - 1, 3)), np.empty(len(begins) - 1)
        step = max(1, _STEP_SIZE // GROUP_SIZE)
        for start in range(0, len(radii), step):
            some = slice(start, start + step)
            yield
            centres[some], radii[some] = _surround(circles, order, begins[start : start + step + 1])
        return cls(order, begins, slots[order[begins[:-1]]].astype(np.int64), circles, centres, radii)

    def iterate_nearest_groups(self, slot: int, lat: float, lon: float) -> Iterator[FenceGroup]:
        """The fences of one program, group by group, the nearest group first."""
        first, end = np.searchsorted(self._slots, [slot, slot + 1]).tolist()
        point = unit_vectors(np.array([lat]), np.array([lon]))[0]
        min_m = (lengths(self._centres[first:end] - point) - self._radii[first:end]) * MIN_CURVATURE_RADIUS_M - _SLACK_M
        nearest = np.argsort(min_m)
        rest_min_distance_m = [*min_m[nearest[1:]].tolist(), np.inf]
        for number, rest_m in zip((nearest + first).tolist(), rest_min_distance_m, strict=False):
            positions = self._order[self._begins[number] : self._begins[number + 1]].astype(np.int64)
            lats, lons, radii_m = self._circles[positions].T
            chords = lengths(unit_vectors(lats, lons) - point)
            yield FenceGroup(positions, chords * MIN_CURVATURE_RADIUS_M - radii_m - _SLACK_M, rest_m)


def _number_strips(sizes: Positions) -> Positions:
    """The strip of each fence of programs of such sizes, in a row that is sorted by program and longitude."""
    widths = np.maximum(1, np.ceil(np.sqrt(sizes / GROUP_SIZE))).astype(np.int64) * GROUP_SIZE
    _, ranks = spread(np.zeros(len(sizes), np.int64), sizes)
    strips: Positions = ranks // np.repeat(widths, sizes)
    return strips


def _cut(slots: Shorts) -> Positions:
    """Where groups begin in a row of fences that is sorted by program, and the end of the last."""
    edges = np.flatnonzero(np.diff(slots, prepend=-1, append=-1))
    parts = [np.arange(begin, end, GROUP_SIZE) for begin, end in pairwise(edges.tolist())]
    return np.concatenate([*parts, [len(slots)]]).astype(np.int64)


def _surround(circles: Floats, order: Shorts, begins: Positions) -> tuple[Floats, Floats]:
    """The centre of each group's ball, and its radius."""
    members, counts = order[begins[0] : begins[-1]], np.diff(begins)
    lats, lons, radii_m = circles[members].T
    vectors, firsts = unit_vectors(lats, lons), begins[:-1] - begins[0]
    centres = np.add.reduceat(vectors, firsts) / counts[:, None]
    away = lengths(vectors - np.repeat(centres, counts, axis=0)) + radii_m / MIN_CURVATURE_RADIUS_M
    return centres, np.maximum.reduceat(away, firsts)
