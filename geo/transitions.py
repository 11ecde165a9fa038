"""The state machine of a device and its fences: from what the fixes show to enters, exits and dwells.

Theory. A fix is a noisy observation of a place. For each fence it shows one of three things:

    inside   the point lies in the fence and the fix is good enough to say so: accuracy_m <= max(100, radius_m)
    outside  the point lies outside by more than noise explains: at least max(exit_margin_m, accuracy_m) from the edge
    unsure   neither: on the doorstep, or from a fix as wide as the street

Comparing the last fix with the one before, as most engines do, fires a door at every jump of the noise. Here an enter
needs one good fix inside, but an exit must be confirmed: `exit_confirm_fixes` fixes outside, and `exit_confirm_s`
seconds from the first of them to the last, with none inside between. So one wild fix cannot end a stay, and a door
cannot fire again unless someone was seen away from it for that long.

              shown inside             shown unsure   shown outside
    outside   enter, -> inside         -              -
    inside    dwell when due           -              exit when confirmed, else -> leaving
    leaving   dwell when due, -> inside  -            exit when confirmed

`TABLE` below is that table.

An exit's event time is the first fix outside; a dwell's is the enter's plus `dwell_s`, for at that moment the device
was there, though we learn it only from a later fix. A dwell is told by a fix inside, never by silence nor while
leaving, and once a stay; a leaving that ends inside again was part of the stay and counts. A fence that is gone ends
its stay at the next fix.

Order is the device's clock. Within one upload it is free: the fixes are sorted. Across uploads the watermark, the
newest accepted time, decides: a fix that is not newer is late and decides nothing, so a repeated upload changes
nothing. Fixes of one instant count as one towards the confirmation, so that a fix sent twice does not confirm itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from geo.index import Fence, outside_m
from geo.matching import Fix, Sighting

FUTURE_TOLERANCE = timedelta(seconds=60)
# A fix no better than this may still enter a fence that is smaller: phones in a mall seldom do better.
ENTER_ACCURACY_M = 100.0

State = Literal["outside", "inside", "leaving"]
Shown = Literal["inside", "unsure", "outside"]
Kind = Literal["enter", "exit", "dwell"]
Cause = Literal["fix", "first_fix", "fence_removed"]


_STAY_NAMES = {
    "geofence_id": "g",
    "store_id": "s",
    "entered_at": "e",
    "dwelled_at": "d",
    "outside_since": "o",
    "outside_fixes": "n",
}


class Stay(msgspec.Struct, frozen=True, omit_defaults=True, rename=_STAY_NAMES):
    """A device in a fence. It is leaving while `outside_since`, the time of the first fix outside, is set.

    The short names are those of the stored JSON and never change their meaning.
    """

    geofence_id: UUID
    store_id: UUID
    entered_at: datetime
    dwelled_at: datetime | None = None
    outside_since: datetime | None = None
    outside_fixes: int = 0


class Presence(msgspec.Struct, frozen=True, omit_defaults=True, rename={"watermark": "w", "stays": "s"}):
    """All that is held about where a device is: the newest accepted fix's time, and its stays in order of entry."""

    watermark: datetime | None = None
    stays: tuple[Stay, ...] = ()

    @classmethod
    def nowhere(cls) -> "Presence":
        return cls()


class Transition(msgspec.Struct, frozen=True):
    """A change of presence at `event_at`; `stay_entered_at` names the stay that it belongs to."""

    kind: Kind
    geofence_id: UUID
    store_id: UUID
    event_at: datetime
    cause: Cause
    stay_entered_at: datetime


class Tally(msgspec.Struct, frozen=True):
    """What became of the fixes of one upload; each is counted once."""

    accepted: int
    late: int
    future: int
    mocked: int


class Advance(msgspec.Struct, frozen=True):
    """`transitions` stand in the order in which the fixes showed them, which an exit's event time may precede."""

    presence: Presence
    transitions: tuple[Transition, ...]
    tally: Tally


class Step(NamedTuple):
    """A row of the table: taken if it has no guard or the guard holds for the stay as the fix leaves it."""

    guard: Callable[[Stay, Fence, datetime], bool] | None
    kind: Kind | None
    to: State


def is_dwell_due(stay: Stay, fence: Fence, at: datetime) -> bool:
    return stay.dwelled_at is None and at >= stay.entered_at + timedelta(seconds=fence.dwell_s)


def is_exit_confirmed(stay: Stay, fence: Fence, at: datetime) -> bool:
    return (
        stay.outside_since is not None
        and stay.outside_fixes >= fence.exit_confirm_fixes
        and at - stay.outside_since >= timedelta(seconds=fence.exit_confirm_s)
    )


