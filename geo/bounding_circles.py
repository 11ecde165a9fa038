"""Circles around areas. Pure."""

import numpy as np

from geo.geodesy import MAX_CURVATURE_RADIUS_M, lengths, unit_vectors
from kit.arrays import Floats, Shorts

# More than rounding may take.
_ENLARGEMENT = 1.0001


def make_bounding_circles(bounds: Floats, areas: Shorts) -> Floats:
    """(lat, lon, radius_m) of a circle around the bounding box of each area.

    `bounds` are (west, south, east, north) of all polygons; an area has those from its start in `areas` to the next.

    No point of a box is farther from its middle than the farthest corner: along a parallel the distance grows with the
    difference in longitude, and along a meridian, which is a geodesic, it is convex. The arc on the sphere times the
    largest radius of curvature is never less than the geodesic.
    """
    if len(bounds) == 0:
        return np.empty((0, 3))
    west, south, east, north = _join_boxes(bounds, areas).T
    lats, lons = (south + north) / 2, (west + east) / 2
    middles = unit_vectors(lats, lons)
    chords = np.maximum(lengths(unit_vectors(south, west) - middles), lengths(unit_vectors(north, west) - middles))
    radii_m = 2 * np.arcsin(chords / 2) * MAX_CURVATURE_RADIUS_M * _ENLARGEMENT
    return np.stack([lats, (lons + 180) % 360 - 180, radii_m], axis=1)


def _join_boxes(bounds: Floats, areas: Shorts) -> Floats:
    """One box an area; where the area was split at the antimeridian, its longitudes run past 180."""
    starts, counts = areas[:-1], np.diff(areas)
    wide = np.maximum.reduceat(bounds[:, 2], starts) - np.minimum.reduceat(bounds[:, 0], starts) > 180
    turned = np.where(np.repeat(wide, counts) & (bounds[:, 2] <= 0), 360.0, 0.0)
    least = np.minimum.reduceat(bounds[:, :2] + np.stack([turned, np.zeros(len(turned))], axis=1), starts)
    most = np.maximum.reduceat(bounds[:, 2:] + np.stack([turned, np.zeros(len(turned))], axis=1), starts)
    return np.concatenate([least, most], axis=1)
