"""Which fences of its program contain a point: an immutable index of all fences, searched in memory. Pure.

Search trees over the bounding boxes of all programs find candidates; each candidate is then decided exactly. A circle
stays a circle: its distance is geodesic on WGS 84. The edges of an area are straight in longitude and latitude, as
RFC 7946 says, and its boundary belongs to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ball_tree import BallTree, FenceGroup, make_bounding_circles
from geo.boxes import box_circles, concatenate_in_steps
from geo.geodesy import WGS84
from geo.geofence import Area, Circle, Fence
from geo.tiled_tree import Floats, Geometries, Positions, TiledTree, sort_distinct
from ids import GeofenceId, ProgramId
from kit.steps import Steps, run_through

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
_Slots = dict[ProgramId, int]

# How many fences one step of a building takes: a few milliseconds.
_STEP_SIZE = 1000


class FenceSet(Protocol):
    """Fences that can be searched: a `FenceIndex`, or one under an overlay of changes (`geo.overlay`)."""

    def __len__(self) -> int: ...

    @property
    def fences(self) -> Sequence[Fence]:
        """By position, as `find_containing` answers them. Under an overlay it also holds fences that are removed."""
        ...

    def position(self, geofence_id: GeofenceId) -> int | None:
        """Its position in `fences`; None for one that is not there (any more)."""
        ...

    def get(self, geofence_id: GeofenceId) -> Fence | None: ...

    def has_fences_of(self, program_id: ProgramId) -> bool:
        """False only where the program has none. Quick."""
        ...

    def find_containing(
        self, program_ids: Sequence[ProgramId], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        """Find all pairs of a point and a fence of its program that contains it.

        The three inputs are of one length, in degrees. Returns positions of points and, beside them, positions in
        `fences`, sorted by point and then by fence. A point that is not finite is in no fence.
        """
        ...

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        """Positions in `fences` of the program's fences whose bounding boxes touch any of the given ones, each once."""
        ...

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> Iterator[FenceGroup]:
        """The program's fences in groups, the nearer groups first; positions are those in `fences`, each once."""
        ...


