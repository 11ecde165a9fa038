"""Which fences of its program hold a point: an immutable index of all fences, matched in memory.

One STRtree over the bounding boxes of all programs finds candidates; each candidate is then decided exactly. A circle
stays a circle: its distance is geodesic on WGS 84. The edges of an area are straight in longitude and latitude, as
RFC 7946 says, and its boundary belongs to it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geodesy import SMALLEST_CURVATURE_M, WGS84, distance_m, metres_per_degree

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Geometries = NDArray[Any]
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

# A box is made this much larger than its circle, so that rounding never hides a point on the rim.
_BOX_ENLARGEMENT = 1.0001


class Circle(msgspec.Struct, frozen=True, gc=False):
    lat: float
    lon: float
    radius_m: float


class Area(msgspec.Struct, frozen=True, gc=False):
    """One or more polygons in longitude and latitude, split at the antimeridian (see `geo.shapes.parse_area`)."""

    polygons: shapely.MultiPolygon


class Fence(msgspec.Struct, frozen=True, gc=False):
    """A geofence with what the transition machine needs to know about it.

    `radius_m` is the circle's radius or the area's largest inscribed circle's.
    """

    geofence_id: UUID
    program_id: UUID
    store_id: UUID
    name: str
    shape: Circle | Area
    radius_m: float
    exit_margin_m: float = 25.0
    exit_confirm_s: float = 120.0
    exit_confirm_fixes: int = 2
    dwell_s: float = 300.0


class FenceIndex:
    """An immutable set of fences that answers which of them hold a point; made by `FenceIndex.build`."""

    __slots__ = ("_boxes", "_position_of", "fences")

    def __init__(self, fences: tuple[Fence, ...], boxes: "_Boxes") -> None:
        self.fences: Sequence[Fence] = fences
        self._position_of = {fence.geofence_id: position for position, fence in enumerate(fences)}
        self._boxes = boxes

    @classmethod
    def build(cls, fences: Iterable[Fence]) -> "FenceIndex":
        kept = tuple(fences)
        return cls(kept, _Boxes(kept))

    def __len__(self) -> int:
        return len(self.fences)

    def get(self, geofence_id: UUID) -> Fence | None:
        position = self._position_of.get(geofence_id)
        return None if position is None else self.fences[position]

    def contains(self, program_ids: Sequence[UUID], lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        """Find all (point, fence) pairs where the fence holds the point and belongs to the point's program.

        The three inputs are of one length, in degrees. Returns positions of points and, beside them, positions in
        `fences`, sorted by point and then by fence. A point that is not finite is in no fence.
        """
        return self._boxes.holding(program_ids, lats, lons)

    def count_near(self, program_id: UUID, bounds: Sequence[Bounds]) -> int:
        return len(self._boxes.touching(program_id, bounds))

    def near(self, program_id: UUID, bounds: Sequence[Bounds]) -> list[Fence]:
        """The program's fences whose bounding boxes touch any of the given ones, each once."""
        return [self.fences[position] for position in self._boxes.touching(program_id, bounds).tolist()]


