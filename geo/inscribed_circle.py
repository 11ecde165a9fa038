"""The largest circle inside an area. Pure.

Its centre is a vertex of the Voronoi diagram of the area's edges: there it touches three of them. Boost finds all
vertices exactly in O(n log n), whatever the shape. GEOS' own search halves squares instead: in a long corridor it ends
at its limit of steps, late and several per cent too small.
"""

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from pyvoronoi import Pyvoronoi
from shapely import affinity

from geo.geodesy import distance_m, metres_per_degree

_GRID_M = 0.001

Points = NDArray[np.float64]


def inscribed_radius_m(area: shapely.MultiPolygon) -> float:
    """Radius in metres of the largest circle that fits into an area, to one per cent within a degree of its middle.

    Holds the interpreter for up to a second where the area has ten thousand positions.
    """
    whole = rejoin(area)
    lat_m, lon_m = metres_per_degree((whole.bounds[1] + whole.bounds[3]) / 2)
    flat = affinity.scale(whole, lon_m, lat_m, origin=(0, 0))
    centre = _find_centre(flat)
    if centre is None:  # thinner than the grid
        return float(flat.area / flat.length)
    # Measured again on the ellipsoid: the plane's scale is right only in the middle of a wide area.
    touched = shapely.get_coordinates(shapely.shortest_line(shapely.Point(centre), flat.boundary))
    (lon1, lat1), (lon2, lat2) = touched / (lon_m, lat_m)
    return distance_m(lat1, lon1, lat2, lon2)


def rejoin(area: shapely.MultiPolygon) -> shapely.Polygon | shapely.MultiPolygon:
    """The area in one piece again where it was split at the antimeridian; longitudes then run past 180."""
    west, _, east, _ = area.bounds
    if east - west <= 180:
        return area
    parts = [affinity.translate(part, 360) if part.bounds[2] <= 0 else part for part in area.geoms]
    return cast("shapely.Polygon | shapely.MultiPolygon", shapely.union_all(parts))


def _find_centre(flat: shapely.Polygon | shapely.MultiPolygon) -> Points | None:
    """In the plane, metres."""
    middle = np.array([(flat.bounds[0] + flat.bounds[2]) / 2, (flat.bounds[1] + flat.bounds[3]) / 2])
    # On a grid, with a node wherever edges touch: what Boost asks of its input.
    snapped = shapely.set_precision(shapely.transform(flat, lambda at: (at - middle) / _GRID_M), 1)
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(snapped)))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    starts, ends = corners[:-1][within], corners[1:][within]
    if not len(starts):
        return None
    vertices, clearances, inside = _judge_vertices(starts, ends)
    shapely.prepare(snapped)
    for at in np.argsort(-clearances):
        if inside[at] > 0 or (inside[at] == 0 and shapely.contains_xy(snapped, *vertices[at])):
            return cast("Points", vertices[at] * _GRID_M + middle)
    return None


def _judge_vertices(starts: Points, ends: Points) -> tuple[Points, Points, NDArray[np.int8]]:
    """Every Voronoi vertex with its distance to the edges, and whether it lies inside: 1, outside: -1, not known: 0.

    The inside lies to the left of every edge.
    """
    diagram = Pyvoronoi(1)
    for segment in np.stack([starts, ends], axis=1).astype(np.int64).tolist():
        diagram.AddSegment(segment)
    diagram.Construct()
    vertices = np.array([(vertex.X, vertex.Y) for _, vertex in diagram.EnumerateVertices()]).reshape(-1, 2)
    pairs = [
        (vertex, cell.site, cell.contains_segment)
        for _, cell in diagram.EnumerateCells()
        for vertex in cell.vertices
        if vertex >= 0
    ]
    vertex, site, has_segment = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
    along, to_vertex = (ends - starts)[site], vertices[vertex] - starts[site]
    share = np.clip((to_vertex * along).sum(axis=1) / (along * along).sum(axis=1), 0, 1)
    clearances = np.zeros(len(vertices))
    clearances[vertex] = np.hypot(*(to_vertex - share[:, None] * along).T)
    side = np.sign(along[:, 0] * to_vertex[:, 1] - along[:, 1] * to_vertex[:, 0]).astype(np.int8)
    inside = np.zeros(len(vertices), dtype=np.int8)
    known = has_segment == 1
    inside[vertex[known]] = side[known]
    return vertices, clearances, inside