class FenceIndex:
    """An immutable `FenceSet`; made by `FenceIndex.build`, or step by step by `FenceIndex.build_in_steps`."""

    __slots__ = ("_ball_tree", "_boxes", "_position_of", "fences")

    def __init__(
        self, fences: tuple[Fence, ...], position_of: dict[int, int], boxes: "_Boxes", ball_tree: BallTree
    ) -> None:
        """`position_of` has the ids as integers: a dictionary of UUIDs is walked through by the garbage collector."""
        self.fences: Sequence[Fence] = fences
        self._position_of = position_of
        self._boxes = boxes
        self._ball_tree = ball_tree

    @classmethod
    def build(cls, fences: Iterable[Fence]) -> "FenceIndex":
        return run_through(cls.build_in_steps(fences))

    @classmethod
    def build_in_steps(cls, fences: Iterable[Fence]) -> Steps["FenceIndex"]:
        """No step takes more than some milliseconds, however many fences there are."""
        coming, listed = iter(fences), list[Fence]()
        position_of: dict[int, int] = {}
        while some := list(islice(coming, _STEP_SIZE)):
            position_of.update((fence.geofence_id.int, n) for n, fence in enumerate(some, len(listed)))
            listed += some
            yield
        kept = tuple(listed)
        del listed  # one thing less for the garbage collector to walk through
        boxes = yield from _Boxes.build_in_steps(kept)
        groups = [boxes.fence_of[members] for members in boxes.tree.members]
        ball_tree = yield from BallTree.build_in_steps(
            groups, boxes.slots, lambda group: measure_circles([kept[n] for n in group.tolist()])
        )
        return cls(kept, position_of, boxes, ball_tree)

    def __len__(self) -> int:
        return len(self.fences)

    def get(self, geofence_id: GeofenceId) -> Fence | None:
        position = self.position(geofence_id)
        return None if position is None else self.fences[position]

    def has_fences_of(self, program_id: ProgramId) -> bool:
        return program_id in self._boxes.slot_of_program

    def position(self, geofence_id: GeofenceId) -> int | None:
        return self._position_of.get(geofence_id.int)

    def find_containing(
        self, program_ids: Sequence[ProgramId], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        return self._boxes.find_containing(program_ids, lats, lons)

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        return self._boxes.find_touching(program_id, bounds)

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> Iterator[FenceGroup]:
        return self._ball_tree.iterate_nearest_groups(self._boxes.slot_of_program.get(program_id, -1), lat, lon)

    def parts(self) -> list[object]:
        """What holds most of its memory. A large index is dropped part by part, from the last: all at once is slow."""
        trees = self._boxes.tree.trees
        boxes = [tree.geometries for tree in trees]
        return [b[n : n + _STEP_SIZE].copy() for b in boxes for n in range(0, len(b), _STEP_SIZE)] + list(trees)


class _Boxes:
    """The bounding boxes: those of the circles first, then one for each polygon of each area.

    A circle that crosses the antimeridian has two boxes. The trees know only envelopes, so a circle's box is stored as
    its diagonal (a third of a box's memory) and an area's as the polygon itself.
    """

    __slots__ = ("circles", "fence_of", "polygons", "slot_of", "slot_of_program", "slots", "tree")

    def __init__(
        self,
        circle_boxes: "_CircleBoxes",
        polygon_boxes: "_PolygonBoxes",
        slot_of_program: _Slots,
        slots: Positions,
        tree: TiledTree,
    ) -> None:
        self.circles, self.polygons, self.tree = circle_boxes.circles, polygon_boxes.polygons, tree
        self.fence_of: Positions = np.concatenate([circle_boxes.owner, polygon_boxes.owner])
        self.slot_of_program, self.slots = slot_of_program, slots
        self.slot_of: Positions = slots[self.fence_of]

    @classmethod
    def build_in_steps(cls, fences: tuple[Fence, ...]) -> Steps["_Boxes"]:
        circle_parts, polygon_parts = [_CircleBoxes.of(fences, ())], [_PolygonBoxes.of(fences, ())]
        slot_of_program: _Slots = {}
        slots = np.empty(len(fences), np.int64)
        for start in range(0, len(fences), _STEP_SIZE):
            span = range(start, min(start + _STEP_SIZE, len(fences)))
            slots[start : span.stop] = [
                slot_of_program.setdefault(fences[n].program_id, len(slot_of_program)) for n in span
            ]
            circle_parts.append(_CircleBoxes.of(fences, [n for n in span if isinstance(fences[n].shape, Circle)]))
            yield
            polygon_parts.append(_PolygonBoxes.of(fences, [n for n in span if isinstance(fences[n].shape, Area)]))
            yield
        circle_boxes = _CircleBoxes(*(yield from concatenate_in_steps(circle_parts)))
        polygon_boxes = _PolygonBoxes(*(yield from concatenate_in_steps(polygon_parts)))
        envelopes = np.concatenate([circle_boxes.diagonals, polygon_boxes.polygons])
        yield
        tree = yield from TiledTree.build_in_steps(
            envelopes, np.concatenate([circle_boxes.bounds, polygon_boxes.bounds])
        )
        return cls(circle_boxes, polygon_boxes, slot_of_program, slots, tree)

    def find_containing(
        self, program_ids: Sequence[ProgramId], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        if len(lats) == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        points, boxes = self.tree.query(lats, lons)
        if len(points) == 0:
            return points, boxes
        own = self.slot_of[boxes] == self._slots_asked([program_ids[point] for point in points.tolist()])
        points, boxes = points[own], boxes[own]
        held = self._decide(boxes, lats[points], lons[points])
        # Sorted by point, then fence. A point on the seam of two polygons of one area is found twice.
        pairs = sort_distinct(points[held] * len(self.slots) + self.fence_of[boxes[held]])
        found_points, found_fences = np.divmod(pairs, len(self.slots))
        return found_points, found_fences

    def _slots_asked(self, program_ids: Sequence[ProgramId]) -> Positions:
        """Of the candidates only, and of a run of the same id once: hashing it costs more than the tree does."""
        asked: list[int] = []
        last, slot = None, -1
        for program_id in program_ids:
            if program_id is not last:
                last, slot = program_id, self.slot_of_program.get(program_id, -1)
            asked.append(slot)
        return np.array(asked, np.int64)

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        slot = self.slot_of_program.get(program_id, -1)
        windows: Geometries = np.asarray(shapely.box(*np.array(bounds, np.float64).T))
        boxes = self.tree.find_touching(windows)
        return sort_distinct(self.fence_of[boxes[self.slot_of[boxes] == slot]])

    def _decide(self, boxes: Positions, lats: Floats, lons: Floats) -> NDArray[np.bool_]:
        held = np.empty(len(boxes), np.bool_)
        is_circle = boxes < len(self.circles)
        if is_circle.any():
            lat, lon, radius_m = self.circles[boxes[is_circle]].T
            held[is_circle] = WGS84.inv(lon, lat, lons[is_circle], lats[is_circle])[2] <= radius_m
        drawn = ~is_circle
        if drawn.any():
            polygons = self.polygons[boxes[drawn] - len(self.circles)]
            # For a point, "intersects" is "covers": the boundary counts.
            held[drawn] = shapely.intersects_xy(polygons, lons[drawn], lats[drawn])
        return held


class _CircleBoxes(NamedTuple):
    """Boxes of circles: (lat, lon, radius_m) of each, its diagonal, its bounds, and the position of its fence."""

    circles: Floats
    diagonals: Geometries
    bounds: Floats
    owner: Positions

    @classmethod
    def of(cls, fences: Sequence[Fence], positions: Sequence[int]) -> "_CircleBoxes":
        shapes = [fences[n].shape for n in positions]
        plain = np.array([(c.lat, c.lon, c.radius_m) for c in shapes if isinstance(c, Circle)], np.float64)
        circles, bounds, owner = box_circles(plain.reshape(-1, 3))
        diagonals: Geometries = np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2)))
        return cls(circles, diagonals, bounds, np.array(positions, np.int64)[owner])


