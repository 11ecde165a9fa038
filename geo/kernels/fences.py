"""Fences as their kernels take them: arrays, and one fence of them at one point. Pure."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled
from geo.kernels.ellipsoid import Parallel, chord_m, find_parallel, longest_way_m, metres_per_degree, way_m
from kit.arrays import Floats, Mask, Shorts

# What a fence is to a point. Where rounding may matter, or an area has many corners, somebody else decides exactly.
NO, YES, UNSURE = 0, 1, 2
# More than the rounding of metres from the middle of the Earth, and of geodesics.
_SLACK_M = 1e-6
# (3 + 16 eps) eps, and a little more.
_SIGN_BOUND = 3.4e-16
# With more corners than that, GEOS looks only at the edges beside the point.
MANY_CORNERS = 64

Answers = NDArray[np.int8]


class Fences(NamedTuple):
    """`circles`, `area_of` and `policy_of` as in `geo.fence_columns`; the corners of area n begin at starts[n].

    The last corner of a ring begins no edge. A policy is a row: exit_margin_m, exit_confirm_s, exit_confirm_fixes, and
    dwell_s in microseconds.
    """

    circles: Floats
    area_of: Shorts
    corners: Floats
    begins_edge: Mask
    starts: Shorts
    policy_of: Shorts
    policies: Floats


@compiled
def answer(fences: Fences, position: int, parallel: Parallel, lat: float, lon: float) -> int:
    """Whether the fence holds the point; its boundary belongs to it. `parallel` is that of the point.

    Decided by plain arithmetic where its rounding cannot matter, which is nearly always.

    A circle. The chord through the Earth is never longer than the geodesic. A curve on the ellipsoid bends nowhere more
    than the smallest circle of curvature does, so by Schur's theorem the geodesic is never longer than the arc of that
    circle over the same chord. For a fence of 100 m the two differ by a nanometre, for one of 50 km by 13 cm.
    """
    area = fences.area_of[position]
    if area >= 0:
        return _answer_area(fences, area, lat, lon)
    radius_m = fences.circles[position, 2]
    straight_m = chord_m(find_parallel(fences.circles[position, 0]), parallel, lon - fences.circles[position, 1])
    if longest_way_m(straight_m) + _SLACK_M <= radius_m:
        return YES
    return UNSURE if straight_m - _SLACK_M <= radius_m else NO


@compiled
def _answer_area(fences: Fences, area: int, lat: float, lon: float) -> int:
    """A ray to the east crosses the rings an odd number of times from inside.

    An edge is crossed where the point lies left of it, by the sign of a determinant; Shewchuk's bound (Adaptive
    Precision Floating-Point Arithmetic, 1997) says when the sign of the rounded one is right. Where it may not be, the
    point is on an edge or next to it.
    """
    begin, end = fences.starts[area], fences.starts[area + 1]
    if end - begin > MANY_CORNERS:
        return UNSURE
    is_odd = False
    for corner in range(begin, end - 1):
        if not fences.begins_edge[corner]:
            continue
        x1, y1 = fences.corners[corner, 0] - lon, fences.corners[corner, 1] - lat
        x2, y2 = fences.corners[corner + 1, 0] - lon, fences.corners[corner + 1, 1] - lat
        left, right = x1 * y2, y1 * x2
        turn = left - right
        if abs(turn) <= _SIGN_BOUND * (abs(left) + abs(right)) and y1 * y2 <= 0.0:  # it matters beside the point
            return UNSURE
        if (y1 > 0.0) != (y2 > 0.0) and (turn > 0.0) == (y2 > 0.0):
            is_odd = not is_odd
    return YES if is_odd else NO


@compiled
def answer_each(fences: Fences, positions: NDArray[np.integer], lats: Floats, lons: Floats) -> Answers:
    """Of fences and points side by side."""
    answers = np.empty(len(positions), np.int8)
    for n in range(len(positions)):
        answers[n] = answer(fences, positions[n], find_parallel(lats[n]), lats[n], lons[n])
    return answers


@compiled
def distance_to_edge_m(fences: Fences, position: int, lat: float, lon: float) -> float:
    """As `geo.edges.distance_to_edge_m`, for a point that the fence's area does not hold."""
    area = fences.area_of[position]
    if area < 0:
        circle = fences.circles[position]
        outside_m: float = way_m(circle[0], circle[1], lat, lon) - circle[2]
        return max(0.0, outside_m)
    lat_m, lon_m = metres_per_degree(lat)
    nearest_m2 = math.inf
    begins_ring, own_lon, x1, y1 = True, lon, 0.0, 0.0
    for corner in range(fences.starts[area], fences.starts[area + 1]):
        corner_lon, corner_lat = fences.corners[corner, 0], fences.corners[corner, 1]
        if begins_ring:
            own_lon = lon
            if abs(corner_lon - lon) > 180.0:  # no ring crosses the antimeridian, but the way to it may
                own_lon += 360.0 if corner_lon > lon else -360.0
        x2, y2 = (corner_lon - own_lon) * lon_m, (corner_lat - lat) * lat_m
        if not begins_ring:
            nearest_m2 = min(nearest_m2, _distance_m2(x1, y1, x2 - x1, y2 - y1))
        x1, y1 = x2, y2
        begins_ring = not fences.begins_edge[corner]
    return math.sqrt(nearest_m2)


@compiled
def _distance_m2(x: float, y: float, dx: float, dy: float) -> float:
    """The square of the distance from the origin to an edge that begins at x, y and goes on by dx, dy."""
    length_m2 = dx * dx + dy * dy
    share = -(x * dx + y * dy) / length_m2 if length_m2 > 0.0 else 0.0
    share = min(max(share, 0.0), 1.0)
    x, y = x + share * dx, y + share * dy
    return x * x + y * y
