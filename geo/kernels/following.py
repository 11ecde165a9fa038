"""Following passages: the transition machine along whole runs of fixes instead of one fix after another. Pure.

Of `geo.transitions.TABLE` these are the columns "inside" and "outside", where every fix is decided and believed as it
comes. Then most fixes decide nothing:

    run inside    the first fix enters, or takes an exit back; of the others only those tell anything at which a dwell
                  or a length is due, and they are found by their time
    gap outside   the fixes count until one of them confirms the exit (`geo.exit_confirmation`)
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled
from geo.exit_confirmation import Leaving, add_outside, confirms, learn_noise_m
from geo.kernels.fences import Fences, distance_to_edge_m
from geo.kernels.passages import Fixes, Passages
from geo.microseconds import NEVER
from kit.arrays import Mask, Positions

ENTER, DWELL, STAY, EXIT = range(4)
_MINUTE = 60_000_000

# A stay as `geo.presence.Stay`, of a passage; times in microseconds, or NEVER. `entry` is the row that entered it, and
# less than 0 for one that the upload found.
_STAY_FIELDS = [
    *(("passage", "i8"), ("entry", "i8"), ("entered_at", "i8"), ("dwelled_at", "i8"), ("outside_since", "i8")),
    *(("outside_fixes", "i8"), ("outside_until", "i8"), ("exit_evidence_s", "f8"), ("evidence_rate", "f8")),
    *(("max_distance_m", "f8"), ("noise_m", "f8"), ("told_minutes", "i8")),
]
STAY_TYPE = np.dtype((np.record, _STAY_FIELDS))
# What a row tells of a stay, at a time of its own; `minutes` of a STAY.
EVENT_TYPE = np.dtype((np.record, [(name, "i8") for name in ("passage", "row", "entry", "kind", "at", "minutes")]))
Stays = NDArray[Any]
Stay: TypeAlias = Any  # one of them, in its place


class Lengths(NamedTuple):
    """The lengths of stay that are asked for at passage n, in minutes, the shortest first: from begins[n] on."""

    begins: Positions
    minutes: Positions


class Followed(NamedTuple):
    """What came of each passage. Of the events the first told[0] are some.

    `is_there`: the device is in the fence in the end, for the stay beside it. `is_cancelled`: the last fix took an exit
    back, and the stay was the one beside it before.
    """

    is_there: Mask
    stays: Stays
    is_cancelled: Mask
    before: Stays
    events: NDArray[Any]
    told: Positions


@compiled
def follow(fixes: Fixes, passages: Passages, held: Stays, layers: tuple[Fences, Fences], lengths: Lengths) -> Followed:
    """`held` are the stays that the uploads found."""
    count = len(passages.uploads)
    came = Followed(
        passages.held >= 0,
        np.empty(count, STAY_TYPE),
        np.zeros(count, np.bool_),
        np.empty(count, STAY_TYPE),
        np.empty(_count_most_events(passages, lengths), EVENT_TYPE),
        np.zeros(1, np.int64),
    )
    first = len(layers[0].area_of)
    for n in range(count):
        if came.is_there[n]:
            came.stays[n] = held[passages.held[n]]
        came.stays[n].passage = n
        minutes = lengths.minutes[lengths.begins[n] : lengths.begins[n + 1]]
        position = passages.positions[n]
        if position < first:
            _follow_one(fixes, passages, n, layers[0], position, minutes, came)
        else:
            _follow_one(fixes, passages, n, layers[1], position - first, minutes, came)
    return came


@compiled
def _count_most_events(passages: Passages, lengths: Lengths) -> int:
    """Each run may be another stay, and so may the one that was found: an enter, a dwell, each length and an exit."""
    most = 0
    for n in range(len(passages.uploads)):
        stays = 1
        for pair in range(passages.begins[n], passages.begins[n + 1]):
            if pair == passages.begins[n] or passages.rows[pair] != passages.rows[pair - 1] + 1:
                stays += 1
        most += stays * (3 + lengths.begins[n + 1] - lengths.begins[n])
    return most


@compiled
def _follow_one(
    fixes: Fixes, passages: Passages, n: int, fences: Fences, own: int, minutes: Positions, came: Followed
) -> None:
    """Passage n, at the fence that is the one at `own` of these."""
    stay, upload = came.stays[n], passages.uploads[n]
    dwell_us = int(fences.policies[fences.policy_of[own], 3])
    pair, pairs_end = passages.begins[n], passages.begins[n + 1]
    row, end = fixes.starts[upload], fixes.ends[upload]
    while row < end:
        begin = row
        while pair < pairs_end and passages.rows[pair] == row:
            pair, row = pair + 1, row + 1
        if row > begin:
            if not came.is_there[n]:
                came.is_there[n] = True
                _enter(came, stay, begin, fixes.times[begin])
                begin += 1
            elif stay.outside_since != NEVER:
                if begin == end - 1:
                    came.is_cancelled[n] = True
                    came.before[n] = stay
                _cancel(stay)
            _tell_due(came, stay, fixes.times, begin, row, dwell_us, minutes)
        gap_end = passages.rows[pair] if pair < pairs_end else end
        if came.is_there[n]:
            confirmed = _go_out(stay, fixes, fences, own, row, gap_end)
            if confirmed < gap_end:
                came.is_there[n] = False
                _tell(came, stay, confirmed, EXIT, stay.outside_since, 0)
        row = gap_end


@compiled
def _enter(came: Followed, stay: Stay, row: int, at: int) -> None:
    stay.entry, stay.entered_at, stay.dwelled_at, stay.told_minutes = row, at, NEVER, 0
    stay.outside_since, stay.noise_m = NEVER, 0.0
    _cancel(stay)
    _tell(came, stay, row, ENTER, at, 0)


@compiled
def _cancel(stay: Stay) -> None:
    """It is not leaving (any more): as `geo.exit_confirmation.cancel_exit`."""
    if stay.outside_since != NEVER:
        stay.noise_m = learn_noise_m(stay.noise_m, stay.outside_fixes, stay.max_distance_m)
    stay.outside_since, stay.outside_fixes, stay.outside_until = NEVER, 0, NEVER
    stay.exit_evidence_s, stay.evidence_rate, stay.max_distance_m = 0.0, 0.0, 0.0


@compiled
def _tell_due(
    came: Followed, stay: Stay, times: Positions, row: int, end: int, dwell_us: int, minutes: Positions
) -> None:
    """The dwell and the lengths that come due within a run inside, each at the first row that shows it."""
    while row < end:
        due_at = _next_due_at(stay, dwell_us, minutes)
        if due_at == NEVER or due_at > times[end - 1]:
            return
        row += int(np.searchsorted(times[row:end], due_at))
        if stay.dwelled_at == NEVER and times[row] >= stay.entered_at + dwell_us:
            stay.dwelled_at = stay.entered_at + dwell_us
            _tell(came, stay, row, DWELL, stay.dwelled_at, 0)
        for length in minutes:
            reached_at = stay.entered_at + length * _MINUTE
            if length > stay.told_minutes and reached_at <= times[row]:
                stay.told_minutes = length
                _tell(came, stay, row, STAY, reached_at, length)
        row += 1


@compiled
def _next_due_at(stay: Stay, dwell_us: int, minutes: Positions) -> int:
    """As `geo.transitions.next_due_inside_at`."""
    due_at: int = stay.entered_at + dwell_us if stay.dwelled_at == NEVER else NEVER
    for length in minutes:
        if length > stay.told_minutes:
            reached_at: int = stay.entered_at + length * _MINUTE
            return reached_at if due_at == NEVER else min(due_at, reached_at)
    return due_at


@compiled
def _go_out(stay: Stay, fixes: Fixes, fences: Fences, own: int, row: int, end: int) -> int:
    """The rows outside, one after another. Answers the one that confirms the exit; `end`: none does."""
    margin_m, confirm_s, confirm_fixes, _ = fences.policies[fences.policy_of[own]]
    seen = Leaving(
        stay.outside_since,
        stay.outside_fixes,
        stay.outside_until,
        stay.exit_evidence_s,
        stay.evidence_rate,
        stay.max_distance_m,
    )
    while row < end:
        accuracy_m = fixes.accuracies_m[row]
        distance_m = distance_to_edge_m(fences, own, fixes.lats[row], fixes.lons[row])
        seen = add_outside(seen, stay.noise_m, margin_m, fixes.times[row], accuracy_m, distance_m)
        if confirms(seen, margin_m, confirm_fixes, confirm_s, accuracy_m, distance_m):
            break
        row += 1
    stay.outside_since, stay.outside_fixes = seen.outside_since, seen.outside_fixes
    stay.outside_until, stay.exit_evidence_s = seen.outside_until, seen.exit_evidence_s
    stay.evidence_rate, stay.max_distance_m = seen.evidence_rate, seen.max_distance_m
    return row


@compiled
def _tell(came: Followed, stay: Stay, row: int, kind: int, at: int, minutes: int) -> None:
    event = came.events[came.told[0]]
    event.passage, event.row, event.entry = stay.passage, row, stay.entry
    event.kind, event.at, event.minutes = kind, at, minutes
    came.told[0] += 1
