"""Which fences of its program contain a point: an immutable index of all fences, searched in memory. Pure.

A grid over the bounding boxes of all programs finds candidates (`geo.cell_grid`). Each candidate is then decided by
plain arithmetic (`geo.kernels`), and by what is exact where its rounding may matter (`geo.containment`). A circle stays
a circle: its distance is geodesic on WGS 84. The edges of an area are straight in longitude and latitude, as RFC 7946
says, and its boundary belongs to it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, overload

import numpy as np

from geo.ball_tree import BallTree, FenceGroup
from geo.boxes import box_in_steps
from geo.cell_grid import CellGrid
from geo.containment import ExactJudge
from geo.fence_columns import FenceColumns
from geo.geofence import Fence, Policy
from geo.kernels.fences import UNSURE, Fences, answer_each
from geo.kernels.ids import find_ids
from geo.kernels.search import find_containing
from geo.microseconds import seconds_to_us
from ids import GeofenceId, ProgramId, StoreId
from kit.arrays import Floats, IdOrder, Ids, Mask, Positions, Shorts, sort_distinct
from kit.steps import Steps, run_through

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

# Fences that somebody is in or near; one with an outline of eight corners takes 1 kB.
_MAX_VIEWS = 20_000
# How many of them one step drops: a millisecond.
_STEP_SIZE = 1000


class FenceSet(Protocol):
    """Fences that can be searched: a `FenceIndex`, or one under an overlay of changes (`geo.overlay`)."""

    def __len__(self) -> int: ...

    @property
    def layers(self) -> tuple[Fences, Fences]:
        """As kernels take them: first the fences at the positions from 0 on, then those at the next ones."""
        ...

    @property
    def fences(self) -> Sequence[Fence]:
        """By position, as `find_containing` answers them. Under an overlay it also holds fences that are removed."""
        ...

    def position(self, geofence_id: GeofenceId) -> int | None:
        """Its position in `fences`; None for one that is not there (any more)."""
        ...

    def list_positions(self, geofence_ids: Sequence[GeofenceId]) -> Positions:
        """The same of many, in a tenth of the time; -1 for each that is not there."""
        ...

    def get(self, geofence_id: GeofenceId) -> Fence | None: ...

    def find_policy(self, geofence_id: GeofenceId) -> Policy | None:
        """That of the fence; quicker than to make all of it."""
        ...

    def policy(self, position: int) -> Policy: ...

    def ids(self, position: int) -> tuple[GeofenceId, StoreId]: ...

    def has_fences_of(self, program_id: ProgramId) -> bool:
        """False only where the program has none. Quick."""
        ...

    def find_containing(
        self, program_ids: Sequence[ProgramId], counts: Sequence[int], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        """Find all pairs of a point and a fence of its program that contains it.

        The points, in degrees, are those of many tracks, one after another: of a program each, and of so many points.
        Returns positions of points and, beside them, positions in `fences`, sorted by point and then by fence. A point
        that is not finite is in no fence.
        """
        ...

    def decide(self, positions: Positions, lats: Floats, lons: Floats) -> Mask:
        """Whether each of these fences contains the point beside it."""
        ...

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        """Positions in `fences` of the program's fences whose bounding boxes touch any of the given ones, each once.

        Also of some that are a few metres away.
        """
        ...

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> Iterator[FenceGroup]:
        """The program's fences in groups, the nearer groups first; positions are those in `fences`, each once."""
        ...

    def circles_at(self, positions: Positions) -> Floats:
        """(lat, lon, radius_m) of the circle of each of these, or of one around its area."""
        ...


