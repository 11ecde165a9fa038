"""Which fences of its program hold a point: an immutable index of all fences, matched in memory.

Search trees over the bounding boxes of all programs find candidates; each candidate is then decided exactly. A circle
stays a circle: its distance is geodesic on WGS 84. The edges of an area are straight in longitude and latitude, as
RFC 7946 says, and its boundary belongs to it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.forest import Floats, Forest, Geometries, Positions
from geo.geodesy import SMALLEST_CURVATURE_M, WGS84
from kit.steps import Steps, run_through

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

# A box is made this much larger than its circle, so that rounding never hides a point on the rim.
_BOX_ENLARGEMENT = 1.0001
# How many fences one step of a building takes: a few milliseconds.
_STEP_SIZE = 1000


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
    tells_crossings: bool = False


class FenceSet(Protocol):
    """What answers which fences hold a point: a `FenceIndex`, or one under an overlay of changes (`geo.overlay`)."""

    def __len__(self) -> int: ...

    @property
    def fences(self) -> Sequence[Fence]:
        """By the positions that `contains` answers. Under an overlay it also holds fences that are no more."""
        ...

    def get(self, geofence_id: UUID) -> Fence | None: ...

    def has_fences_of(self, program_id: UUID) -> bool:
        """False only where the program has none. Quick."""
        ...

    def contains(self, program_ids: Sequence[UUID], lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        """Find all (point, fence) pairs where the fence holds the point and belongs to the point's program.

        The three inputs are of one length, in degrees. Returns positions of points and, beside them, positions in
        `fences`, sorted by point and then by fence. A point that is not finite is in no fence.
        """
        ...

    def touching(self, program_id: UUID, bounds: Sequence[Bounds]) -> Positions:
        """Positions in `fences` of the program's fences whose bounding boxes touch any of the given ones, each once."""
        ...


class FenceIndex:
    """An immutable `FenceSet`; made by `FenceIndex.build`, or step by step by `FenceIndex.building`."""

    __slots__ = ("_boxes", "_position_of", "fences")

    def __init__(self, fences: tuple[Fence, ...], position_of: dict[UUID, int], boxes: "_Boxes") -> None:
        self.fences: Sequence[Fence] = fences
        self._position_of = position_of
        self._boxes = boxes

    @classmethod
    def build(cls, fences: Iterable[Fence]) -> "FenceIndex":
        return run_through(cls.building(fences))

    @classmethod
    def building(cls, fences: Iterable[Fence]) -> Steps["FenceIndex"]:
        """No step takes more than some milliseconds, however many fences there are."""
        kept = tuple(fences)
        position_of: dict[UUID, int] = {}
        for start in range(0, len(kept), _STEP_SIZE):
            position_of.update((kept[n].geofence_id, n) for n in range(start, min(start + _STEP_SIZE, len(kept))))
            yield
        return cls(kept, position_of, (yield from _Boxes.building(kept)))

    def __len__(self) -> int:
        return len(self.fences)

    def get(self, geofence_id: UUID) -> Fence | None:
        position = self.position(geofence_id)
        return None if position is None else self.fences[position]

    def has_fences_of(self, program_id: UUID) -> bool:
        return program_id in self._boxes.slot_of_program

    def position(self, geofence_id: UUID) -> int | None:
        return self._position_of.get(geofence_id)

    def contains(self, program_ids: Sequence[UUID], lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        return self._boxes.holding(program_ids, lats, lons)

    def touching(self, program_id: UUID, bounds: Sequence[Bounds]) -> Positions:
        return self._boxes.touching(program_id, bounds)

    def parts(self) -> list[object]:
        """What makes up most of it. Who drops a large index drops them from the last on: all at once takes long."""
        trees = self._boxes.forest.trees
        boxes = [tree.geometries for tree in trees]
        return [b[n : n + _STEP_SIZE].copy() for b in boxes for n in range(0, len(b), _STEP_SIZE)] + list(trees)


class _Boxes:
    """The bounding boxes: those of the circles first, then one for each polygon of each area.

    A circle that crosses the antimeridian has two boxes. The trees know only envelopes, so a circle's box is stored as
    its diagonal (a third of a box's memory) and an area's as the polygon itself.
    """

    __slots__ = ("circles", "fence_count", "fence_of", "forest", "polygons", "slot_of", "slot_of_program")

    def __init__(
        self, rounds: "_Round", drawns: "_Drawn", slot_of_program: dict[UUID, int], slots: Positions, forest: Forest
    ) -> None:
        self.circles, self.polygons, self.forest = rounds.circles, drawns.polygons, forest
        self.fence_of: Positions = np.concatenate([rounds.owner, drawns.owner])
        self.fence_count = len(slots)
        self.slot_of_program = slot_of_program
        self.slot_of: Positions = slots[self.fence_of]

    @classmethod
    def building(cls, fences: tuple[Fence, ...]) -> Steps["_Boxes"]:
        round_ones, drawn_ones = [_Round.of(fences, ())], [_Drawn.of(fences, ())]
        slot_of_program: dict[UUID, int] = {}
        slots = np.empty(len(fences), np.int64)
        for start in range(0, len(fences), _STEP_SIZE):
            span = range(start, min(start + _STEP_SIZE, len(fences)))
            slots[start : span.stop] = [
                slot_of_program.setdefault(fences[n].program_id, len(slot_of_program)) for n in span
            ]
            round_ones.append(_Round.of(fences, [n for n in span if isinstance(fences[n].shape, Circle)]))
            yield
            drawn_ones.append(_Drawn.of(fences, [n for n in span if isinstance(fences[n].shape, Area)]))
            yield
        rounds = _Round(*_join(round_ones))
        yield
        drawns = _Drawn(*_join(drawn_ones))
        yield
        envelopes = np.concatenate([rounds.diagonals, drawns.polygons])
        yield
        forest = yield from Forest.grow(envelopes, np.concatenate([rounds.bounds, drawns.bounds]))
        return cls(rounds, drawns, slot_of_program, slots, forest)

    def holding(self, program_ids: Sequence[UUID], lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        if len(lats) == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        points, boxes = self.forest.query(lats, lons)
        if len(points) == 0:
            return points, boxes
        own = self.slot_of[boxes] == self._slots_asked([program_ids[point] for point in points.tolist()])
        points, boxes = points[own], boxes[own]
        held = self._decide(boxes, lats[points], lons[points])
        # Sorted by point, then fence. A point on the seam of two polygons of one area is found twice.
        pairs = _sort_distinct(points[held] * self.fence_count + self.fence_of[boxes[held]])
        found_points, found_fences = np.divmod(pairs, self.fence_count)
        return found_points, found_fences

    def _slots_asked(self, program_ids: Sequence[UUID]) -> Positions:
        """Of the candidates only, and of a run of the same id once: hashing it costs more than the tree does."""
        asked: list[int] = []
        last, slot = None, -1
        for program_id in program_ids:
            if program_id is not last:
                last, slot = program_id, self.slot_of_program.get(program_id, -1)
            asked.append(slot)
        return np.array(asked, np.int64)

    def touching(self, program_id: UUID, bounds: Sequence[Bounds]) -> Positions:
        slot = self.slot_of_program.get(program_id, -1)
        windows: Geometries = np.asarray(shapely.box(*np.array(bounds, np.float64).T))
        boxes = self.forest.touching(windows)
        return _sort_distinct(self.fence_of[boxes[self.slot_of[boxes] == slot]])

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


class _Round(NamedTuple):
    """Boxes of circles: (lat, lon, radius_m) of each, its diagonal, its bounds, and the position of its fence."""

    circles: Floats
    diagonals: Geometries
    bounds: Floats
    owner: Positions

    @classmethod
    def of(cls, fences: Sequence[Fence], positions: Sequence[int]) -> "_Round":
        shapes = [fences[n].shape for n in positions]
        circles, bounds, owner = _box_circles(shapes)
        diagonals: Geometries = np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2)))
        return cls(circles, diagonals, bounds, np.array(positions, np.int64)[owner])