# For each state and what a fix shows: the steps in the order in which they are tried. What is not here changes nothing.
TABLE: Mapping[tuple[State, Shown], tuple[Step, ...]] = {
    ("outside", "inside"): (Step(None, "enter", "inside"),),
    ("inside", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("inside", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
    ("leaving", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("leaving", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
}


def advance(
    presence: Presence,
    sightings: Sequence[Sighting],
    fence_of: Callable[[UUID], Fence | None],
    received_at: datetime,
) -> Advance:
    """Move a device's presence over the fixes of one upload, in whatever order they stand."""
    accepted, tally = _sift(presence.watermark, sightings, received_at)
    if not accepted:
        return Advance(presence, (), tally)
    # Most devices are in no fence and come to none; for them only the watermark moves.
    if not presence.stays and not any(sighting.inside for sighting in accepted):
        return Advance(Presence(max(sighting.fix.recorded_at for sighting in accepted)), (), tally)
    accepted.sort(key=_place_in_order)
    course = _Course(presence, fence_of, accepted[0].fix.recorded_at)
    transitions = [transition for sighting in accepted for transition in course.follow(sighting)]
    return Advance(Presence(accepted[-1].fix.recorded_at, tuple(course.stays.values())), tuple(transitions), tally)


def _sift(
    watermark: datetime | None, sightings: Sequence[Sighting], received_at: datetime
) -> tuple[list[Sighting], Tally]:
    newest = received_at + FUTURE_TOLERANCE
    accepted = []
    late = future = mocked = 0
    for sighting in sightings:
        fix = sighting.fix
        if fix.mocked:
            mocked += 1
        elif fix.recorded_at > newest:
            future += 1
        elif watermark is not None and fix.recorded_at <= watermark:
            late += 1
        else:
            accepted.append(sighting)
    return accepted, Tally(len(accepted), late, future, mocked)


def _place_in_order(sighting: Sighting) -> tuple[datetime, float, float, float]:
    fix = sighting.fix
    return fix.recorded_at, fix.accuracy_m or 0.0, fix.lat, fix.lon


class _Course:
    """One run over the sorted fixes of an upload: the stays as they stand after each."""

    def __init__(self, presence: Presence, fence_of: Callable[[UUID], Fence | None], first_at: datetime) -> None:
        self.stays = {stay.geofence_id: stay for stay in presence.stays}
        self._fences = {geofence_id: fence_of(geofence_id) for geofence_id in self.stays}
        self._counted_at: dict[UUID, datetime] = {}
        self._first_fix_at = first_at if presence.watermark is None else None

    def follow(self, sighting: Sighting) -> Iterator[Transition]:
        fix = sighting.fix
        entering = {fence.geofence_id: fence for fence in sighting.inside}
        for geofence_id, stay in tuple(self.stays.items()):
            holds = entering.pop(geofence_id, None) is not None
            fence = self._fences[geofence_id]
            if fence is None:
                del self.stays[geofence_id]
                yield _tell("exit", stay, fix.recorded_at, "fence_removed")
            else:
                yield from self._move(fence, stay, _look(fence, fix, holds), fix.recorded_at)
        for geofence_id, fence in entering.items():
            self._fences[geofence_id] = fence
            yield from self._move(fence, None, _look(fence, fix, True), fix.recorded_at)

    def _move(self, fence: Fence, stay: Stay | None, shown: Shown, at: datetime) -> Iterator[Transition]:
        steps = TABLE.get((_state_of(stay), shown))
        if steps is None:
            return
        seen = self._note(fence, stay, shown, at)
        _, kind, to = next(step for step in steps if step.guard is None or step.guard(seen, fence, at))
        if kind == "dwell":
            seen = msgspec.structs.replace(seen, dwelled_at=seen.entered_at + timedelta(seconds=fence.dwell_s))
        if to == "outside":
            del self.stays[fence.geofence_id]
        else:
            self.stays[fence.geofence_id] = seen
        if kind is not None:
            cause: Cause = "first_fix" if kind == "enter" and at == self._first_fix_at else "fix"
            yield _tell(kind, seen, _event_time(kind, seen), cause)

    def _note(self, fence: Fence, stay: Stay | None, shown: Shown, at: datetime) -> Stay:
        """The stay as this fix leaves it."""
        if stay is None:
            return Stay(fence.geofence_id, fence.store_id, at)
        if shown == "inside":
            return msgspec.structs.replace(stay, outside_since=None, outside_fixes=0)
        if self._counted_at.get(stay.geofence_id) == at and stay.outside_since is not None:
            return stay
        self._counted_at[stay.geofence_id] = at
        since = stay.outside_since or at
        return msgspec.structs.replace(stay, outside_since=since, outside_fixes=stay.outside_fixes + 1)


def _state_of(stay: Stay | None) -> State:
    if stay is None:
        return "outside"
    return "inside" if stay.outside_since is None else "leaving"


def _look(fence: Fence, fix: Fix, holds: bool) -> Shown:
    """What a fix shows about a fence that holds its point or does not."""
    accuracy_m = fix.accuracy_m or 0.0
    if holds:
        return "inside" if accuracy_m <= max(ENTER_ACCURACY_M, fence.radius_m) else "unsure"
    return "outside" if outside_m(fence, fix.lat, fix.lon) >= max(fence.exit_margin_m, accuracy_m) else "unsure"


def _event_time(kind: Kind, stay: Stay) -> datetime:
    at = {"enter": stay.entered_at, "dwell": stay.dwelled_at, "exit": stay.outside_since}[kind]
    assert at is not None  # the step that tells of it has set it
    return at


def _tell(kind: Kind, stay: Stay, event_at: datetime, cause: Cause) -> Transition:
    return Transition(kind, stay.geofence_id, stay.store_id, event_at, cause, stay.entered_at)
