"""Bounding boxes of fences. Pure."""

from collections.abc import Sequence

import numpy as np

from geo.fence_columns import FenceColumns
from geo.geodesy import MIN_CURVATURE_RADIUS_M
from geo.geofence import Fence
from kit.arrays import Floats, Positions, Shorts
from kit.steps import Steps, run_through

# A box is made this much larger than its circle, so that rounding never hides a point on the rim.
_ENLARGEMENT = 1.0001
# How many circles one step boxes: a millisecond.
_STEP_SIZE = 20_000


def box_in_steps(columns: FenceColumns) -> Steps[tuple[Floats, Shorts]]:
    """(west, south, east, north) of all boxes, and the position of its fence beside each.

    Those of the circles first, then one for each polygon of each area.
    """
    drawn = columns.area_of >= 0
    circles, areas = np.flatnonzero(~drawn), np.flatnonzero(drawn)
    yield
    boxes, owners = [], []
    for start in range(0, len(circles), _STEP_SIZE):
        some = circles[start : start + _STEP_SIZE]
        bounds, owner = _box_circles(columns.circles.take(some, axis=0))
        boxes.append(bounds)
        owners.append(some[owner])
        yield
    boxes.append((yield from columns.drawings.bound_in_steps()))
    owners.append(areas.repeat(np.diff(columns.drawings.areas)))
    yield
    return np.concatenate(boxes), np.concatenate(owners).astype(np.int32)


def box_fences(fences: Sequence[Fence]) -> tuple[Floats, Shorts]:
    """The same of fences."""
    return run_through(box_in_steps(FenceColumns.of(fences)))


def _box_circles(circles: Floats) -> tuple[Floats, Positions]:
    """(west, south, east, north) of each box, and the position of its circle in `circles`: (lat, lon, radius_m) a row.

    A circle across the antimeridian has two boxes.
    """
    lat, lon, radius_m = circles.T
    angle = radius_m / MIN_CURVATURE_RADIUS_M * _ENLARGEMENT
    dlat = np.degrees(angle)
    # The widest parallel of a circle on the sphere (Bronstein: sin dlon = sin r / cos lat), with the geodetic latitude
    # for the reduced one, whose cosine is larger: the box errs to the wide side.
    dlon = np.degrees(np.arcsin(np.minimum(1.0, np.sin(angle) / np.cos(np.radians(lat))))) * _ENLARGEMENT
    west, east, south, north = lon - dlon, lon + dlon, lat - dlat, lat + dlat
    over_west, over_east = np.flatnonzero(west < -180), np.flatnonzero(east > 180)
    owner = np.concatenate([np.arange(len(circles)), over_west, over_east])
    # What sticks out on one side of the map comes in again on the other.
    west = np.concatenate([west, west[over_west] + 360, west[over_east] - 360])
    east = np.concatenate([east, east[over_west] + 360, east[over_east] - 360])
    return np.stack([west, south[owner], east, north[owner]], axis=1), owner