class _Drawn(NamedTuple):
    """All polygons of areas, prepared, their bounds, and for each the position of its fence.

    An area of one polygon stands for it, as nearly all do: a part is a copy.
    """

    polygons: Geometries
    bounds: Floats
    owner: Positions

    @classmethod
    def of(cls, fences: Sequence[Fence], positions: Sequence[int]) -> "_Drawn":
        shapes = [fences[n].shape for n in positions]
        whole = np.array([area.polygons for area in shapes if isinstance(area, Area)], dtype=object)
        counts = shapely.get_num_geometries(whole)
        owner = np.repeat(np.arange(len(whole)), counts)
        parts = whole[owner]
        parts[counts[owner] > 1] = shapely.get_parts(whole[counts > 1])
        shapely.prepare(parts)
        return cls(parts, shapely.bounds(parts).reshape(-1, 4), np.array(positions, np.int64)[owner])


def _sort_distinct(positions: Positions) -> Positions:
    """As numpy.unique, whose first call imports numpy.ma: 50 ms in which a server answers nobody."""
    ordered = np.sort(positions)
    distinct: Positions = ordered[np.diff(ordered, prepend=-1) != 0]
    return distinct


def _join(parts: Sequence[tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
    """Concatenate by column."""
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _box_circles(shapes: Sequence[Circle | Area]) -> tuple[Floats, Floats, Positions]:
    """(lat, lon, radius_m) of each box, its (west, south, east, north), and the position of its circle in `shapes`."""
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
    return circles[owner], np.stack([west, south[owner], east, north[owner]], axis=1), owner


def box_fences(fences: Sequence[Fence]) -> tuple[Floats, Positions]:
    """The bounding boxes as (west, south, east, north), and the position of its fence beside each."""
    positions = range(len(fences))
    rounds = _Round.of(fences, [n for n in positions if isinstance(fences[n].shape, Circle)])
    drawns = _Drawn.of(fences, [n for n in positions if isinstance(fences[n].shape, Area)])
    return np.concatenate([rounds.bounds, drawns.bounds]), np.concatenate([rounds.owner, drawns.owner])
