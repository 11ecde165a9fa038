"""The transition machine, one fix after another: whatever an upload holds. Pure.

This way knows suspects, region events, crossings and fixes of one instant. Most uploads hold none of those, and are
followed fence by fence instead, which comes to the same (geo.plain_uploads).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from geo.crossings import CrossableFences
from geo.edges import distance_to_edge_m, distance_to_fence_m
from geo.exit_confirmation import cancel_exit, watch_outside
from geo.fix import Fix, RegionEvent
from geo.geofence import Fence
from geo.jumps import is_confirmed, is_jump
from geo.long_stays import MinutesOf
from geo.matching import FenceMatch
from geo.observations import find_fence_change, shows_inside
from geo.ordering import select_fixes
from geo.presence import Instant, Presence, Stay, Suspect, measure_lag_s
from geo.region_events import is_open, weigh
from geo.transition import Transition
from geo.transitions import (
    FenceOf,
    Observation,
    PresenceUpdate,
    State,
    make_transition,
    state_of,
    take_step,
    tell,
)
from ids import GeofenceId


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
        self._look_up = fence_of
        self._fences: dict[GeofenceId, Fence | None] = {}
        self._watermark = presence.watermark
        self._first_fix_at = first_at if presence.last_fix is None else None
        if presence.instant.is_first:
            self._first_fix_at = presence.watermark
        # What fixes of which instant cancelled: see `Instant`.
        self._cancelled = {stay.geofence_id: (stay, presence.watermark) for stay in presence.instant.cancelled}
        self._crossable = crossable
        self._minutes_of = minutes_of
        self._lost: set[GeofenceId] = set()

    def _fence_of(self, geofence_id: GeofenceId) -> Fence | None:
        # Not functools.cache: to make one takes a quarter of the time of an upload of one fix.
        if geofence_id not in self._fences:
            self._fences[geofence_id] = self._look_up(geofence_id)
        return self._fences[geofence_id]

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
        seen, is_confirmed = watch_outside(stay, fence, fix.recorded_at, fix.accuracy_m or 0.0, distance_m)
        self.stays[fence.geofence_id] = seen
        if is_confirmed:
            self._step(fence, state_of(seen), "outside", seen, fix)

    def _step(self, fence: Fence, state: State, observation: Observation, stay: Stay, fix: Fix) -> None:
        is_first = fix.recorded_at == self._first_fix_at
        after, told = tell(fence, state, observation, stay, fix.recorded_at, self._minutes_of, is_first)
        if after is None:
            del self.stays[fence.geofence_id]
        else:
            self.stays[fence.geofence_id] = after
        self.transitions += told
