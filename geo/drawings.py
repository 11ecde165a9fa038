"""The polygons of many areas as four arrays: their corners, and where each ring, polygon and area begins. Pure.

A million GEOS objects take three times what their coordinates take. A geometry is made anew when somebody asks for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from kit.arrays import Floats, Mask, Shorts, join_starts, spread, to_starts
from kit.steps import Steps, run_through

# How many polygons one step measures: a millisecond or two.
_STEP_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Drawings:
    """`corners` are (lon, lat) of each, the first of a ring again at its end; the others tell where each begins.

    A ring begins at a corner, a polygon at a ring (its shell), an area at a polygon; the end of the last stands behind.
    """

    corners: Floats
    rings: Shorts
    polygons: Shorts
    areas: Shorts

    @classmethod
    def of(cls, areas: NDArray[Any]) -> "Drawings":
        """Of shapely.MultiPolygons."""
        if len(areas) == 0:
            return cls(np.empty((0, 2)), *(np.zeros(1, np.int32) for _ in range(3)))
        _, corners, starts = shapely.to_ragged_array(areas, include_z=False)
        return cls(corners, *(each.astype(np.int32) for each in starts))

    def __len__(self) -> int:
        return len(self.areas) - 1

    def take(self, areas: NDArray[np.integer]) -> "Drawings":
        """Some of them, in any order."""
        _, polygons = spread(self.areas[areas], counts := self.areas[areas + 1] - self.areas[areas])
        _, rings = spread(self.polygons[polygons], ring_counts := self.polygons[polygons + 1] - self.polygons[polygons])
        _, corners = spread(self.rings[rings], corner_counts := self.rings[rings + 1] - self.rings[rings])
        return Drawings(self.corners[corners], to_starts(corner_counts), to_starts(ring_counts), to_starts(counts))

    def geometry(self, area: int) -> shapely.MultiPolygon:
        """The MultiPolygon of one of them."""
        parts = [self._polygon(n) for n in range(self.areas[area], self.areas[area + 1])]
        made: shapely.MultiPolygon = shapely.multipolygons(parts)
        return made

    def _polygon(self, polygon: int) -> shapely.Polygon:
        begins = self.rings[self.polygons[polygon] : self.polygons[polygon + 1] + 1].tolist()
        rings = [shapely.linearrings(self.corners[begin:end]) for begin, end in pairwise(begins)]
        return shapely.Polygon(rings[0], rings[1:])

    def bounds(self) -> Floats:
        """(west, south, east, north) of each polygon."""
        return run_through(self.bound_in_steps())

    def bound_in_steps(self) -> Steps[Floats]:
        # From the begin of each shell to that of the next polygon: its holes lie inside.
        begins = self.rings[self.polygons]
        bounds = np.empty((len(begins) - 1, 4))
        for start in range(0, len(bounds), _STEP_SIZE):
            end = min(start + _STEP_SIZE, len(bounds))
            corners = self.corners[begins[start] : begins[end]]
            some = begins[start:end] - begins[start]
            np.minimum.reduceat(corners, some, out=bounds[start:end, :2])
            np.maximum.reduceat(corners, some, out=bounds[start:end, 2:])
            yield
        return bounds

    def keep(self, kept: Mask) -> "Drawings":
        if kept.all():
            return self
        polygons = np.repeat(kept, counts := np.diff(self.areas))
        rings = np.repeat(polygons, ring_counts := np.diff(self.polygons))
        corners = np.repeat(rings, corner_counts := np.diff(self.rings))
        return Drawings(
            self.corners.take(corners.nonzero()[0], axis=0),
            to_starts(corner_counts[rings]),
            to_starts(ring_counts[polygons]),
            to_starts(counts[kept]),
        )


def join_drawings(parts: Sequence[Drawings]) -> Drawings:
    return Drawings(
        np.concatenate([each.corners for each in parts]),
        join_starts([each.rings for each in parts]),
        join_starts([each.polygons for each in parts]),
        join_starts([each.areas for each in parts]),
    )
