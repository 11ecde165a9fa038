"""Which fences hold which points, decided exactly: by geodesics, and by GEOS. Pure.

Few points are asked for here: those next to a boundary, and those in areas of many corners (`geo.kernels.fences`).
"""

import numpy as np
import shapely

from geo.fence_columns import FenceColumns
from geo.geodesy import WGS84
from kit.arrays import Floats, Mask, Positions, Shorts

MAX_PREPARED = 512


class ExactJudge:
    """It keeps those areas of many corners that it was asked about as GEOS prepares them: a bounded number."""

    __slots__ = ("_columns", "_prepared")

    def __init__(self, columns: FenceColumns) -> None:
        self._columns = columns
        self._prepared: dict[int, shapely.MultiPolygon] = {}

    def decide(self, positions: Positions, lats: Floats, lons: Floats) -> Mask:
        """Whether each of these fences holds the point beside it; its boundary belongs to it."""
        held = np.empty(len(positions), np.bool_)
        areas = self._columns.area_of.take(positions)
        circles, drawn = (areas < 0).nonzero()[0], (areas >= 0).nonzero()[0]
        centre_lats, centre_lons, radii_m = self._columns.circles.take(positions[circles], axis=0).T
        held[circles] = WGS84.inv(centre_lons, centre_lats, lons[circles], lats[circles])[2] <= radii_m
        held[drawn] = shapely.intersects_xy(self._polygons(areas[drawn]), lons[drawn], lats[drawn])
        return held

    def _polygons(self, areas: Shorts) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
        polygons = np.empty(len(areas), object)
        polygons[:] = [self._prepare(area) for area in areas.tolist()]
        return polygons

    def _prepare(self, area: int) -> shapely.MultiPolygon:
        polygons = self._prepared.get(area)
        if polygons is None:
            if len(self._prepared) >= MAX_PREPARED:
                self._prepared.clear()
            polygons = self._prepared[area] = self._columns.drawings.geometry(area)
            shapely.prepare(polygons)
        return polygons
