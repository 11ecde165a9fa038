"""Nearest-N: which fences a phone should watch by itself, and how far it may go before it must ask again. Pure.

A phone can watch few circles: 20 an app on iOS, 100 on Android. One of them is the refresh circle; the others are the
nearest fences of the program by the distance to the edge. A circle is watched as it is, an area by a circle around it.

The refresh circle's centre is the fix. Every fence that is not in the set is farther from it than the radius plus the
fix's accuracy plus `MARGIN_M`. So a phone inside its refresh circle is in no fence that it does not watch, even if its
next fix is as inaccurate as this one. Where so many fences lie around a point that no such circle is left, the radius
is 0: ask again with the next fix.
"""

from datetime import datetime, timedelta

import msgspec
import numpy as np

from geo.fix import Fix, find_fault
from geo.geodesy import WGS84
from geo.geofence import Circle, Fence
from geo.index import FenceSet
from geo.observations import ENTER_ACCURACY_M
from geo.ordering import FUTURE_TOLERANCE
from ids import GeofenceId, ProgramId
from kit.arrays import Floats, Positions

# Farther away a later sync, on the way there, chooses better.
MAX_SEARCH_M = 100_000.0
MARGIN_M = 25.0
# What a phone watches more narrowly it tells late or never.
MIN_WATCHED_RADIUS_M = 100.0
MAX_SELECTION_ACCURACY_M = 500.0
MAX_AGE = timedelta(minutes=5)


class Region(msgspec.Struct, frozen=True):
    """A circle for the phone to watch: the fence itself, or the circle around it where it is an area.

    The phone watches `watched_radius_m`; the fence stays as it is, so an event from farther outside enters nothing.
    """

    geofence_id: GeofenceId
    name: str
    lat: float
    lon: float
    radius_m: float

    @property
    def watched_radius_m(self) -> float:
        return max(MIN_WATCHED_RADIUS_M, self.radius_m)


class NearestRegions(msgspec.Struct, frozen=True):
    """The regions to watch, nearest first, and the circle within which no other fence is needed."""

    regions: tuple[Region, ...]
    refresh: Circle


def find_unusable_reason(fix: Fix, now: datetime) -> str | None:
    """The code of why regions must not be chosen by this fix; None where they may.

    The codes of `geo.fix.find_fault`, and `mocked`, `future`, `too_old`, `accuracy_too_poor`.
    """
    if (fault := find_fault(fix)) is not None:
        return fault
    if fix.mocked:
        return "mocked"
    if fix.recorded_at > now + FUTURE_TOLERANCE:
        return "future"
    if fix.recorded_at < now - MAX_AGE:
        return "too_old"
    return "accuracy_too_poor" if (fix.accuracy_m or 0.0) > MAX_SELECTION_ACCURACY_M else None


def find_nearest_regions(index: FenceSet, program_id: ProgramId, fix: Fix, limit: int) -> NearestRegions:
    """The `limit` regions nearest to the fix, and their refresh circle."""
    found = _search(index, program_id, fix.lat, fix.lon, limit)
    circles, edges_m = _measure(index, found, fix.lat, fix.lon)
    order = np.argsort(edges_m, kind="stable")
    left_out_m = min(edges_m[order[limit]], MAX_SEARCH_M) if len(found) > limit else MAX_SEARCH_M
    allowance_m = MARGIN_M + (ENTER_ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m)
    refresh = Circle(fix.lat, fix.lon, max(0.0, float(left_out_m) - allowance_m))
    chosen = order[:limit].tolist()
    return NearestRegions(tuple(_region(index.fences[found[n]], circles[n]) for n in chosen), refresh)


def is_in_circle(circle: Circle, lat: float, lon: float) -> bool:
    return float(WGS84.inv(circle.lon, circle.lat, lon, lat)[2]) <= circle.radius_m


def _search(index: FenceSet, program_id: ProgramId, lat: float, lon: float, limit: int) -> Positions:
    """Positions of all fences whose edge is no farther than that of the first fence that is left out, and a few more.

    `limit` + 1 fences are measured, those with the smallest lower bounds. The farthest of them is at least as far as
    the first one that is left out, so fences beyond it do not count.
    """
    positions, min_distances_m = np.empty(0, np.int64), np.empty(0)
    reach_m = MAX_SEARCH_M
    for near in index.iterate_nearest_groups(program_id, lat, lon):
        positions, min_distances_m = (
            np.concatenate([positions, near.positions]),
            np.concatenate([min_distances_m, near.min_distances_m]),
        )
        if len(positions) > limit:
            nearest = positions[np.argpartition(min_distances_m, limit)[: limit + 1]]
            _, edges_m = _measure(index, nearest, lat, lon)
            reach_m = min(reach_m, float(edges_m.max()))
        within = min_distances_m <= reach_m
        positions, min_distances_m = positions[within], min_distances_m[within]
        if near.rest_min_distance_m > reach_m:
            break
    return np.sort(positions)


def _measure(index: FenceSet, positions: Positions, lat: float, lon: float) -> tuple[Floats, Floats]:
    """(lat, lon, radius_m) of the circle of each fence, and the metres to its edge; negative inside."""
    circles = index.circles_at(positions)
    here = np.full(len(positions), lat), np.full(len(positions), lon)
    return circles, WGS84.inv(circles[:, 1], circles[:, 0], here[1], here[0])[2] - circles[:, 2]


def _region(fence: Fence, circle: Floats) -> Region:
    lat, lon, radius_m = circle.tolist()
    return Region(fence.geofence_id, fence.name, lat, lon, radius_m)
