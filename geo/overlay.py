"""A few changes over a large index, so that an edit is seen at once and the index is rebuilt later. Pure.

The base never changes. What was edited or removed since it was built is hidden in it, and what was edited or drawn is
in a small index of its own.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

import numpy as np

from geo.ball_tree import FenceGroup
from geo.fence_columns import FenceColumns, join_in_steps
from geo.geofence import Fence, Policy
from geo.index import Bounds, FenceIndex
from ids import GeofenceId, ProgramId, StoreId
from kit.arrays import Floats, Mask, Positions
from kit.steps import Steps

# An overlay is made anew with every edit, which takes some microseconds a fence, and is searched for every point.
MAX_OVERLAY_SIZE = 500
# How many fences one step looks up: a millisecond.
_STEP_SIZE = 32


class OverlaidFences:
    """An immutable `FenceSet`: a base under an overlay."""

    __slots__ = ("_base_size", "_changed", "_hidden", "_removed", "base", "fences", "layers", "overlay_size")

    def __init__(self, base: FenceIndex, changed: FenceIndex, removed: frozenset[GeofenceId], hidden: Mask) -> None:
        self.base = base
        self.fences: Sequence[Fence] = _Joined(base.fences, changed.fences) if len(changed) else base.fences
        self.layers = base.layers[0], changed.layers[0]
        self._changed = changed
        self._removed = removed
        self._hidden = hidden
        self._base_size = len(base)
        self.overlay_size = len(changed) + len(removed)

    @classmethod
    def over(cls, base: FenceIndex) -> "OverlaidFences":
        """The base as it is."""
        return cls(base, FenceIndex.build(()), frozenset(), np.zeros(len(base), np.bool_))

    def __len__(self) -> int:
        return len(self.base) - int(self._hidden.sum()) + len(self._changed)

    @property
    def needs_rebuild(self) -> bool:
        """Whether it is time for a new base."""
        return self.overlay_size > MAX_OVERLAY_SIZE

    def position(self, geofence_id: GeofenceId) -> int | None:
        changed = self._changed.position(geofence_id) if self.overlay_size else None
        if changed is not None:
            return changed + len(self.base)
        position = self.base.position(geofence_id)
        return None if position is None or self._hidden[position] else position

    def list_positions(self, geofence_ids: Sequence[GeofenceId]) -> Positions:
        positions = self.base.list_positions(geofence_ids)
        if self.overlay_size == 0:
            return positions
        known = (positions >= 0).nonzero()[0]
        positions[known[self._hidden[positions[known]]]] = -1
        changed = self._changed.list_positions(geofence_ids)
        return np.where(changed >= 0, changed + len(self.base), positions)

    def get(self, geofence_id: GeofenceId) -> Fence | None:
        position = self.position(geofence_id)
        return None if position is None else self.fences[position]

    def find_policy(self, geofence_id: GeofenceId) -> Policy | None:
        position = self.position(geofence_id)
        return None if position is None else self.policy(position)

    def policy(self, position: int) -> Policy:
        new = position - self._base_size
        return self.base.policy(position) if new < 0 else self._changed.policy(new)

    def ids(self, position: int) -> tuple[GeofenceId, StoreId]:
        new = position - self._base_size
        return self.base.ids(position) if new < 0 else self._changed.ids(new)

    def has_fences_of(self, program_id: ProgramId) -> bool:
        return self.base.has_fences_of(program_id) or self._changed.has_fences_of(program_id)

    def find_containing(
        self, program_ids: Sequence[ProgramId], counts: Sequence[int], lats: Floats, lons: Floats
    ) -> tuple[Positions, Positions]:
        points, fences = self.base.find_containing(program_ids, counts, lats, lons)
        if self.overlay_size == 0:
            return points, fences
        seen = ~self._hidden[fences]
        new_points, new_fences = self._changed.find_containing(program_ids, counts, lats, lons)
        points = np.concatenate([points[seen], new_points])
        fences = np.concatenate([fences[seen], new_fences + len(self.base)])
        order = np.lexsort((fences, points))
        return points[order], fences[order]

    def decide(self, positions: Positions, lats: Floats, lons: Floats) -> Mask:
        is_new = positions >= self._base_size
        if not is_new.any():
            return self.base.decide(positions, lats, lons)
        held = np.empty(len(positions), np.bool_)
        for index, first, own in ((self.base, 0, ~is_new), (self._changed, self._base_size, is_new)):
            held[own] = index.decide(positions[own] - first, lats[own], lons[own])
        return held

    def find_touching(self, program_id: ProgramId, bounds: Sequence[Bounds]) -> Positions:
        old = self.base.find_touching(program_id, bounds)
        new = self._changed.find_touching(program_id, bounds)
        return np.concatenate([old[~self._hidden[old]], new + len(self.base)])

    def iterate_nearest_groups(self, program_id: ProgramId, lat: float, lon: float) -> Iterator[FenceGroup]:
        for positions, min_distances_m, _ in self._changed.iterate_nearest_groups(program_id, lat, lon):
            yield FenceGroup(positions + len(self.base), min_distances_m, -math.inf)
        for positions, min_distances_m, rest_min_distance_m in self.base.iterate_nearest_groups(program_id, lat, lon):
            seen = ~self._hidden[positions]
            yield FenceGroup(positions[seen], min_distances_m[seen], rest_min_distance_m)

    def circles_at(self, positions: Positions) -> Floats:
        circles, is_new = np.empty((len(positions), 3)), positions >= len(self.base)
        circles[~is_new] = self.base.circles_at(positions[~is_new])
        circles[is_new] = self._changed.circles_at(positions[is_new] - len(self.base))
        return circles

    def iterate_of(self, program_id: ProgramId) -> Iterator[Fence]:
        """All fences of the program that there are, without those that are hidden in the base."""
        for index, hidden in ((self.base, self._hidden), (self._changed, np.zeros(len(self._changed), np.bool_))):
            for n in index.columns.list_of(program_id, ~hidden).tolist():
                yield index.columns.fence(n)

    def rebuild_in_steps(self) -> Steps[FenceIndex]:
        """A new base of all fences that there are."""
        columns = yield from self._join_in_steps()
        return (yield from FenceIndex.build_in_steps(columns))

    def _join_in_steps(self) -> Steps[FenceColumns]:
        changed = self._changed.columns
        return join_in_steps([(self.base.columns, ~self._hidden), (changed, np.ones(len(changed), np.bool_))])

    def change_in_steps(self, changes: Mapping[GeofenceId, Fence | None]) -> Steps["OverlaidFences"]:
        """The same with some fences drawn or redrawn; an id with None is removed."""
        drawn = FenceColumns.of([fence for fence in changes.values() if fence is not None])
        old = self._changed.columns
        stays = ~_mark(self._changed, changes, np.zeros(len(old), np.bool_))
        columns = yield from join_in_steps([(old, stays), (drawn, np.ones(len(drawn), np.bool_))])
        changed = yield from FenceIndex.build_in_steps(columns)
        removed = self._removed.difference(changes).union(key for key, fence in changes.items() if fence is None)
        return OverlaidFences(self.base, changed, removed, _mark(self.base, changes, self._hidden.copy()))

    def rebase_in_steps(self, base: FenceIndex) -> Steps["OverlaidFences"]:
        """The same over a new base, which `rebuild_in_steps` made of this set or an earlier one over the old base."""
        touched = [*self._removed, *(self._changed.columns.ids[n] for n in range(len(self._changed)))]
        changes: dict[GeofenceId, Fence | None] = {}
        for number, key in enumerate(touched):
            if number % _STEP_SIZE == 0:
                yield
            fence = self.get(GeofenceId(key))
            if fence != base.get(GeofenceId(key)):
                changes[GeofenceId(key)] = fence
        return (yield from OverlaidFences.over(base).change_in_steps(changes))


def _mark(index: FenceIndex, geofence_ids: Iterable[GeofenceId], marks: Mask) -> Mask:
    for geofence_id in geofence_ids:
        position = index.position(geofence_id)
        if position is not None:
            marks[position] = True
    return marks


class _Joined(Sequence[Fence]):
    """Two sequences as one, without a copy."""

    def __init__(self, first: Sequence[Fence], second: Sequence[Fence]) -> None:
        self._first = first
        self._second = second

    def __len__(self) -> int:
        return len(self._first) + len(self._second)

    @overload
    def __getitem__(self, position: int) -> Fence: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Fence]: ...
    def __getitem__(self, position: int | slice) -> Fence | Sequence[Fence]:
        if isinstance(position, slice):
            return [self[n] for n in range(*position.indices(len(self)))]
        if position < 0:
            position += len(self)
        return self._first[position] if position < len(self._first) else self._second[position - len(self._first)]