class _Boxes:
    """The bounding boxes in the tree: those of the circles first, then one for each polygon of each area.

    A circle that crosses the antimeridian has two boxes. The tree knows only envelopes, so a circle's box is stored as
    its diagonal (a third of a box's memory) and an area's as the polygon itself.
    """

    __slots__ = ("circles", "fence_of", "polygons", "slot_of", "slot_of_program", "tree")

    def __init__(self, fences: tuple[Fence, ...]) -> None:
        round_ones = [n for n, fence in enumerate(fences) if isinstance(fence.shape, Circle)]
        drawn_ones = [n for n, fence in enumerate(fences) if isinstance(fence.shape, Area)]
        self.circles, diagonals, circle_owner = _box_circles([fences[n].shape for n in round_ones])
        self.polygons, area_owner = _parts_of([fences[n].shape for n in drawn_ones])
        self.fence_of: Positions = np.concatenate(
            [np.array(round_ones, np.int64)[circle_owner], np.array(drawn_ones, np.int64)[area_owner]]
        )
        self.slot_of_program: dict[UUID, int] = {}
        slots = [self.slot_of_program.setdefault(f.program_id, len(self.slot_of_program)) for f in fences]
        self.slot_of: NDArray[np.int32] = np.array(slots, np.int32)[self.fence_of]
        self.tree = shapely.STRtree(np.concatenate([diagonals, self.polygons]))
        # The tree is built by its first query; that must not be a shopper's.
        self.tree.query(shapely.Point(0, 0))

    def holding(self, program_ids: Sequence[UUID], lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        if len(lats) == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        points, boxes = self.tree.query(shapely.points(lons, lats))
        if len(points) == 0:
            return points, boxes
        # Looked up for the candidates only: hashing a UUID costs more than the tree does for a point in no box.
        asked = [self.slot_of_program.get(program_ids[point], -1) for point in points.tolist()]
        own = self.slot_of[boxes] == np.array(asked, np.int32)
        points, boxes = points[own], boxes[own]
        held = self._decide(boxes, lats[points], lons[points])
        # A point on the seam of two polygons of one area is found twice; unique also sorts by point, then fence.
        pairs = np.unique(np.stack([points[held], self.fence_of[boxes[held]]]), axis=1)
        return pairs[0], pairs[1]

    def touching(self, program_id: UUID, bounds: Sequence[Bounds]) -> Positions:
        slot = self.slot_of_program.get(program_id, -1)
        windows = shapely.box(*np.array(bounds, np.float64).T)
        boxes = self.tree.query(windows)[1]
        return np.unique(self.fence_of[boxes[self.slot_of[boxes] == slot]])

    def _decide(self, boxes: Positions, lats: Floats, lons: Floats) -> NDArray[np.bool_]:
        held = np.empty(len(boxes), np.bool_)
        is_round = boxes < len(self.circles)
        if is_round.any():
            lat, lon, radius_m = self.circles[boxes[is_round]].T
            held[is_round] = WGS84.inv(lon, lat, lons[is_round], lats[is_round])[2] <= radius_m
        drawn = ~is_round
        if drawn.any():
            polygons = self.polygons[boxes[drawn] - len(self.circles)]
            # For a point, "intersects" is "covers": the boundary counts.
            held[drawn] = shapely.intersects_xy(polygons, lons[drawn], lats[drawn])
        return held


def _box_circles(shapes: Sequence[Circle | Area]) -> tuple[Floats, Geometries, Positions]:
    """(lat, lon, radius_m) of each box, the box's diagonal, and the position of its circle in `shapes`."""
    circles = np.array([(c.lat, c.lon, c.radius_m) for c in shapes if isinstance(c, Circle)], np.float64).reshape(-1, 3)
    lat, lon, radius_m = circles.T
    angle = radius_m / SMALLEST_CURVATURE_M * _BOX_ENLARGEMENT
    dlat = np.degrees(angle)
    # The widest parallel of a circle on the sphere (Bronstein: sin dlon = sin r / cos lat), with the geodetic latitude
    # for the reduced one, whose cosine is larger: the box errs to the wide side.
    dlon = np.degrees(np.arcsin(np.minimum(1.0, np.sin(angle) / np.cos(np.radians(lat))))) * _BOX_ENLARGEMENT
    west, east, south, north = lon - dlon, lon + dlon, lat - dlat, lat + dlat
    over_west, over_east = np.flatnonzero(west < -180), np.flatnonzero(east > 180)
    owner = np.concatenate([np.arange(len(circles)), over_west, over_east])
    # What sticks out on one side of the map comes in again on the other.
    west = np.concatenate([west, west[over_west] + 360, west[over_east] - 360])
    east = np.concatenate([east, east[over_west] + 360, east[over_east] - 360])
    corners = np.stack([west, south[owner], east, north[owner]], axis=1).reshape(-1, 2, 2)
    diagonals: Geometries = np.asarray(shapely.linestrings(corners))
    return circles[owner], diagonals, owner


def _parts_of(shapes: Sequence[Circle | Area]) -> tuple[Geometries, Positions]:
    """All polygons of all areas, prepared, and for each the position of its area in `shapes`."""
    whole = np.array([area.polygons for area in shapes if isinstance(area, Area)], dtype=object)
    parts, owner = shapely.get_parts(whole, return_index=True)
    shapely.prepare(parts)
    return parts, owner


def outside_m(fence: Fence, lat: float, lon: float) -> float:
    """Metres from the point to the fence's edge; 0 inside.

    Geodesic for a circle. For an area it is measured in a plane scaled at the point: less than 0.5 % off within 1 km,
    which is where the exit margin is decided.
    """
    shape = fence.shape
    if isinstance(shape, Circle):
        return max(0.0, distance_m(shape.lat, shape.lon, lat, lon) - shape.radius_m)
    lat_m, lon_m = metres_per_degree(lat)

    def flatten(coordinates: Floats) -> Floats:
        dlon = (coordinates[:, 0] - lon + 180) % 360 - 180
        return np.stack([dlon * lon_m, (coordinates[:, 1] - lat) * lat_m], axis=1)

    return float(shapely.distance(shapely.transform(shape.polygons, flatten), shapely.Point(0, 0)))