class FenceIndex:
    """An immutable `FenceSet`; made by `FenceIndex.build`, or step by step by `FenceIndex.build_in_steps`."""

    __slots__ = (
        *("_ball_tree", "_by_id", "_fence_of", "_grid", "_judge", "_slot_of_program"),
        *("columns", "fences", "layers"),
    )

    def __init__(
        self, columns: FenceColumns, by_id: IdOrder, grid: CellGrid, fence_of: Shorts, ball_tree: BallTree
    ) -> None:
        """`fence_of` is the position of the fence of each box of the grid."""
        self.columns = columns
        self.fences = _Views(columns)
        self._by_id = by_id
        self._grid = grid
        self._fence_of = fence_of
        self._ball_tree = ball_tree
        self.layers = _array(columns), NO_FENCES
        self._judge = ExactJudge(columns)
        self._slot_of_program = {program_id: slot for slot, program_id in enumerate(columns.programs)}

    @classmethod
    def build(cls, fences: Iterable[Fence]) -> "FenceIndex":
        return run_through(cls.build_in_steps(FenceColumns.of(list(fences))))

    @classmethod
    def build_in_steps(cls, columns: FenceColumns) -> Steps["FenceIndex"]:
        """No step holds the interpreter for more than some milliseconds, however many fences there are."""
        by_id = yield from IdOrder.build_in_steps(columns.ids)
        yield
        bounds, fence_of = yield from box_in_steps(columns)
        yield
        grid = yield from CellGrid.build_in_steps(bounds, columns.program_of[fence_of])
        del bounds
        yield
        ball_tree = yield from BallTree.build_in_steps(columns.circles, columns.program_of)
        return cls(columns, by_id, grid, fence_of, ball_tree)

    def __len__(self) -> int:
        return len(self.columns)

    def get(self, geofence_id: GeofenceId) -> Fence | None:
        position = self.position(geofence_id)
        return None if position is None else self.fences[position]

    def find_policy(self, geofence_id: GeofenceId) -> Policy | None:
        position = self.position(geofence_id)
        return None if position is None else self.policy(position)

    def policy(self, position: int) -> Policy:
        return self.columns.policies[self.columns.policy_of.item(position)]

    def ids(self, position: int) -> tuple[GeofenceId, StoreId]:
        return GeofenceId(self.columns.ids[position]), StoreId(self.columns.stores[position])

    def has_fences_of(self, program_id: ProgramId) -> bool:
        return program_id in self._slot_of_program

    def position(self, geofence_id: GeofenceId) -> int | None:
        return self._by_id.find(geofence_id)

    def list_positions(self, geofence_ids: Sequence[GeofenceId]) -> Positions:
        order, wanted = self._by_id, Ids.of(geofence_ids)
        return find_ids(order.highs, order.positions, order.ids.lows, wanted.highs, wanted.lows)

    def find_containing(
        self, program_ids: Sequence[ProgramId], counts: Sequence[int], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        tracks = self._list_slots(program_ids), np.array(counts, np.int64)
        points, positions, answers = find_containing(
            *(self._grid.cells, self._fence_of, self.layers[0], *tracks),
            *(np.ascontiguousarray(lats), np.ascontiguousarray(lons)),
        )
        unsure = (answers == UNSURE).nonzero()[0]
        if len(unsure) == 0:
            return points, positions
        held = np.ones(len(points), np.bool_)
        held[unsure] = self._judge.decide(positions[unsure], lats[points[unsure]], lons[points[unsure]])
        return points[held], positions[held]

    def decide(self, positions: Positions, lats: Floats, lons: Floats) -> Mask:
        answers = answer_each(self.layers[0], positions, lats, lons)
        unsure = (answers == UNSURE).nonzero()[0]
        if len(unsure):
            answers[unsure] = self._judge.decide(positions[unsure], lats[unsure], lons[unsure])
        return answers.view(np.bool_)

    def _list_slots(self, program_ids: Sequence[ProgramId]) -> Positions:
        """Of neighbours with the same id once: hashing it costs more than the grid does."""
        if len(program_ids) and program_ids.count(program_ids[0]) == len(program_ids):
            return np.full(len(program_ids), self._slot_of_program.get(program_ids[0], -1))
        slots: list[int] = []
        last, slot = None, -1
        for program_id in program_ids:
            if program_id is not last:
                last, slot = program_id, self._slot_of_program.get(program_id, -1)
            slots.append(slot)
        return np.array(slots, np.int64)

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        slot = self._slot_of_program.get(program_id, -1)
        boxes = np.concatenate([self._grid.find_touching(slot, window) for window in bounds])
        return sort_distinct(self._fence_of[boxes].astype(np.int64))

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> Iterator[FenceGroup]:
        return self._ball_tree.iterate_nearest_groups(self._slot_of_program.get(program_id, -1), lat, lon)

    def circles_at(self, positions: Positions) -> Floats:
        return self.columns.circles[positions]

    def forget_in_steps(self) -> Steps[None]:
        """Drop the fences that were made: freed with the rest, they would hold the interpreter too long."""
        while self.fences.forget(_STEP_SIZE):
            yield


def _array(columns: FenceColumns) -> Fences:
    """The columns as kernels take them: most are the same arrays."""
    drawings = columns.drawings
    begins_edge = np.ones(len(drawings.corners), np.bool_)
    begins_edge[drawings.rings[1:] - 1] = False
    policies = [
        (each.exit_margin_m, each.exit_confirm_s, each.exit_confirm_fixes, seconds_to_us(each.dwell_s))
        for each in columns.policies
    ]
    return Fences(
        circles=columns.circles,
        area_of=columns.area_of,
        corners=drawings.corners,
        begins_edge=begins_edge,
        starts=drawings.rings[drawings.polygons[drawings.areas]],
        policy_of=columns.policy_of,
        policies=np.array(policies, np.float64).reshape(-1, 4),
    )


NO_FENCES = _array(FenceColumns.of(()))


class _Views(Sequence[Fence]):
    """The fences of columns as a sequence: each is made when it is asked for, and the last ones are kept."""

    __slots__ = ("_columns", "_made")

    def __init__(self, columns: FenceColumns) -> None:
        self._columns = columns
        self._made: OrderedDict[int, Fence] = OrderedDict()

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, position: int) -> Fence: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Fence]: ...
    def __getitem__(self, position: int | slice) -> Fence | Sequence[Fence]:
        if isinstance(position, slice):
            return [self[n] for n in range(*position.indices(len(self)))]
        made = self._made.get(position)
        if made is not None:
            return made
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        if len(self._made) >= _MAX_VIEWS:
            self._made.popitem(last=False)
        made = self._made[position] = self._columns.fence(position % len(self))
        return made

    def forget(self, count: int) -> bool:
        """Drop so many of those that were made; False where none are left."""
        for _ in range(min(count, len(self._made))):
            self._made.popitem()
        return bool(self._made)
