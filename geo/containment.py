"""Whether fences hold points, decided exactly for many pairs at once. Pure.

Each is decided by plain arithmetic where its rounding cannot matter, which is nearly always; the rest by what is exact:
geodesics, and GEOS.

A circle. The chord through the Earth is never longer than the geodesic. A curve on the ellipsoid bends nowhere more
than the smallest circle of curvature does, so by Schur's theorem the geodesic is never longer than the arc of that
circle over the same chord. For a fence of 100 m the two differ by a nanometre, for one of 50 km by 13 cm.

An area. A ray to the east crosses its rings an odd number of times from inside. An edge is crossed where the point lies
left of it, by the sign of a determinant; Shewchuk's bound (Adaptive Precision Floating-Point Arithmetic, 1997) says
when the sign of the rounded one is right. Where it may not be, the point is on an edge or next to it.
"""

import numpy as np
import shapely

from geo.drawings import Drawings, Outlines
from geo.geodesy import MIN_CURVATURE_RADIUS_M, WGS84, chords_m
from kit.arrays import Floats, Mask, Positions, Shorts, sort_distinct, spread

# More than the rounding of metres from the middle of the Earth, and of geodesics.
_SLACK_M = 1e-6
# Of x + x^3 / 24 and so on, the arc over a chord of x, for a circle of that radius; more than the rest of the series
# adds up to 100 km.
_ARC = 1.001 / 24 / MIN_CURVATURE_RADIUS_M**2
# (3 + 16 eps) eps, and a little more.
_SIGN_BOUND = 3.4e-16
# With more corners than that, GEOS looks only at the edges beside the point.
MANY_CORNERS = 64
MAX_PREPARED = 512


def decide_circles(circles: Floats, lats: Floats, lons: Floats) -> Mask:
    """Whether each of the circles, (lat, lon, radius_m) a row of at most 50 km, holds the point beside it."""
    centre_lats, centre_lons, radii_m = circles.T
    straight_m = chords_m(centre_lats, centre_lons, lats, lons)
    # The arc; where the series is cut off, the chord is longer than any fence is wide.
    arcs_m = straight_m + straight_m * straight_m * straight_m * _ARC
    held: Mask = arcs_m + _SLACK_M <= radii_m
    open_ = (~held & (straight_m - _SLACK_M <= radii_m)).nonzero()[0]
    if len(open_):
        way_m = WGS84.inv(centre_lons[open_], centre_lats[open_], lons[open_], lats[open_])[2]
        held[open_] = way_m <= radii_m[open_]
    return held


class AreaJudge:
    """Decides on the areas of some drawings. It keeps those of many corners as GEOS prepares them: a bounded number."""

    __slots__ = ("_drawings", "_outlines", "_prepared")

    def __init__(self, drawings: Drawings, outlines: Outlines) -> None:
        self._drawings = drawings
        self._outlines = outlines
        self._prepared: dict[int, shapely.MultiPolygon] = {}

    def decide(self, areas: Shorts, lats: Floats, lons: Floats) -> Mask:
        """Whether each area holds the point beside it; its boundary belongs to it."""
        starts, counts = self._outlines.spans(areas)
        is_large = counts > MANY_CORNERS
        large = is_large.nonzero()[0]
        if len(large):
            counts = np.where(is_large, 0, counts)
        held, rest = self._cross_rings(starts, counts, lats, lons)
        if len(rest):
            held[rest] = shapely.intersects_xy(self._drawings.geometries(areas[rest]), lons[rest], lats[rest])
        if len(large):
            polygons = np.array([self._prepare(area) for area in areas[large].tolist()], object)
            held[large] = shapely.intersects_xy(polygons, lons[large], lats[large])
        return held

    def _cross_rings(self, starts: Shorts, counts: Shorts, lats: Floats, lons: Floats) -> tuple[Mask, Positions]:
        """Whether a ray to the east crosses the rings of each area an odd number of times, and where that may be wrong.

        An area has so many corners from the one where it starts.
        """
        pairs, corners = spread(starts, counts)
        # As seen from the point. From the last corner of a ring no edge goes on to the next ring.
        seen = self._outlines.corners.take(corners, axis=0)
        x, y = seen[:, 0] - lons.repeat(counts), seen[:, 1] - lats.repeat(counts)
        x1, y1, x2, y2 = x[:-1], y[:-1], x[1:], y[1:]
        left, right = x1 * y2, y1 * x2
        turn = left - right
        is_above, is_edge = y > 0, self._outlines.begins_edge.take(corners[:-1])
        crossed = (is_above[:-1] != is_above[1:]) & ((turn > 0) == is_above[1:]) & is_edge
        is_odd = np.bincount(pairs.take(crossed.nonzero()[0]), minlength=len(starts)) & 1 == 1
        unsure = (np.abs(turn) <= _SIGN_BOUND * (np.abs(left) + np.abs(right))).nonzero()[0]
        # It matters where the edge is beside the point.
        unsure = unsure[(y1[unsure] * y2[unsure] <= 0) & is_edge[unsure]]
        return is_odd, sort_distinct(pairs[unsure])

    def _prepare(self, area: int) -> shapely.MultiPolygon:
        polygons = self._prepared.get(area)
        if polygons is None:
            if len(self._prepared) >= MAX_PREPARED:
                self._prepared.clear()
            polygons = self._prepared[area] = self._drawings.geometry(area)
            shapely.prepare(polygons)
        return polygons
