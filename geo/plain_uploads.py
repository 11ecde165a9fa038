"""Plain uploads: what comes of those whose fixes are all decided and believed as they come. Pure.

Stays in different fences do not know each other, so each passage of an upload is followed by itself, all of a batch at
once and in numbers (`geo.kernels.following`). Here the stays that the uploads found become numbers, and the numbers
that come out become stays and transitions again.

The transitions come in the order in which they are met fix by fix: at one fix in the order in which the stays were
entered, and those that one fix enters by the position of their fence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from geo.columns import Columns
from geo.fix import Fix
from geo.geofence import Policy
from geo.index import FenceSet
from geo.kernels.fences import distance_to_edge_m
from geo.kernels.following import DWELL, ENTER, EXIT, STAY, STAY_TYPE, Followed, Lengths, Stays, follow
from geo.kernels.passages import Passages, gather_passages
from geo.microseconds import find_of_us, of_us, to_us
from geo.observations import FenceChange, shows_redrawn
from geo.ordering import FixCounts
from geo.presence import Instant, Presence, Stay, measure_lag_s
from geo.region_events import is_open
from geo.transition import Kind, Transition
from geo.transitions import PresenceUpdate, make_transition
from geo.upload import Upload
from ids import GeofenceId, StoreId
from kit.arrays import Positions

_NOTHING_DECIDED = Instant()
# A stay is stored without those of its numbers that are this very object.
_DEFAULT = {field.name: field.default for field in msgspec.structs.fields(Stay)}["noise_m"]
_KINDS: Mapping[int, Kind] = {ENTER: "enter", DWELL: "dwell", STAY: "stay", EXIT: "exit"}


class _Held(NamedTuple):
    """A stay that an upload found, and where its fence is; less than 0 for one that is not there any more."""

    number: int
    entry: int
    stay: Stay
    position: int


class _Outcome(NamedTuple):
    """What comes of one upload. What is told and who stays begin with their place in the order."""

    ended: list[Transition]
    told: list[tuple[int, int, int, Transition]]
    stays: list[tuple[int, int, Stay]]
    cancelled: list[Stay]
    policies: dict[GeofenceId, Policy]


def apply_plain_uploads(
    fences: FenceSet, columns: Columns, uploads: Mapping[int, Upload], rows: Positions, positions: Positions
) -> dict[int, PresenceUpdate]:
    """The updates of the plain ones among the uploads of a batch, by their number in it.

    `rows` of these lie in the fences at `positions` beside them, in order of the rows.
    """
    outcomes: dict[int, _Outcome] = defaultdict(lambda: _Outcome([], [], [], [], {}))
    held = _find_held(fences, uploads, outcomes)
    if held or len(rows):
        found_by = np.array([(each.number, each.position) for each in held], np.int64).reshape(-1, 2)
        passages = gather_passages(columns.arrays, rows, positions, found_by[:, 0].copy(), found_by[:, 1].copy())
        lengths = _list_lengths(fences, uploads, passages)
        came = follow(columns.arrays, passages, _to_numbers(held), fences.layers, lengths)
        _read_back(fences, columns, uploads, held, passages, came, outcomes)
    return {number: _update(columns, number, upload, outcomes.get(number)) for number, upload in uploads.items()}


def _find_held(fences: FenceSet, uploads: Mapping[int, Upload], outcomes: Mapping[int, _Outcome]) -> list[_Held]:
    """The stays whose fence is as it was. A fence that was removed or redrawn ends its own."""
    stays = [
        (number, place - len(upload.presence.stays), stay)
        for number, upload in uploads.items()
        for place, stay in enumerate(upload.presence.stays)
    ]
    if not stays:
        return []
    positions = fences.list_positions([stay.geofence_id for *_, stay in stays]).tolist()
    found = [_Held(*each, position) for each, position in zip(stays, positions, strict=True)]
    redrawn = _find_redrawn(fences, uploads, found)
    held = []
    for place, each in enumerate(found):
        if each.position < 0 or place in redrawn:
            change: FenceChange = "fence_removed" if each.position < 0 else "fence_changed"
            first_at = uploads[each.number].fixes[0].recorded_at
            outcomes[each.number].ended.append(make_transition("exit", each.stay, change, first_at))
        else:
            held.append(each)
    return held


def _find_redrawn(fences: FenceSet, uploads: Mapping[int, Upload], found: Sequence[_Held]) -> set[int]:
    """Which of them: looked at only where the last fix may show it, where that is not in the fence any more."""
    points = [
        (place, each, last_fix)
        for place, each in enumerate(found)
        if each.position >= 0
        and (last_fix := uploads[each.number].presence.last_fix) is not None
        and each.stay.outside_since is None
    ]
    if not points:
        return set()
    held = fences.decide(
        np.array([each.position for _, each, _ in points]),
        np.array([last_fix.lat for *_, last_fix in points]),
        np.array([last_fix.lon for *_, last_fix in points]),
    )
    doubtful = [point for point, is_inside in zip(points, held.tolist(), strict=True) if not is_inside]
    return {place for place, each, last_fix in doubtful if _is_redrawn(fences, each.position, last_fix)}


def _is_redrawn(fences: FenceSet, position: int, last_fix: Fix) -> bool:
    """Of a last fix that the fence does not hold. Told by its numbers: to make a `Fence` takes longer."""
    first = len(fences.layers[0].area_of)
    layer = fences.layers[0 if position < first else 1]
    own = position if position < first else position - first
    distance_m = distance_to_edge_m(layer, own, last_fix.lat, last_fix.lon)
    return shows_redrawn(fences.policy(position), last_fix, distance_m)


def _list_lengths(fences: FenceSet, uploads: Mapping[int, Upload], passages: Passages) -> Lengths:
    minutes: list[Sequence[int]] = []
    for number, position in zip(passages.uploads.tolist(), passages.positions.tolist(), strict=True):
        minutes_of = uploads[number].minutes_of
        minutes.append(() if minutes_of is None else minutes_of(fences.ids(position)[1]))
    begins = [0, *accumulate(map(len, minutes))]
    return Lengths(np.array(begins, np.int64), np.array([each for some in minutes for each in some], np.int64))


def _to_numbers(held: Sequence[_Held]) -> Stays:
    return np.array([(-1, entry, *_count(stay)) for _, entry, stay, _ in held], STAY_TYPE)


def _count(stay: Stay) -> tuple[int, int, int, int, int, float, float, float, float, int]:
    return (
        *(to_us(stay.entered_at), to_us(stay.dwelled_at), to_us(stay.outside_since), stay.outside_fixes),
        *(to_us(stay.outside_until), stay.exit_evidence_s, stay.evidence_rate, stay.max_distance_m),
        *(stay.noise_m, stay.told_minutes),
    )


def _read_back(
    fences: FenceSet,
    columns: Columns,
    batch: Mapping[int, Upload],
    held: Sequence[_Held],
    passages: Passages,
    came: Followed,
    outcomes: Mapping[int, _Outcome],
) -> None:
    """Makes stays and transitions of the numbers that came."""
    uploads, positions = passages.uploads.tolist(), passages.positions.tolist()
    ids = [
        fences.ids(position) if number < 0 else (held[number].stay.geofence_id, held[number].stay.store_id)
        for number, position in zip(passages.held.tolist(), positions, strict=True)
    ]
    for passage, row, entry, kind, at, minutes in came.events[: came.told[0]].tolist():
        number = uploads[passage]
        is_first = kind == ENTER and row == columns.starts[number] and batch[number].presence.last_fix is None
        told = Transition(
            kind=_KINDS[kind],
            geofence_id=ids[passage][0],
            store_id=ids[passage][1],
            event_at=of_us(at),
            cause="first_fix" if is_first else "fix",
            minutes=minutes or None,
        )
        outcomes[number].told.append((row, entry, positions[passage], told))
    for passage in came.is_there.nonzero()[0].tolist():
        stay = came.stays.item(passage)
        outcome = outcomes[uploads[passage]]
        outcome.stays.append((stay[1], positions[passage], _read_stay(ids[passage], stay)))
        outcome.policies[ids[passage][0]] = fences.policy(positions[passage])
    for passage in came.is_cancelled.nonzero()[0].tolist():
        fix = columns.fixes[columns.ends[uploads[passage]] - 1]
        if is_open(fix, fences.fences[positions[passage]]):
            outcomes[uploads[passage]].cancelled.append(_read_stay(ids[passage], came.before.item(passage)))


def _read_stay(ids: tuple[GeofenceId, StoreId], numbers: Sequence[Any]) -> Stay:
    """Of the numbers of a STAY_TYPE."""
    entered_at, dwelled_at, since, fixes, until, evidence_s, rate, max_distance_m, noise_m, told_minutes = numbers[2:]
    return Stay(
        *(*ids, of_us(entered_at), find_of_us(dwelled_at), find_of_us(since), fixes),
        *(find_of_us(until), evidence_s or _DEFAULT, rate or _DEFAULT, max_distance_m or _DEFAULT, noise_m or _DEFAULT),
        told_minutes,
    )


def _update(columns: Columns, number: int, upload: Upload, outcome: _Outcome | None) -> PresenceUpdate:
    """Most uploads come from nowhere near a fence, and nothing but their last fix is kept."""
    before, newest, count = upload.presence, columns.fixes[columns.ends[number] - 1], len(upload.fixes)
    newest_at = newest.recorded_at
    stays: tuple[Stay, ...] = ()
    cancelled: tuple[Stay, ...] = ()
    transitions: tuple[Transition, ...] = ()
    if outcome is not None:
        stays = tuple([stay for *_, stay in sorted(outcome.stays, key=itemgetter(0, 1))])
        cancelled = tuple(outcome.cancelled)
        told = [each for *_, each in sorted(outcome.told, key=itemgetter(0, 1, 2))]
        transitions = (*outcome.ended, *told)
    is_first = before.last_fix is None and count == 1
    updated = Presence(
        newest_at,
        stays,
        newest,
        None,
        measure_lag_s(before.watermark, newest_at, upload.received_at),
        Instant(is_first, (), cancelled) if is_first or cancelled else _NOTHING_DECIDED,
    )
    policies = {} if outcome is None else outcome.policies
    return PresenceUpdate(updated, transitions, FixCounts(count, 0, 0, 0), policies)
