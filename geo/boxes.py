"""Bounding boxes of circles on the ellipsoid, and columns of boxes. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import MIN_CURVATURE_RADIUS_M
from geo.tiled_tree import Floats, Positions
from kit.steps import Steps

# A box is made this much larger than its circle, so that rounding never hides a point on the rim.
_ENLARGEMENT = 1.0001


def box_circles(circles: Floats) -> tuple[Floats, Floats, Positions]:
    """(lat, lon, radius_m) of each box, its (west, south, east, north), and the position of its circle in `circles`.

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
    return circles[owner], np.stack([west, south[owner], east, north[owner]], axis=1), owner


def concatenate_in_steps(parts: Sequence[tuple[NDArray[Any], ...]]) -> Steps[list[NDArray[Any]]]:
    """Concatenate by column."""
    joined = []
    for column in zip(*parts, strict=True):
        joined.append(np.concatenate(column))
        yield
    return joined
