"""How far many points lie outside of fences: as `geo.edges.distance_to_edge_m`, in arrays. Pure."""

import numpy as np

from geo.drawings import Outlines
from geo.fence_columns import FenceColumns
from geo.geodesy import distances_m, metres_per_degree_at
from kit.arrays import Floats, Positions, Shorts, spread


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
    _, corners = spread(starts, counts)
    beside = outlines.corners.take(corners, axis=0)
    lat_m, lon_m = metres_per_degree_at(lats)
    x = (beside[:, 0] - _turn(outlines, beside, corners, lons.repeat(counts))) * lon_m.repeat(counts)
    y = (beside[:, 1] - lats.repeat(counts)) * lat_m.repeat(counts)
    # The last corner of a ring is an edge of no length.
    steps = np.array([np.diff(x, append=0.0), np.diff(y, append=0.0)]) * outlines.begins_edge.take(corners)
    return np.sqrt(np.minimum.reduceat(_measure_m2(x, y, *steps), counts.cumsum() - counts))


def _turn(outlines: Outlines, beside: Floats, corners: Positions, lons: Floats) -> Floats:
    """The longitudes of the points on the side of the antimeridian where the ring beside each begins.

    No ring crosses it, but the way to one may.
    """
    if np.abs(beside[:, 0] - lons).max() <= 180.0:
        return lons
    turn = outlines.ring_lons(corners) - lons
    return lons + 360.0 * np.sign(turn) * (np.abs(turn) > 180.0)


def _measure_m2(x: Floats, y: Floats, dx: Floats, dy: Floats) -> Floats:
    """Squares of the distances from the origin to edges that begin at x, y and go on by dx, dy."""
    length_m2 = dx * dx + dy * dy
    length_m2[length_m2 == 0.0] = 1.0  # a corner that comes twice, or ends a ring
    share = -(x * dx + y * dy) / length_m2
    share = np.minimum(np.maximum(share, 0.0, out=share), 1.0, out=share)
    x, y = x + share * dx, y + share * dy
    nearest_m2: Floats = x * x + y * y
    return nearest_m2
