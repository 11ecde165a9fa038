"""How far many points lie outside of fences: as `geo.edges.distance_to_edge_m`, in arrays. Pure."""

import numpy as np

from geo.drawings import Outlines
from geo.fence_columns import FenceColumns
from geo.geodesy import distances_m, metres_per_degree_at
from kit.arrays import Floats, Mask, Positions, Shorts, spread


def distances_to_edges_m(
    columns: FenceColumns, outlines: Outlines, positions: Positions, lats: Floats, lons: Floats
) -> Floats:
    """Metres from each point to the edge of the fence at the position beside it, in the columns' outlines."""
    away_m = np.empty(len(positions))
    areas = columns.area_of[positions]
    circles, drawn = (areas < 0).nonzero()[0], (areas >= 0).nonzero()[0]
    if len(circles):
        away_m[circles] = _to_circles(columns.circles[positions[circles]], lats[circles], lons[circles])
    if len(drawn):
        away_m[drawn] = _to_areas(outlines, areas[drawn], lats[drawn], lons[drawn])
    return away_m


def _to_circles(circles: Floats, lats: Floats, lons: Floats) -> Floats:
    away_m = distances_m(circles[:, 0], circles[:, 1], lats, lons) - circles[:, 2]
    return np.maximum(away_m, 0.0, out=away_m)


def _to_areas(outlines: Outlines, areas: Shorts, lats: Floats, lons: Floats) -> Floats:
    """Each point beside every edge of its area, and of those the nearest."""
    starts, counts = outlines.spans(areas)
    pairs, corners = spread(starts, counts)
    lon_beside, lat_beside = outlines.corners.take(corners, axis=0).T
    lon_beside = lon_beside - _turn(outlines, corners, lons[pairs])
    lat_m, lon_m = metres_per_degree_at(lats)
    x, y = lon_beside * lon_m[pairs], (lat_beside - lats[pairs]) * lat_m[pairs]
    return np.sqrt(np.minimum.reduceat(_measure_m2(x, y, outlines.ends_ring[corners]), counts.cumsum() - counts))


def _turn(outlines: Outlines, corners: Positions, lons: Floats) -> Floats:
    """The longitudes of the points on the side of the antimeridian where the ring beside each begins.

    No ring crosses it, but the way to one may.
    """
    if len(lons) == 0 or np.abs(outlines.corners[corners, 0] - lons).max() <= 180.0:
        return lons
    turn = outlines.ring_lons(corners) - lons
    return lons + 360.0 * np.sign(turn) * (np.abs(turn) > 180.0)


def _measure_m2(x: Floats, y: Floats, ends_ring: Mask) -> Floats:
    """Squares of the distances from the origin to the edges that begin at x, y, and go on to the next ones.

    What ends a ring is an edge of no length, which is its first corner.
    """
    dx, dy = np.diff(x, append=0.0), np.diff(y, append=0.0)
    dx[ends_ring] = dy[ends_ring] = 0.0
    length_m2 = dx * dx + dy * dy
    length_m2[length_m2 == 0.0] = 1.0  # a corner that comes twice
    share = -(x * dx + y * dy) / length_m2
    share = np.minimum(np.maximum(share, 0.0, out=share), 1.0, out=share)
    x, y = x + share * dx, y + share * dy
    nearest_m2: Floats = x * x + y * y
    return nearest_m2