class _PolygonBoxes(NamedTuple):
    """All polygons of areas, prepared, their bounds, and for each the position of its fence.

    An area of one polygon stands for it, as nearly all do: a part is a copy.
    """

    polygons: Geometries
    bounds: Floats
    owner: Positions

    @classmethod
    def of(cls, fences: Sequence[Fence], positions: Sequence[int]) -> "_PolygonBoxes":
        shapes = [fences[n].shape for n in positions]
        whole = np.array([area.polygons for area in shapes if isinstance(area, Area)], dtype=object)
        counts = shapely.get_num_geometries(whole)
        owner = np.repeat(np.arange(len(whole)), counts)
        parts = whole[owner]
        parts[counts[owner] > 1] = shapely.get_parts(whole[counts > 1])
        shapely.prepare(parts)
        return cls(parts, shapely.bounds(parts).reshape(-1, 4), np.array(positions, np.int64)[owner])


def measure_circles(fences: Sequence[Fence]) -> Floats:
    """(lat, lon, radius_m) of the circle of each fence, or of one around its area."""
    circles = np.empty((len(fences), 3), np.float64)
    drawn: dict[int, shapely.MultiPolygon] = {}
    for n, fence in enumerate(fences):
        shape = fence.shape
        if isinstance(shape, Circle):
            circles[n] = shape.lat, shape.lon, shape.radius_m
        else:
            drawn[n] = shape.polygons
    if drawn:
        circles[list(drawn)] = make_bounding_circles(np.array(list(drawn.values()), dtype=object))
    return circles


def box_fences(fences: Sequence[Fence]) -> tuple[Floats, Positions]:
    """The bounding boxes as (west, south, east, north), and the position of its fence beside each."""
    positions = range(len(fences))
    circle_boxes = _CircleBoxes.of(fences, [n for n in positions if isinstance(fences[n].shape, Circle)])
    polygon_boxes = _PolygonBoxes.of(fences, [n for n in positions if isinstance(fences[n].shape, Area)])
    both = circle_boxes, polygon_boxes
    return np.concatenate([boxes.bounds for boxes in both]), np.concatenate([boxes.owner for boxes in both])
