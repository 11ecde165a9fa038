"""The state machine of a device and its fences: from what the fixes show to enters, exits and dwells. Pure.

Theory. A fix is a noisy observation of a place. For each fence it shows one of three things:

    inside   the point lies in the fence and the fix is good enough to say so: accuracy_m <= max(100, radius_m)
    outside  the point lies outside by more than noise explains: at least max(exit_margin_m, accuracy_m) from the edge
    unsure   neither: near the edge, or a fix as inaccurate as the street is wide. It changes no state, but a good
             fix near the edge delays the confirmation of an exit (geo.exit_confirmation)

Three more observations need no fix inside or outside the fence:

    silence  no fix comes any more, so what the last fixes showed is still true (see geo.sweeping)
    path     the straight line between two fixes, neither of which lies in the fence, leads through it (geo.crossings)
    fence    the fence was removed, or redrawn so that the last fix of a device that is not leaving lies outside now

Comparing the last fix with the one before, as most engines do, makes a transition of every jump of the noise. Here an
enter needs one good fix inside, but an exit must be confirmed: `exit_confirm_fixes` fixes outside and `exit_confirm_s`
seconds away, weighted by the distance (geo.exit_confirmation is the theory of that), with no fix inside in between. A
jump that nobody can have travelled is not believed before the next fix agrees (geo.jumps), and then at its own time.

              inside                   unsure   outside                             silence         fence   path
    outside   enter, -> inside         -        -                                   -               -       cross
    inside    dwell when due           -        exit when confirmed, else leaving   dwell when due  exit    -
    leaving   dwell when due, inside   -        exit when confirmed                 exit when due   exit    -

`TABLE` below is that table; docs/geofences.md draws it.

An exit's event time is the first fix outside; a dwell's is the enter's plus `dwell_s`. There is at most one dwell a
stay. It comes with a fix inside or by silence inside, never while leaving; but time outside that is followed by a fix
inside, before the exit is confirmed, is part of the stay and counts. Campaigns may ask for stays of other lengths, each
of which is told once beside the dwell (geo.long_stays). The exit of a removed or redrawn fence happens at
the next fix, or at the last one if the sweep comes first.

A cross (Tile38 calls it so too) is a guess, so only a fence with `report_crossings` has it, and it makes no stay. It
stands before what the fix at the end of the path shows, at its own time on the path. It never gets a time that was
decided before, and a fence that the device was in at the start of the path is not crossed.

Fixes are ordered by the device's clock, and what is not newer than the newest decided time is late (geo.ordering).
Fixes of one instant count as one towards a confirmation, so that a fix that is sent twice does not confirm itself. A
region event of the last fix's instant adds to what that fix showed: an enter or dwell may open a stay or cancel an
exit; an exit takes an exit up again that a fix so near the edge cancelled. What was decided stays decided.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from geo.crossings import CrossableFences
from geo.edges import distance_to_edge_m, distance_to_fence_m
from geo.exit_confirmation import cancel_exit, is_exit_confirmed, is_exit_due, record_near_edge, record_outside
from geo.fix import Fix, RegionEvent
from geo.geofence import Fence
from geo.jumps import is_confirmed, is_jump
from geo.long_stays import MinutesOf, tell_lengths
from geo.matching import FenceMatch
from geo.observations import find_fence_change, shows_inside, shows_near_edge, shows_outside
from geo.ordering import FixCounts, select_fixes
from geo.presence import Instant, Presence, Stay, Suspect, measure_lag_s
from geo.region_events import is_open, weigh
from geo.transition import Cause, Kind, Transition
from ids import GeofenceId

FenceOf = Callable[[GeofenceId], Fence | None]
State = Literal["outside", "inside", "leaving"]
Observation = Literal["inside", "unsure", "outside", "silence", "fence", "path"]


class PresenceUpdate(msgspec.Struct, frozen=True):
    """`transitions` are in the order in which the fixes showed them; an exit's event time may be earlier than that."""

    presence: Presence
    transitions: tuple[Transition, ...]
    counts: FixCounts


class Step(NamedTuple):
    """A row of the table: taken if it has no guard or the guard holds for the stay as the fix leaves it."""

    guard: Callable[[Stay, Fence, datetime], bool] | None
    kind: Kind | None
    to: State


def is_dwell_due(stay: Stay, fence: Fence, at: datetime) -> bool:
    return stay.dwelled_at is None and at >= stay.entered_at + timedelta(seconds=fence.dwell_s)


