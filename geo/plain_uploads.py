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
from collections.abc import Mapping
from operator import itemgetter
from typing import NamedTuple

from geo.columns import Columns
from geo.edges import distance_to_edge_m
from geo.exit_confirmation import cancel_exit, watch_outside
from geo.geofence import Fence
from geo.index import FenceSet
from geo.observations import find_fence_change
from geo.ordering import FixCounts
from geo.passages import Passage, Run, gather_passages
from geo.presence import Instant, Presence, Stay, measure_lag_s
from geo.region_events import is_open
from geo.transition import Transition
from geo.transitions import PresenceUpdate, State, make_transition, next_due_inside_at, tell
from geo.upload import Upload
from kit.arrays import Positions

# Where a stay stands among those of its device: the row that entered it, and the position of its fence. Those that the
# upload found come first, in their order.
_Entry = tuple[int, int]


class _Held(NamedTuple):
    entry: _Entry
    stay: Stay


def apply_plain_uploads(
    fences: FenceSet, columns: Columns, uploads: Mapping[int, Upload], rows: Positions, positions: Positions
) -> dict[int, PresenceUpdate]:
    """The updates of the plain ones among the uploads of a batch, by their number in it.

    `rows` of these lie in the fences at `positions` beside them, in order of the rows.
    """
    walks = {number: _Walk(fences, columns, number, upload) for number, upload in uploads.items()}
    held = [(number, position) for number, walk in walks.items() for position in walk.before]
    for passage in gather_passages(columns, fences.fences, rows, positions, held):
        walks[passage.upload].follow(passage)
    return {number: walk.sum_up() for number, walk in walks.items()}


class _Walk:
    """One upload: its passages are followed in any order, and then summed up."""

    def __init__(self, fences: FenceSet, columns: Columns, number: int, upload: Upload) -> None:
        self.before: dict[int, _Held] = {}  # the stays that the upload found, by the position of their fence
        self._upload = upload
        self._times = columns.times
        self._columns = columns
        self._start, self._end = columns.starts[number], columns.ends[number]
        self._is_first = upload.presence.last_fix is None
        self._ended: list[Transition] = []
        self._told: list[tuple[int, _Entry, Transition]] = []  # by row
        self._stays: list[_Held] = []
        self._cancelled: list[Stay] = []
        if upload.presence.stays:
            self._take_over(fences)

    def _take_over(self, fences: FenceSet) -> None:
        """End the stays whose fence was changed; the others go on."""
        presence = self._upload.presence
        for number, stay in enumerate(presence.stays):
            position = fences.position(stay.geofence_id)
            fence = None if position is None else fences.fences[position]
            cause = find_fence_change(fence, stay, presence.last_fix)
            if cause is not None:
                self._ended.append(make_transition("exit", stay, cause, self._times[self._start]))
            elif position is not None:
                self.before[position] = _Held((-1, number), stay)

    def follow(self, passage: Passage) -> None:
        held = self.before.get(passage.position)
        for run in passage.runs:
            if run.first <= run.last:
                held = self._go_in(passage, held, run)
            if held is not None and run.last + 1 < run.end:
                held = self._go_out(passage.fence, held, run)
        if held is not None:
            self._stays.append(held)

    def _go_in(self, passage: Passage, held: _Held | None, run: Run) -> _Held:
        fence, begin = passage.fence, run.first
        if held is None:
            at = self._times[begin]
            held = _Held((begin, passage.position), Stay(fence.geofence_id, fence.store_id, at))
            held = self._step_in(fence, "outside", held, begin)
            begin += 1
        elif held.stay.outside_since is not None:
            fix = self._columns.fixes[begin]
            if begin == self._end - 1 and is_open(fix, fence):
                self._cancelled.append(held.stay)
            held = _Held(held.entry, cancel_exit(held.stay))
        while begin <= run.last:
            due_at = next_due_inside_at(held.stay, fence, self._upload.minutes_of)
            if due_at is None or due_at > self._times[run.last]:
                break
            begin = bisect_left(self._times, due_at, begin, run.last)
            held = self._step_in(fence, "inside", held, begin)
            begin += 1
        return held

    def _step_in(self, fence: Fence, state: State, held: _Held, row: int) -> _Held:
        is_first = self._is_first and row == self._start
        stay, told = tell(fence, state, "inside", held.stay, self._times[row], self._upload.minutes_of, is_first)
        assert stay is not None
        self._told += [(row, held.entry, each) for each in told]
        return _Held(held.entry, stay)

    def _go_out(self, fence: Fence, held: _Held, run: Run) -> _Held | None:
        stay, begin, distances_m = held.stay, run.last + 1, run.distances_m
        while True:
            end = begin + len(distances_m)
            times, accuracies_m = self._columns.times[begin:end], self._columns.accuracies_m[begin:end]
            stay, confirmed = watch_outside(stay, fence, times, accuracies_m, distances_m)
            if confirmed is not None:
                _, told = tell(fence, "leaving", "outside", stay, times[confirmed], self._upload.minutes_of, False)
                self._told += [(begin + confirmed, held.entry, each) for each in told]
                return None
            if end == run.end:
                return _Held(held.entry, stay)
            # Beyond what was measured ahead.
            fix = self._columns.fixes[end]
            begin, distances_m = end, [distance_to_edge_m(fence, fix.lat, fix.lon)]

    def sum_up(self) -> PresenceUpdate:
        presence, upload = self._upload.presence, self._upload
        self._told.sort(key=itemgetter(0, 1))
        self._stays.sort(key=itemgetter(0))
        newest_at = self._times[self._end - 1]
        count = self._end - self._start
        updated = Presence(
            newest_at,
            tuple([held.stay for held in self._stays]),
            self._columns.fixes[self._end - 1],
            None,
            measure_lag_s(presence.watermark, newest_at, upload.received_at),
            Instant(self._is_first and count == 1, (), tuple(self._cancelled)),
        )
        transitions = (*self._ended, *[each for _, _, each in self._told])
        return PresenceUpdate(updated, transitions, FixCounts(count, 0, 0, 0))
