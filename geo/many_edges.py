"""How far many points lie outside of fences: as `geo.edges.distance_to_edge_m`, in arrays. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import shapely

from geo.edges import CACHED_OUTLINES, Drawn
from geo.geodesy import WGS84, metres_per_degree_at
from geo.geofence import Area, Circle, Fence
from kit.arrays import Floats, Positions


class _Edges(NamedTuple):
    """Edges of areas, those of one area together: where each begins, what it goes on by, and where its ring begins, in
    degrees. `counts`: how many each area has."""

    lons: Floats
    lats: Floats
    dlons: Floats
    dlats: Floats
    ring_lons: Floats
    counts: Positions


def distances_to_edges_m(fences: Sequence[Fence], which: Positions, lats: Floats, lons: Floats) -> Floats:
    """Metres from each point to the edge of the fence at position `which`."""
    distances_m = np.empty(len(which))
    is_round = np.array([isinstance(fence.shape, Circle) for fence in fences], np.bool_)
    place = np.where(is_round, np.cumsum(is_round), np.cumsum(~is_round)) - 1  # among those of its kind
    of_circle = is_round[which]
    if of_circle.any():
        circles = [fence.shape for fence in fences if isinstance(fence.shape, Circle)]
        distances_m[of_circle] = _to_circles(circles, place[which[of_circle]], lats[of_circle], lons[of_circle])
    of_area = ~of_circle
    if of_area.any():
        edges = _list_edges([fence.shape for fence in fences if isinstance(fence.shape, Area)])
        distances_m[of_area] = _to_areas(edges, place[which[of_area]], lats[of_area], lons[of_area])
    return distances_m


def _to_circles(circles: Sequence[Circle], which: Positions, lats: Floats, lons: Floats) -> Floats:
    centres = np.array([(circle.lat, circle.lon, circle.radius_m) for circle in circles])[which]
    distances_m: Floats = WGS84.inv(centres[:, 1], centres[:, 0], lons, lats)[2] - centres[:, 2]
    return np.maximum(distances_m, 0.0, out=distances_m)


def _list_edges(areas: Sequence[Area]) -> _Edges:
    tables = [_edges(Drawn(area.polygons)) for area in areas]
    lons, lats, dlons, dlats, ring_lons = np.concatenate(tables, axis=1)
    return _Edges(lons, lats, dlons, dlats, ring_lons, np.array([table.shape[1] for table in tables]))


@lru_cache(CACHED_OUTLINES)
def _edges(drawn: Drawn) -> Floats:
    """The edges of one area, a row a column of `_Edges`."""
    _, corners, (rings, _, _) = shapely.to_ragged_array([drawn.polygons], include_z=False)
    # A corner begins an edge but for the last one of a ring, which is its first one again.
    begins = np.ones(len(corners), np.bool_)
    begins[rings[1:] - 1] = False
    steps = np.diff(corners, axis=0, append=0.0)[begins]
    ring_lons = np.repeat(corners[rings[:-1], 0], np.diff(rings) - 1)
    return np.stack([*corners[begins].T, *steps.T, ring_lons])


def _to_areas(edges: _Edges, which: Positions, lats: Floats, lons: Floats) -> Floats:
    """Each point beside every edge of its area, and of those the nearest."""
    counts = edges.counts[which]
    starts = np.cumsum(counts) - counts
    first = np.cumsum(edges.counts) - edges.counts
    beside = np.arange(counts.sum()) + np.repeat(first[which] - starts, counts)
    lons = np.repeat(lons, counts)
    turn = edges.ring_lons[beside] - lons
    if np.abs(turn).max() > 180.0:  # no ring crosses the antimeridian, but the way to it may
        lons += 360.0 * np.sign(turn) * (np.abs(turn) > 180.0)
    lat_m, lon_m = (np.repeat(metres, counts) for metres in metres_per_degree_at(lats))
    x, dx = (edges.lons[beside] - lons) * lon_m, edges.dlons[beside] * lon_m
    y, dy = (edges.lats[beside] - np.repeat(lats, counts)) * lat_m, edges.dlats[beside] * lat_m
    return np.sqrt(np.minimum.reduceat(_measure_m2(x, y, dx, dy), starts))


def _measure_m2(x: Floats, y: Floats, dx: Floats, dy: Floats) -> Floats:
    """Squares of the distances from the origin to edges that begin at x, y and go on by dx, dy."""
    length_m2 = dx * dx + dy * dy
    length_m2[length_m2 == 0.0] = 1.0  # a corner that comes twice
    share = np.clip(-(x * dx + y * dy) / length_m2, 0.0, 1.0)
    x, y = x + share * dx, y + share * dy
    nearest_m2: Floats = x * x + y * y
    return nearest_m2
