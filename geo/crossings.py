"""Crossings: fences that a device passed through between two fixes, neither of which lies in them. Pure.

Theory. Between two fixes we know only that the device went from one to the other. The straight line is the best guess,
but it stays a guess; so only fences with `report_crossings` are looked at. A line is a plausible path where

    gap      it took no longer than `MAX_GAP_S`: in a longer silence people turn round, stop or take the bus
    length   it is longer than `MIN_PATH_M`, what noise alone may put between two fixes (geo.jumps), and no longer than
             `MAX_PATH_M`: in a town people walk about 1.3 times the straight line, which leaves room for a detour of
             400 m within a kilometre; a longer line says nothing about a shop
    speed    it needs no more than `MAX_SPEED_M_S`, the fastest road: a faster device is in a train, or a fix is wild

Both fixes were believed, so a suspect jump makes no path. The path must go deeper into the fence than the larger of
both accuracies, or the noise of the ends alone could have drawn the line through it; a fence that is smaller than the
phone's accuracy is therefore never crossed. The event's time is the middle of the stretch inside, at even speed.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import shapely

from geo.edges import distance_to_fence_m
from geo.fix import Fix
from geo.geodesy import WGS84, distance_m, metres_per_degree
from geo.geofence import Area, Circle, Fence
from geo.index import Bounds, FenceSet
from geo.jumps import NEAR_DEGREES
from ids import ProgramId
from kit.arrays import Floats

MAX_GAP_S = 300.0
MIN_PATH_M = 100.0
MAX_PATH_M = 1000.0
# 144 km/h.
MAX_SPEED_M_S = 40.0

_EARTH_RADIUS_M = 6_371_000.0


class Crossing(NamedTuple):
    fence: Fence
    crossed_at: datetime


class CrossableFences:
    """The fences of one program that report crossings. `fences` holds those of all programs."""

    __slots__ = ("_fences", "_program_id")

    def __init__(self, fences: FenceSet, program_id: ProgramId) -> None:
        self._fences = fences
        self._program_id = program_id

    def find(self, start: Fix, end: Fix, after: datetime | None) -> list[Crossing]:
        """The fences that contain neither fix but are on the path between them, in the order of the path.

        With `after`, only those that were crossed later than that.
        """
        if not is_plausible_path(start, end):
            return []
        positions = self._fences.find_touching(self._program_id, _bounds(start, end))
        crossings = []
        for fence in (self._fences.fences[position] for position in positions.tolist()):
            share = _cross(fence, start, end)
            if share is not None:
                crossings.append(Crossing(fence, start.recorded_at + share * (end.recorded_at - start.recorded_at)))
        crossings.sort(key=lambda each: (each.crossed_at, each.fence.geofence_id))
        return [each for each in crossings if after is None or each.crossed_at > after]


def is_plausible_path(start: Fix, end: Fix) -> bool:
    """Whether the straight line between two believed fixes may be taken for the device's path."""
    if abs(end.lat - start.lat) < NEAR_DEGREES and abs(end.lon - start.lon) < NEAR_DEGREES:
        return False
    gap_s = (end.recorded_at - start.recorded_at).total_seconds()
    if not 0 < gap_s <= MAX_GAP_S:
        return False
    longest_m = min(MAX_PATH_M, MAX_SPEED_M_S * gap_s)
    return MIN_PATH_M < distance_m(start.lat, start.lon, end.lat, end.lon) <= longest_m


def _bounds(start: Fix, end: Fix) -> Sequence[Bounds]:
    """One box around the path, or two where it crosses the antimeridian."""
    south, north = sorted((start.lat, end.lat))
    west, east = sorted((start.lon, end.lon))
    if east - west <= 180:
        return [(west, south, east, north)]
    return [(-180.0, south, west, north), (east, south, 180.0, north)]


def _cross(fence: Fence, start: Fix, end: Fix) -> float | None:
    """Where on the path, from 0 to 1, the device was in the fence; None where the path does not show that it was."""
    if any(distance_to_fence_m(fence, fix.lat, fix.lon) == 0 for fix in (start, end)):
        return None
    noise_m = max(start.accuracy_m or 0.0, end.accuracy_m or 0.0)
    if isinstance(fence.shape, Circle):
        return _cross_circle(fence.shape, start, end, noise_m)
    return _cross_area(fence.shape, start, end, noise_m)


def _cross_circle(circle: Circle, start: Fix, end: Fix, noise_m: float) -> float | None:
    """By the point of the path that is nearest to the centre: the foot of a right-angled spherical triangle."""
    bearing, _, path_m = WGS84.inv(start.lon, start.lat, end.lon, end.lat)
    to_centre, _, centre_m = WGS84.inv(start.lon, start.lat, circle.lon, circle.lat)
    cosine = math.cos(math.radians(to_centre - bearing))
    foot_m = math.atan(math.tan(centre_m / _EARTH_RADIUS_M) * cosine) * _EARTH_RADIUS_M
    if not 0 < foot_m < path_m:
        return None
    lon, lat, _ = WGS84.fwd(start.lon, start.lat, bearing, foot_m)
    depth_m = circle.radius_m - distance_m(circle.lat, circle.lon, lat, lon)
    return foot_m / path_m if depth_m > noise_m else None


def _cross_area(area: Area, start: Fix, end: Fix, noise_m: float) -> float | None:
    """In a plane scaled at the middle of the path, with the area shrunk by the noise."""
    middle_lat, east_degrees = (start.lat + end.lat) / 2, (end.lon - start.lon + 180) % 360 - 180
    lat_m, lon_m = metres_per_degree(middle_lat)

    def flatten(coordinates: Floats) -> Floats:
        dlon = (coordinates[:, 0] - start.lon + 180) % 360 - 180
        return np.stack([dlon * lon_m, (coordinates[:, 1] - start.lat) * lat_m], axis=1)

    path = shapely.LineString([(0, 0), (east_degrees * lon_m, (end.lat - start.lat) * lat_m)])
    flat = shapely.transform(area.polygons, flatten)
    if not shapely.intersects(flat, path):
        return None
    # The parts of an area on the antimeridian are joined again, or it would shrink at their seam too.
    stretch = path.intersection(shapely.buffer(shapely.union_all(shapely.get_parts(flat)), -noise_m))
    if stretch.length == 0:
        return None
    shares = [path.project(shapely.Point(point), normalized=True) for point in shapely.get_coordinates(stretch)]
    return (min(shares) + max(shares)) / 2
