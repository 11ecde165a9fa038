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
from math import asin, cos, degrees, radians, sin, sqrt
from uuid import UUID

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.forest import Floats
from geo.geodesy import SMALLEST_CURVATURE_M, WGS84
from geo.index import Area, Bounds, Circle, Fence, FenceSet
from geo.matching import Fix, find_fault
from geo.showing import ENTER_ACCURACY_M
from geo.transitions import FUTURE_TOLERANCE

# Beyond it a set would say nothing that a sync on the way could not say better.
LARGEST_SEARCH_M = 100_000.0
MARGIN_M = 25.0
WORST_ACCURACY_M = 500.0
GREATEST_AGE = timedelta(minutes=5)

_FIRST_SEARCH_M = 1_000.0
# More candidates than so many times the wanted ones are narrowed down before each is measured.
_AMPLE = 16
# A box is made this much larger than its circle, so that rounding never hides a fence on the rim.
_ENLARGEMENT = 1.0001


class Region(msgspec.Struct, frozen=True):
    """A circle for the phone to watch: the fence itself, or the circle around it where it is an area."""

    geofence_id: UUID
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

    The codes of `geo.matching.find_fault`, and `mocked`, `future`, `too_old`, `accuracy_too_poor`.
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


def survey(index: FenceSet, program_id: UUID, fix: Fix, limit: int) -> Surroundings:
    """The `limit` regions nearest to the fix, and their refresh circle."""
    found, searched_m = _search(index, program_id, fix.lat, fix.lon, limit)
    circles, edges_m = _measure(found, fix.lat, fix.lon)
    order = _nearest_first(edges_m)
    if len(found) > limit and searched_m < (next_m := min(edges_m[order[limit]], LARGEST_SEARCH_M)):
        # The first fence to be left out lies beyond what was searched: others may lie nearer.
        searched_m = float(next_m)
        found = _near(index, program_id, bounds_around(fix.lat, fix.lon, searched_m))
        circles, edges_m = _measure(found, fix.lat, fix.lon)
        order = _nearest_first(edges_m)
    left_out_m = min(edges_m[order[limit]], searched_m) if len(found) > limit else searched_m
    allowance_m = MARGIN_M + (ENTER_ACCURACY_M if fix.accuracy_m is None else fix.accuracy_m)
    refresh = Circle(fix.lat, fix.lon, max(0.0, float(left_out_m) - allowance_m))
    chosen = order[:limit].tolist()
    return Surroundings(tuple(_region(found[n], circles[n]) for n in chosen), refresh)


def holds(circle: Circle, lat: float, lon: float) -> bool:
    return float(WGS84.inv(circle.lon, circle.lat, lon, lat)[2]) <= circle.radius_m


def bounds_around(lat: float, lon: float, radius_m: float) -> list[Bounds]:
    """One or two boxes that hold the whole circle: two where it crosses the antimeridian."""
    angle = radius_m / SMALLEST_CURVATURE_M * _ENLARGEMENT
    dlat = degrees(angle)
    if abs(lat) + dlat >= 90:
        return [(-180.0, lat - dlat, 180.0, lat + dlat)]
    # As for the boxes of circles in geo.index.
    dlon = degrees(asin(min(1.0, sin(angle) / cos(radians(lat))))) * _ENLARGEMENT
    boxes = [(lon - dlon, lat - dlat, lon + dlon, lat + dlat)]
    if lon - dlon < -180:
        boxes.append((lon - dlon + 360, lat - dlat, 180.0, lat + dlat))
    if lon + dlon > 180:
        boxes.append((-180.0, lat - dlat, lon + dlon - 360, lat + dlat))
    return boxes


def _near(index: FenceSet, program_id: UUID, bounds: Sequence[Bounds]) -> list[Fence]:
    return [index.fences[position] for position in index.touching(program_id, bounds).tolist()]


def _search(index: FenceSet, program_id: UUID, lat: float, lon: float, limit: int) -> tuple[list[Fence], float]:
    """Fences around the point, more than `limit` of them if there are, and the distance that was searched."""

    def count(radius_m: float) -> int:
        return len(index.touching(program_id, bounds_around(lat, lon, radius_m)))

    searched_m = _FIRST_SEARCH_M
    counted = count(searched_m)
    while counted <= limit and searched_m < LARGEST_SEARCH_M:
        searched_m = min(2 * searched_m, LARGEST_SEARCH_M)
        counted = count(searched_m)
    too_short_m = searched_m / 2
    while counted > _AMPLE * limit and searched_m > 1.05 * too_short_m:
        middle_m = sqrt(searched_m * too_short_m)
        if (fewer := count(middle_m)) > limit:
            counted, searched_m = fewer, middle_m
        else:
            too_short_m = middle_m
    return _near(index, program_id, bounds_around(lat, lon, searched_m)), searched_m


def _nearest_first(edges_m: Floats) -> NDArray[np.intp]:
    return np.argsort(edges_m, kind="stable")


def _measure(fences: Sequence[Fence], lat: float, lon: float) -> tuple[Floats, Floats]:
    """(lat, lon, radius_m) of the circle of each fence, and the metres to its edge; negative inside."""
    circles = np.empty((len(fences), 3), np.float64)
    drawn = []
    for n, fence in enumerate(fences):
        shape = fence.shape
        if isinstance(shape, Circle):
            circles[n] = shape.lat, shape.lon, shape.radius_m
        else:
            drawn.append(n)
    if drawn:
        circles[drawn] = _enclose([fences[n].shape for n in drawn])
    here = np.full(len(fences), lat), np.full(len(fences), lon)
    return circles, WGS84.inv(circles[:, 1], circles[:, 0], here[1], here[0])[2] - circles[:, 2]


def _enclose(areas: Sequence[Circle | Area]) -> Floats:
    """(lat, lon, radius_m) of the circle around each area's bounding box.

    No point of a box is farther from its middle than the farthest corner: along a parallel the distance grows with the
    difference in longitude, and along a meridian, which is a geodesic, it is convex.
    """
    shapes = np.array([area.polygons for area in areas if isinstance(area, Area)], dtype=object)
    bounds = shapely.bounds(shapes)
    for n in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180):
        bounds[n] = _rejoined_bounds(shapes[n])
    west, south, east, north = bounds.T
    lat, lon = (south + north) / 2, (west + east) / 2
    radius_m = np.maximum(WGS84.inv(lon, lat, west, south)[2], WGS84.inv(lon, lat, west, north)[2])
    return np.stack([lat, (lon + 180) % 360 - 180, radius_m * _ENLARGEMENT], axis=1)


def _rejoined_bounds(polygons: shapely.MultiPolygon) -> Bounds:
    """Of an area that was split at the antimeridian; its longitudes run past 180."""
    west, south, east, north = shapely.bounds(shapely.get_parts(polygons)).T
    turned = np.where(east <= 0, 360.0, 0.0)
    return float((west + turned).min()), float(south.min()), float((east + turned).max()), float(north.max())


def _region(fence: Fence, circle: Floats) -> Region:
    lat, lon, radius_m = circle.tolist()
    return Region(fence.geofence_id, fence.name, lat, lon, radius_m)
