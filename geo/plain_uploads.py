"""Plain uploads: the transition machine along whole runs of fixes instead of one fix after another. Pure.

Stays in different fences do not know each other. So where every fix of an upload is decided and believed as it comes,
each of its passages (geo.passages) can be followed by itself, and most of its fixes decide nothing:

    run inside    the first fix enters, or takes an exit back; of the others only those tell anything at which a dwell
                  or a length is due, and they are found by their time
    gap outside   the fixes count until one of them confirms the exit (geo.exit_confirmation)

What decides takes its step by the table of `geo.transitions`. In the end the transitions come in the order in which
they are met fix by fix: at one fix in the order in which the stays were entered, and those that one fix enters by the
position of their fence.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from geo.columns import Columns
from geo.exit_confirmation import cancel_exit, watch_outside
from geo.geofence import Policy
from geo.index import FenceSet
from geo.observations import FenceChange, find_fence_change
from geo.ordering import FixCounts
from geo.passages import Passage, Run, gather_passages, measure_gap
from geo.presence import Instant, Presence, Stay, measure_lag_s
from geo.region_events import is_open
from geo.transition import Transition
from geo.transitions import PresenceUpdate, State, make_transition, next_due_inside_at, tell
from geo.upload import Upload
from kit.arrays import Positions

_NOTHING_DECIDED = Instant()
# Where a stay stands among those of its device: the row that entered it, and the position of its fence. Those that the
# upload found come first, in their order.
_Entry = tuple[int, int]


class _Found(NamedTuple):
    """Where the fence of a stay is now, and what happened to it meanwhile."""

    position: int | None
    change: FenceChange | None


class _Held(NamedTuple):
    entry: _Entry
    stay: Stay


def apply_plain_uploads(
    fences: FenceSet, columns: Columns, uploads: Mapping[int, Upload], rows: Positions, positions: Positions
) -> dict[int, PresenceUpdate]:
    """The updates of the plain ones among the uploads of a batch, by their number in it.

    `rows` of these lie in the fences at `positions` beside them, in order of the rows.
    """
    found = _find_again(fences, [upload.presence for upload in uploads.values() if upload.presence.stays])
    touching = set(columns.upload_of(rows).tolist())
    walks = {
        number: _Walk(fences, columns, number, upload, found)
        for number, upload in uploads.items()
        if number in touching or upload.presence.stays
    }
    held = [(number, position) for number, walk in walks.items() for position in walk.before]
    for passage in gather_passages(columns, fences, rows, positions, held):
        walks[passage.upload].follow(passage)
    return {
        number: walks[number].sum_up() if number in walks else _update(columns, number, upload)
        for number, upload in uploads.items()
    }


def _update(
    columns: Columns,
    number: int,
    upload: Upload,
    stays: tuple[Stay, ...] = (),
    cancelled: tuple[Stay, ...] = (),
    transitions: tuple[Transition, ...] = (),
) -> PresenceUpdate:
    """Most uploads come from nowhere near a fence, and nothing but their last fix is kept."""
    before = upload.presence
    end, count = columns.ends[number], len(upload.fixes)
    newest_at = columns.times[end - 1]
    is_first = before.last_fix is None and count == 1
    updated = Presence(
        newest_at,
        stays,
        columns.fixes[end - 1],
        None,
        measure_lag_s(before.watermark, newest_at, upload.received_at),
        Instant(is_first, (), cancelled) if is_first or cancelled else _NOTHING_DECIDED,
    )
    return PresenceUpdate(updated, transitions, FixCounts(count, 0, 0, 0))


def _find_again(fences: FenceSet, presences: Sequence[Presence]) -> Iterator[_Found]:
    """The fences of all stays, one after another: looked at only where the last fix may show that one was changed."""
    stays = [(stay, presence.last_fix) for presence in presences for stay in presence.stays]
    positions = [fences.position(stay.geofence_id) for stay, _ in stays]
    points = [
        (position, last_fix.lat, last_fix.lon)
        for position, (stay, last_fix) in zip(positions, stays, strict=True)
        if position is not None and last_fix is not None and stay.outside_since is None
    ]
    asked, lats, lons = np.array(points).reshape(-1, 3).T
    holds = iter(fences.decide(asked.astype(np.int64), lats, lons).tolist())
    for position, (stay, last_fix) in zip(positions, stays, strict=True):
        if position is None:
            yield _Found(None, find_fence_change(None, stay, last_fix))
        elif last_fix is None or stay.outside_since is not None or next(holds):
            yield _Found(position, None)
        else:
            yield _Found(position, find_fence_change(fences.fences[position], stay, last_fix))


class _Walk:
    """One upload: its passages are followed in any order, and then summed up."""

    def __init__(
        self, fences: FenceSet, columns: Columns, number: int, upload: Upload, found: Iterator[_Found]
    ) -> None:
        """`found` answers the next stays: those of this upload."""
        self.before: dict[int, _Held] = {}  # the stays that the upload found, by the position of their fence
        self._fences = fences
        self._number = number
        self._upload = upload
        self._times = columns.times
        self._columns = columns
        self._start, self._end = columns.starts[number], columns.ends[number]
        self._is_first = upload.presence.last_fix is None
        self._ended: list[Transition] = []
        self._told: list[tuple[int, _Entry, Transition]] = []  # by row
        self._stays: list[_Held] = []
        self._cancelled: list[Stay] = []
        for place, stay in enumerate(upload.presence.stays):
            position, change = next(found)
            if change is not None:  # the fence was changed, which ends the stay
                self._ended.append(make_transition("exit", stay, change, self._times[self._start]))
            elif position is not None:
                self.before[position] = _Held((-1, place), stay)

    def follow(self, passage: Passage) -> None:
        position, policy = passage.position, self._fences.policy(passage.position)
        held = self.before.get(position)
        for run in passage.runs:
            if run.first <= run.last:
                held = self._go_in(position, policy, held, run)
            if held is not None and run.last + 1 < run.end:
                held = self._go_out(position, policy, held, run)
        if held is not None:
            self._stays.append(held)

    def _go_in(self, position: int, policy: Policy, held: _Held | None, run: Run) -> _Held:
        begin = run.first
        if held is None:
            held = _Held((begin, position), Stay(*self._fences.ids(position), self._times[begin]))
            held = self._step_in(policy, "outside", held, begin)
            begin += 1
        elif held.stay.outside_since is not None:
            fix = self._columns.fixes[begin]
            if begin == self._end - 1 and is_open(fix, self._fences.fences[position]):
                self._cancelled.append(held.stay)
            held = _Held(held.entry, cancel_exit(held.stay))
        while begin <= run.last:
            due_at = next_due_inside_at(held.stay, policy, self._upload.minutes_of)
            if due_at is None or due_at > self._times[run.last]:
                break
            begin = bisect_left(self._times, due_at, begin, run.last)
            held = self._step_in(policy, "inside", held, begin)
            begin += 1
        return held

    def _step_in(self, policy: Policy, state: State, held: _Held, row: int) -> _Held:
        is_first = self._is_first and row == self._start
        stay, told = tell(policy, state, "inside", held.stay, self._times[row], self._upload.minutes_of, is_first)
        assert stay is not None
        self._told += [(row, held.entry, each) for each in told]
        return _Held(held.entry, stay)

    def _go_out(self, position: int, policy: Policy, held: _Held, run: Run) -> _Held | None:
        stay, begin, distances_m = held.stay, run.last + 1, run.distances_m
        while True:
            end = begin + len(distances_m)
            times, accuracies_m = self._columns.times[begin:end], self._columns.accuracies_m[begin:end]
            stay, confirmed = watch_outside(stay, policy, times, accuracies_m, distances_m)
            if confirmed is not None:
                _, told = tell(policy, "leaving", "outside", stay, times[confirmed], self._upload.minutes_of, False)
                self._told += [(begin + confirmed, held.entry, each) for each in told]
                return None
            if end == run.end:
                return _Held(held.entry, stay)
            begin, distances_m = end, measure_gap(self._columns, self._fences, position, end, run.end)

    def sum_up(self) -> PresenceUpdate:
        self._told.sort(key=itemgetter(0, 1))
        self._stays.sort(key=itemgetter(0))
        return _update(
            self._columns,
            self._number,
            self._upload,
            tuple([held.stay for held in self._stays]),
            tuple(self._cancelled),
            (*self._ended, *[each for _, _, each in self._told]),
        )
