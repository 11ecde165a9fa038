"""Which fences a phone should watch by itself, and how far it may go before it must ask again. Pure.

A phone watches few circles: 20 an app on iOS, 100 on Android. One of them is kept for the refresh circle; the others
are the nearest fences of the program by the distance to the edge. A circle is watched as it is, an area by a circle
around it.

The refresh circle's centre is the fix. Every fence that is not in the set lies farther from it than its radius, by
the fix's accuracy and `MARGIN_M` more. So a phone that is inside its refresh circle is in no fence that it does not
watch, also where its next fix is off by as much as this one. Where so many fences lie around a point that no such
circle is left, the radius is 0: ask again with the next fix.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from geo.fix import Fix, find_fault
from geo.geodesy import WGS84
from geo.geofence import Circle, Fence
from geo.index import FenceSet, circles_around
from geo.observations import ENTER_ACCURACY_M
from geo.tiled_tree import Floats, Positions
from geo.transitions import FUTURE_TOLERANCE
from ids import GeofenceId, ProgramId

# Beyond it a set would say nothing that a sync on the way could not say better.
LARGEST_SEARCH_M = 100_000.0
MARGIN_M = 25.0
WORST_ACCURACY_M = 500.0
GREATEST_AGE = timedelta(minutes=5)


class Region(msgspec.Struct, frozen=True):
    """A circle for the phone to watch: the fence itself, or the circle around it where it is an area."""

    geofence_id: GeofenceId
    name: str
    lat: float
    lon: float
    radius_m: float


class Surroundings(msgspec.Struct, frozen=True):
    """The regions to watch, nearest first, and the circle in which they are all that is needed."""

    regions: tuple[Region, ...]
    refresh: Circle


def find_unfitness(fix: Fix, now: datetime) -> str | None:
    """Why the fix must not choose the regions, None for one that may.

    The codes of `geo.fix.find_fault`, and `mocked`, `future`, `too_old`, `accuracy_too_poor`.
    """
    if (fault := find_fault(fix)) is not None:
        return fault
    if fix.mocked:
        return "mocked"
    if fix.recorded_at > now + FUTURE_TOLERANCE:
        return "future"
    if fix.recorded_at < now - GREATEST_AGE:
        return "too_old"
    return "accuracy_too_poor" if (fix.accuracy_m or 0.0) > WORST_ACCURACY_M else None


def survey(index: FenceSet, program_id: ProgramId, fix: Fix, limit: int) -> Surroundings:
    """The `limit` regions nearest to the fix, and their refresh circle."""
    found = _search(index, program_id, fix.lat, fix.lon, limit)
    circles, edges_m = _measure(found, fix.lat, fix.lon)
    order = np.argsort(edges_m, kind="stable")
    left_out_m = min(edges_m[order[limit]], LARGEST_SEARCH_M) if len(found) > limit else LARGEST_SEARCH_M
    allowance_m = MARGIN_M + (ENTER_ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m)
    refresh = Circle(fix.lat, fix.lon, max(0.0, float(left_out_m) - allowance_m))
    chosen = order[:limit].tolist()
    return Surroundings(tuple(_region(found[n], circles[n]) for n in chosen), refresh)


def holds(circle: Circle, lat: float, lon: float) -> bool:
    return float(WGS84.inv(circle.lon, circle.lat, lon, lat)[2]) <= circle.radius_m


def _search(index: FenceSet, program_id: ProgramId, lat: float, lon: float, limit: int) -> list[Fence]:
    """All fences with an edge as near as that of the first to be left out, and a few more.

    Of so many fences with the least bounds, the farthest is not nearer than that one: nothing beyond it counts.
    """
    positions, gaps_m = np.empty(0, np.int64), np.empty(0)
    reach_m = LARGEST_SEARCH_M
    for near in index.approach(program_id, lat, lon):
        positions, gaps_m = np.concatenate([positions, near.positions]), np.concatenate([gaps_m, near.gaps_m])
        if len(positions) > limit:
            nearest = positions[np.argpartition(gaps_m, limit)[: limit + 1]]
            _, edges_m = _measure(_at(index, nearest), lat, lon)
            reach_m = min(reach_m, float(edges_m.max()))
        within = gaps_m <= reach_m
        positions, gaps_m = positions[within], gaps_m[within]
        if near.beyond_m > reach_m:
            break
    return _at(index, np.sort(positions))


def _at(index: FenceSet, positions: Positions) -> list[Fence]:
    return [index.fences[position] for position in positions.tolist()]


def _measure(fences: Sequence[Fence], lat: float, lon: float) -> tuple[Floats, Floats]:
    """(lat, lon, radius_m) of the circle of each fence, and the metres to its edge; negative inside."""
    circles = circles_around(fences)
    here = np.full(len(fences), lat), np.full(len(fences), lon)
    return circles, WGS84.inv(circles[:, 1], circles[:, 0], here[1], here[0])[2] - circles[:, 2]


def _region(fence: Fence, circle: Floats) -> Region:
    lat, lon, radius_m = circle.tolist()
    return Region(fence.geofence_id, fence.name, lat, lon, radius_m)