# For each state and observation: the steps in the order in which they are tried. Any other pair changes nothing.
TABLE: Mapping[tuple[State, Observation], tuple[Step, ...]] = {
    ("outside", "inside"): (Step(None, "enter", "inside"),),
    ("outside", "path"): (Step(None, "cross", "outside"),),
    ("inside", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("inside", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
    ("inside", "silence"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("inside", "fence"): (Step(None, "exit", "outside"),),
    ("leaving", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("leaving", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
    ("leaving", "silence"): (Step(is_exit_due, "exit", "outside"), Step(None, None, "leaving")),
    ("leaving", "fence"): (Step(None, "exit", "outside"),),
}


def take_step(
    fence: Fence, state: State, observation: Observation, stay: Stay, at: datetime
) -> tuple[Stay | None, Kind | None]:
    """One step by the table; `stay` is as the observation leaves it. Answers the stay after it and the kind, if any."""
    steps = TABLE.get((state, observation))
    if steps is None:
        return stay, None
    for guard, kind, to in steps:  # noqa: B007 - the last step has no guard
        if guard is None or guard(stay, fence, at):
            break
    if kind == "dwell":
        stay = msgspec.structs.replace(stay, dwelled_at=stay.entered_at + timedelta(seconds=fence.dwell_s))
    return (None if to == "outside" else stay), kind


def make_transition(kind: Kind, stay: Stay, cause: Cause, event_at: datetime | None = None) -> Transition:
    """Without `event_at` the time is the one that the stay holds for this kind."""
    known = {"enter": stay.entered_at, "cross": stay.entered_at, "dwell": stay.dwelled_at, "exit": stay.outside_since}
    at = event_at or known[kind]
    assert at is not None  # the step that made the transition has set it
    return Transition(kind=kind, geofence_id=stay.geofence_id, store_id=stay.store_id, event_at=at, cause=cause)


def state_of(stay: Stay) -> State:
    return "inside" if stay.outside_since is None else "leaving"


def apply_fixes(
    presence: Presence,
    fence_matches: Sequence[FenceMatch],
    fence_of: FenceOf,
    received_at: datetime,
    crossable: CrossableFences | None = None,
    minutes_of: MinutesOf | None = None,
) -> PresenceUpdate:
    """Apply the fixes of one upload, in any order, to a device's presence.

    `crossable` is None where no fence of the program reports crossings, `minutes_of` where no campaign of it asks for
    stays of some length.
    """
    accepted, counts = select_fixes(presence, fence_matches, received_at)
    if not accepted:
        return PresenceUpdate(presence, (), counts)
    run = _Run(presence, fence_of, crossable, minutes_of, accepted[0].fix.recorded_at)
    # A suspect that was held is the first fix of those that are decided now.
    first = presence.suspect.fix if presence.suspect else accepted[0].fix
    run.end_stays_of_changed_fences(first.recorded_at)
    for fence_match in accepted:
        run.apply_fix(fence_match)
    newest_at = accepted[-1].fix.recorded_at
    # An event of the last fix's instant tells nothing new about the clock.
    is_same = newest_at == presence.watermark
    lag_s = presence.lag_s if is_same else measure_lag_s(presence.watermark, newest_at, received_at)
    instant = run.sum_up(newest_at, presence.instant.events if is_same else (), accepted)
    updated = Presence(newest_at, tuple(run.stays.values()), run.last, run.suspect, lag_s, instant)
    return PresenceUpdate(updated, tuple(run.transitions), counts)


class _Run:
    """One run over the sorted fixes of an upload: the presence as it is after each fix, and the transitions so far."""

    def __init__(
        self,
        presence: Presence,
        fence_of: FenceOf,
        crossable: CrossableFences | None,
        minutes_of: MinutesOf | None,
        first_at: datetime,
    ) -> None:
        self.stays = {stay.geofence_id: stay for stay in presence.stays}
        self.last = presence.last_fix
        self.suspect = presence.suspect
        self.transitions: list[Transition] = []
        self._fence_of = fence_of
        self._watermark = presence.watermark
        self._first_fix_at = first_at if presence.last_fix is None else None
        if presence.instant.is_first:
            self._first_fix_at = presence.watermark
        # What fixes of which instant cancelled: see `Instant`.
        self._cancelled = {stay.geofence_id: (stay, presence.watermark) for stay in presence.instant.cancelled}
        self._crossable = crossable
        self._minutes_of = minutes_of
        self._lost: set[GeofenceId] = set()

    def end_stays_of_changed_fences(self, at: datetime) -> None:
        for geofence_id, stay in tuple(self.stays.items()):
            cause = find_fence_change(self._fence_of(geofence_id), stay, self.last)
            if cause is not None:
                del self.stays[geofence_id]
                self._lost.add(geofence_id)
                self.transitions.append(make_transition("exit", stay, cause, at))

    def apply_fix(self, fence_match: FenceMatch) -> None:
        held, fix = self.suspect, fence_match.fix
        events = () if fence_match.event is None else (fence_match.event,)
        if held is not None:
            if held.fix.recorded_at == fix.recorded_at:
                self.suspect = Suspect(held.fix, held.geofence_ids, (*held.events, *events)) if events else held
                return
            self.suspect = None
            if is_confirmed(self.last, held.fix, fix):
                self._accept(held.fix, self._find_fences_at(held))
        holding = [fence.geofence_id for fence in fence_match.inside]
        # Back in a fence that it has not left: then it was the fix before that jumped.
        if is_jump(self.last, fix) and self.stays.keys().isdisjoint(holding):
            self.suspect = Suspect(fix, holding, events)
            return
        if fence_match.event is not None and fence_match.event.kind == "exit":
            self._resume_exit(fence_match.event.geofence_id, fix)
        self._accept(fix, fence_match.inside)

    def sum_up(self, at: datetime, weighed: tuple[RegionEvent, ...], accepted: Sequence[FenceMatch]) -> Instant:
        """What is held about the newest instant; `weighed` are its events from uploads before."""
        newest = [each.event for each in accepted if each.event is not None and each.fix.recorded_at == at]
        cancelled = tuple(stay for stay, then in self._cancelled.values() if then == at)
        return Instant(at == self._first_fix_at, tuple(dict.fromkeys([*weighed, *newest])), cancelled)

    def _resume_exit(self, geofence_id: GeofenceId, fix: Fix) -> None:
        """Take an exit up again that a fix of this instant cancelled, as the event contradicts that fix."""
        stay = self.stays.get(geofence_id)
        before, at = self._cancelled.get(geofence_id, (None, None))
        if stay is not None and before is not None and at == fix.recorded_at:
            self.stays[geofence_id] = msgspec.structs.replace(
                before, dwelled_at=stay.dwelled_at, told_minutes=stay.told_minutes
            )

    def _find_fences_at(self, held: Suspect) -> Sequence[Fence]:
        """The fences that the suspect counts as inside of, as they are drawn now."""
        fences = [self._fence_of(geofence_id) for geofence_id in dict.fromkeys([*held.geofence_ids, *self.stays])]
        inside = tuple(
            fence for fence in fences if fence and distance_to_fence_m(fence, held.fix.lat, held.fix.lon) == 0
        )
        for event in held.events:
            fence = self._fence_of(event.geofence_id)
            inside = inside if fence is None else weigh(inside, held.fix, event, fence)
        return inside

    def _accept(self, fix: Fix, holding: Sequence[Fence]) -> None:
        if self._crossable is not None and self.last is not None:
            self._cross(self._crossable, self.last, fix, holding)
        self.last = fix
        if not self.stays and not holding:  # most fixes
            return
        entering = {fence.geofence_id: fence for fence in holding}
        for geofence_id, stay in tuple(self.stays.items()):
            holds = entering.pop(geofence_id, None) is not None
            fence = self._fence_of(geofence_id)
            assert fence is not None  # end_stays_of_changed_fences has ended the others
            self._observe(fence, stay, fix, holds)
        for fence in entering.values():
            if shows_inside(fence, fix):
                self._step(fence, "outside", "inside", Stay(fence.geofence_id, fence.store_id, fix.recorded_at), fix)

    def _cross(self, crossable: CrossableFences, start: Fix, end: Fix, holding: Sequence[Fence]) -> None:
        for fence, at in crossable.find(start, end, self._watermark):
            was_there = fence.geofence_id in self.stays or fence.geofence_id in self._lost
            if not was_there and all(fence.geofence_id != held.geofence_id for held in holding):
                stay = Stay(fence.geofence_id, fence.store_id, at)
                _, kind = take_step(fence, "outside", "path", stay, at)
                if kind is not None:
                    self.transitions.append(make_transition(kind, stay, "path"))
        self._lost.clear()

    def _observe(self, fence: Fence, stay: Stay, fix: Fix, holds: bool) -> None:
        if holds:
            if shows_inside(fence, fix):
                if stay.outside_since is not None and is_open(fix, fence):
                    self._cancelled[stay.geofence_id] = (stay, fix.recorded_at)
                self._step(fence, state_of(stay), "inside", cancel_exit(stay), fix)
            return
        # Not inside: the index said so, or a region event about a circle did.
        distance_m = distance_to_edge_m(fence, fix.lat, fix.lon)
        if shows_outside(fence, fix, distance_m):
            seen = record_outside(stay, fence, distance_m, fix.accuracy_m or 0.0, fix.recorded_at)
            self._step(fence, state_of(stay), "outside", seen, fix)
        elif shows_near_edge(fence, fix):
            self.stays[fence.geofence_id] = record_near_edge(stay, fix.recorded_at)

    def _step(self, fence: Fence, state: State, observation: Observation, stay: Stay, fix: Fix) -> None:
        after, kind = take_step(fence, state, observation, stay, fix.recorded_at)
        lengths: Sequence[Transition] = ()
        if after is not None and observation == "inside":
            after, lengths = tell_lengths(after, self._minutes_of, fix.recorded_at, "fix")
        if after is None:
            del self.stays[fence.geofence_id]
        else:
            self.stays[fence.geofence_id] = after
        if kind is not None:
            is_first = kind == "enter" and fix.recorded_at == self._first_fix_at
            self.transitions.append(make_transition(kind, after or stay, "first_fix" if is_first else "fix"))
        self.transitions += lengths
