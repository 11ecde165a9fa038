"""Crossings: fences that a device went through between two fixes, neither of which lies in them. Pure.

Theory. Between two fixes nothing is known but that the device went from one to the other. The straight way is the best
guess, and a guess it stays; so only fences that ask for it are looked at. A way tells something where

    gap      it took no longer than `LONGEST_GAP_S`: in five minutes of silence people turn round, stop and take the bus
    length   it is longer than `SHORTEST_WAY_M`, what noise alone may put between two fixes (geo.jumps), and no longer
             than `LONGEST_WAY_M`: the ways of a town are some 1.3 times the straight line, which leaves room for 400 m
             aside in the middle of a kilometre, and a longer line says nothing of a shop
    speed    it asks for no more than `FASTEST_M_S`, the fastest road: who is faster sits in a train, or one fix is wild

Both fixes were believed, so a suspect jump makes no way. The fence must be entered deeper than the larger of both
accuracies, or the noise of the ends alone could have drawn the line through it; a fence smaller than its phone's
accuracy is therefore never crossed. The event is put at the middle of the stretch inside, as if the speed were even.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import shapely

from geo.edges import outside_m
from geo.fix import Fix
from geo.geodesy import WGS84, distance_m, metres_per_degree
from geo.geofence import Area, Circle, Fence
from geo.index import Bounds, FenceSet
from geo.tiled_tree import Floats
from ids import ProgramId

LONGEST_GAP_S = 300.0
SHORTEST_WAY_M = 100.0
LONGEST_WAY_M = 1000.0
# 144 km/h.
FASTEST_M_S = 40.0

# Two points this close in degrees are within SHORTEST_WAY_M of each other anywhere: a degree is 111.7 km at most.
_NEAR_DEGREES = 0.0006
_EARTH_RADIUS_M = 6_371_000.0


class Crossing(NamedTuple):
    fence: Fence
    crossed_at: datetime


class CrossableFences:
    """The fences of one program that ask to be told of crossings. `fences` holds those of all programs."""

    __slots__ = ("_fences", "_program_id")

    def __init__(self, fences: FenceSet, program_id: ProgramId) -> None:
        self._fences = fences
        self._program_id = program_id

    def find(self, start: Fix, end: Fix, after: datetime | None) -> list[Crossing]:
        """The fences that hold neither fix but the way between them, in the order in which it leads through them.

        Only those that it led through after that time, if one is given.
        """
        if not is_way(start, end):
            return []
        positions = self._fences.touching(self._program_id, _bounds(start, end))
        crossings = []
        for fence in (self._fences.fences[position] for position in positions.tolist()):
            share = _cross(fence, start, end)
            if share is not None:
                crossings.append(Crossing(fence, start.recorded_at + share * (end.recorded_at - start.recorded_at)))
        crossings.sort(key=lambda each: (each.crossed_at, each.fence.geofence_id))
        return [each for each in crossings if after is None or each.crossed_at > after]


def is_way(start: Fix, end: Fix) -> bool:
    """Whether the straight line between two believed fixes may be taken for the device's way."""
    if abs(end.lat - start.lat) < _NEAR_DEGREES and abs(end.lon - start.lon) < _NEAR_DEGREES:
        return False
    gap_s = (end.recorded_at - start.recorded_at).total_seconds()
    if not 0 < gap_s <= LONGEST_GAP_S:
        return False
    longest_m = min(LONGEST_WAY_M, FASTEST_M_S * gap_s)
    return SHORTEST_WAY_M < distance_m(start.lat, start.lon, end.lat, end.lon) <= longest_m


def _bounds(start: Fix, end: Fix) -> Sequence[Bounds]:
    """One box around the way, or two where it runs over the antimeridian."""
    south, north = sorted((start.lat, end.lat))
    west, east = sorted((start.lon, end.lon))
    if east - west <= 180:
        return [(west, south, east, north)]
    return [(-180.0, south, west, north), (east, south, 180.0, north)]


def _cross(fence: Fence, start: Fix, end: Fix) -> float | None:
    """Where on the way, from 0 to 1, the device was in the fence; None where it does not show that it was."""
    if any(outside_m(fence, fix.lat, fix.lon) == 0 for fix in (start, end)):
        return None
    noise_m = max(start.accuracy_m or 0.0, end.accuracy_m or 0.0)
    if isinstance(fence.shape, Circle):
        return _cross_circle(fence.shape, start, end, noise_m)
    return _cross_area(fence.shape, start, end, noise_m)


def _cross_circle(circle: Circle, start: Fix, end: Fix, noise_m: float) -> float | None:
    """By the point of the way that is nearest to the centre: the foot of a right-angled spherical triangle."""
    bearing, _, way_m = WGS84.inv(start.lon, start.lat, end.lon, end.lat)
    to_centre, _, centre_m = WGS84.inv(start.lon, start.lat, circle.lon, circle.lat)
    cosine = math.cos(math.radians(to_centre - bearing))
    foot_m = math.atan(math.tan(centre_m / _EARTH_RADIUS_M) * cosine) * _EARTH_RADIUS_M
    if not 0 < foot_m < way_m:
        return None
    lon, lat, _ = WGS84.fwd(start.lon, start.lat, bearing, foot_m)
    depth_m = circle.radius_m - distance_m(circle.lat, circle.lon, lat, lon)
    return foot_m / way_m if depth_m > noise_m else None


def _cross_area(area: Area, start: Fix, end: Fix, noise_m: float) -> float | None:
    """In a plane scaled at the middle of the way, with what is left of the area when its edge is drawn in."""
    middle_lat, east_degrees = (start.lat + end.lat) / 2, (end.lon - start.lon + 180) % 360 - 180
    lat_m, lon_m = metres_per_degree(middle_lat)

    def flatten(coordinates: Floats) -> Floats:
        dlon = (coordinates[:, 0] - start.lon + 180) % 360 - 180
        return np.stack([dlon * lon_m, (coordinates[:, 1] - start.lat) * lat_m], axis=1)

    way = shapely.LineString([(0, 0), (east_degrees * lon_m, (end.lat - start.lat) * lat_m)])
    flat = shapely.transform(area.polygons, flatten)
    if not shapely.intersects(flat, way):
        return None
    # The parts of an area that lies on the antimeridian are one again, or their seam would be drawn in too.
    stretch = way.intersection(shapely.buffer(shapely.union_all(shapely.get_parts(flat)), -noise_m))
    if stretch.length == 0:
        return None
    shares = [way.project(shapely.Point(point), normalized=True) for point in shapely.get_coordinates(stretch)]
    return (min(shares) + max(shares)) / 2
