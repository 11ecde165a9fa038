"""The transition machine as it was before batches: one fix after another, for each its fences, in the plainest order.

`geo.uploads` must answer the same, whatever shortcuts it takes: transitions, their order, stays and counts. What it has
in common with this are the table, the types, what is selected of an upload and how far a point is from one fence. What
those do is held against a model that knows none of them (tests/support/transition_model.py).
"""

from collections.abc import Sequence

import msgspec

from geo.crossings import CrossableFences
from geo.edges import distance_to_edge_m, distance_to_fence_m
from geo.fix import Fix, RegionEvent
from geo.geodesy import distance_m
from geo.geofence import Fence
from geo.index import FenceSet
from geo.long_stays import MinutesOf, tell_lengths
from geo.matching import FenceMatch, match_fences
from geo.ordering import select_fixes
from geo.presence import Instant, Presence, Stay, Suspect, measure_lag_s
from geo.region_events import apply_region_events, is_open, weigh
from geo.transition import Transition
from geo.transitions import FenceOf, Observation, PresenceUpdate, State, make_transition, state_of, take_step
from geo.upload import Upload
from ids import GeofenceId


def apply_alone(fences: FenceSet, upload: Upload) -> PresenceUpdate:
    """What `geo.uploads.apply_uploads` has to answer for this upload, in whatever company."""
    (matches,) = match_fences(fences, [(upload.program_id, upload.fixes)])
    fence_matches = apply_region_events(upload.program_id, matches, fences)
    presence = upload.presence
    accepted, counts = select_fixes(presence, fence_matches, upload.received_at)
    if not accepted:
        return PresenceUpdate(presence, (), counts)
    run = _Run(presence, fences.get, upload.crossable, upload.minutes_of, accepted[0])
    run.end_stays_of_changed_fences(presence.suspect.fix if presence.suspect else accepted[0].fix)
    for fence_match in accepted:
        run.apply_fix(fence_match)
    newest_at = accepted[-1].fix.recorded_at
    is_same = newest_at == presence.watermark
    lag_s = presence.lag_s if is_same else measure_lag_s(presence.watermark, newest_at, upload.received_at)
    instant = run.sum_up(presence.instant.events if is_same else (), accepted)
    updated = Presence(newest_at, tuple(run.stays.values()), run.last, run.suspect, lag_s, instant)
    return PresenceUpdate(updated, tuple(run.transitions), counts)


class _Run:
    def __init__(
        self,
        presence: Presence,
        fence_of: FenceOf,
        crossable: CrossableFences | None,
        minutes_of: MinutesOf | None,
        first: FenceMatch,
    ) -> None:
        self.stays = {stay.geofence_id: stay for stay in presence.stays}
        self.last, self.suspect = presence.last_fix, presence.suspect
        self.transitions: list[Transition] = []
        self.fence_of, self.crossable, self.minutes_of = fence_of, crossable, minutes_of
        self.watermark = presence.watermark
        self.first_fix_at = first.fix.recorded_at if presence.last_fix is None else None
        if presence.instant.is_first:
            self.first_fix_at = presence.watermark
        self.cancelled = {stay.geofence_id: (stay, presence.watermark) for stay in presence.instant.cancelled}
        self.lost: set[GeofenceId] = set()

    def end_stays_of_changed_fences(self, first: Fix) -> None:
        for geofence_id, stay in tuple(self.stays.items()):
            fence, cause = self.fence_of(geofence_id), None
            if fence is None:
                cause = make_transition("exit", stay, "fence_removed", first.recorded_at)
            elif stay.outside_since is None and self.last is not None:
                away_m = distance_to_fence_m(fence, self.last.lat, self.last.lon)
                if 0 < away_m >= _margin_m(fence, self.last):
                    cause = make_transition("exit", stay, "fence_changed", first.recorded_at)
            if cause is not None:
                del self.stays[geofence_id]
                self.lost.add(geofence_id)
                self.transitions.append(cause)

    def apply_fix(self, fence_match: FenceMatch) -> None:
        held, fix = self.suspect, fence_match.fix
        events = () if fence_match.event is None else (fence_match.event,)
        if held is not None:
            if held.fix.recorded_at == fix.recorded_at:
                self.suspect = Suspect(held.fix, held.geofence_ids, (*held.events, *events)) if events else held
                return
            self.suspect = None
            if _is_confirmed(self.last, held.fix, fix):
                self.accept(held.fix, self.find_fences_at(held))
        holding = [fence.geofence_id for fence in fence_match.inside]
        if _is_jump(self.last, fix) and self.stays.keys().isdisjoint(holding):
            self.suspect = Suspect(fix, holding, events)
            return
        if fence_match.event is not None and fence_match.event.kind == "exit":
            self.resume_exit(fence_match.event.geofence_id, fix)
        self.accept(fix, fence_match.inside)

    def sum_up(self, weighed: tuple[RegionEvent, ...], accepted: Sequence[FenceMatch]) -> Instant:
        at = accepted[-1].fix.recorded_at
        newest = [each.event for each in accepted if each.event is not None and each.fix.recorded_at == at]
        cancelled = tuple(stay for stay, then in self.cancelled.values() if then == at)
        return Instant(at == self.first_fix_at, tuple(dict.fromkeys([*weighed, *newest])), cancelled)

    def resume_exit(self, geofence_id: GeofenceId, fix: Fix) -> None:
        stay = self.stays.get(geofence_id)
        before, at = self.cancelled.get(geofence_id, (None, None))
        if stay is not None and before is not None and at == fix.recorded_at:
            self.stays[geofence_id] = msgspec.structs.replace(
                before, dwelled_at=stay.dwelled_at, told_minutes=stay.told_minutes
            )

    def find_fences_at(self, held: Suspect) -> Sequence[Fence]:
        known = [self.fence_of(geofence_id) for geofence_id in dict.fromkeys([*held.geofence_ids, *self.stays])]
        fix = held.fix
        inside = tuple(fence for fence in known if fence and distance_to_fence_m(fence, fix.lat, fix.lon) == 0)
        for event in held.events:
            fence = self.fence_of(event.geofence_id)
            inside = inside if fence is None else weigh(inside, fix, event, fence)
        return inside

    def accept(self, fix: Fix, holding: Sequence[Fence]) -> None:
        if self.crossable is not None and self.last is not None:
            self.cross(self.crossable, self.last, fix, holding)
        self.last = fix
        entering = {fence.geofence_id: fence for fence in holding}
        for geofence_id, stay in tuple(self.stays.items()):
            holds = entering.pop(geofence_id, None) is not None
            fence = self.fence_of(geofence_id)
            assert fence is not None
            self.observe(fence, stay, fix, holds)
        for fence in entering.values():
            if _is_good_inside(fence, fix):
                stay = Stay(fence.geofence_id, fence.store_id, fix.recorded_at)
                self.step(fence, "outside", "inside", stay, fix)

    def cross(self, crossable: CrossableFences, start: Fix, end: Fix, holding: Sequence[Fence]) -> None:
        for fence, at in crossable.find(start, end, self.watermark):
            was_there = fence.geofence_id in self.stays or fence.geofence_id in self.lost
            if not was_there and all(fence.geofence_id != held.geofence_id for held in holding):
                self.transitions.append(make_transition("cross", Stay(fence.geofence_id, fence.store_id, at), "path"))
        self.lost.clear()

    def observe(self, fence: Fence, stay: Stay, fix: Fix, holds: bool) -> None:
        if holds:
            if _is_good_inside(fence, fix):
                if stay.outside_since is not None and is_open(fix, fence):
                    self.cancelled[stay.geofence_id] = (stay, fix.recorded_at)
                self.step(fence, state_of(stay), "inside", _cancel_exit(stay), fix)
            return
        away_m = distance_to_edge_m(fence, fix.lat, fix.lon)
        if away_m >= _margin_m(fence, fix):
            self.step(fence, state_of(stay), "outside", _record_outside(stay, fence, away_m, fix), fix)
        elif (fix.accuracy_m or 0.0) <= fence.exit_margin_m:
            self.stays[fence.geofence_id] = _record_near_edge(stay, fix)

    def step(self, fence: Fence, state: State, observation: Observation, stay: Stay, fix: Fix) -> None:
        after, kind = take_step(fence, state, observation, stay, fix.recorded_at)
        lengths: Sequence[Transition] = ()
        if after is not None and observation == "inside":
            after, lengths = tell_lengths(after, self.minutes_of, fix.recorded_at, "fix")
        if after is None:
            del self.stays[fence.geofence_id]
        else:
            self.stays[fence.geofence_id] = after
        if kind is not None:
            is_first = kind == "enter" and fix.recorded_at == self.first_fix_at
            self.transitions.append(make_transition(kind, after or stay, "first_fix" if is_first else "fix"))
        self.transitions += lengths


def _is_jump(last: Fix | None, fix: Fix) -> bool:
    if last is None or (abs(fix.lat - last.lat) < 0.0006 and abs(fix.lon - last.lon) < 0.0006):
        return False
    explained_m = 100.0 + (last.accuracy_m or 0.0) + (fix.accuracy_m or 0.0)
    reach_m = explained_m + 120.0 * ((fix.recorded_at - last.recorded_at).total_seconds() + 1)
    return distance_m(last.lat, last.lon, fix.lat, fix.lon) > reach_m


def _is_confirmed(last: Fix | None, suspect: Fix, fix: Fix) -> bool:
    if last is None:
        return True
    to_suspect_m = distance_m(suspect.lat, suspect.lon, fix.lat, fix.lon)
    return to_suspect_m < distance_m(last.lat, last.lon, fix.lat, fix.lon)


def _margin_m(fence: Fence, fix: Fix) -> float:
    return max(fence.exit_margin_m, fix.accuracy_m or 0.0)


def _is_good_inside(fence: Fence, fix: Fix) -> bool:
    return (fix.accuracy_m or 0.0) <= max(100.0, fence.radius_m)


def _record_outside(stay: Stay, fence: Fence, away_m: float, fix: Fix) -> Stay:
    at, margin_m = fix.recorded_at, _margin_m(fence, fix)
    if stay.outside_until == at:
        return stay
    max_distance_m = max(stay.max_distance_m, away_m)
    clear_m = max(4.0 * margin_m, min(2.0 * stay.noise_m, 300.0))
    rate = min(1.0, away_m / clear_m) if clear_m else 1.0
    rate = max(0.05, rate * 0.25 if away_m < max_distance_m - margin_m else rate)
    evidence_s = stay.exit_evidence_s
    if stay.outside_until is not None:
        evidence_s += (at - stay.outside_until).total_seconds() * min(stay.evidence_rate, rate)
    return msgspec.structs.replace(
        stay,
        outside_since=stay.outside_since or at,
        outside_fixes=stay.outside_fixes + 1,
        outside_until=at,
        exit_evidence_s=evidence_s,
        evidence_rate=rate,
        max_distance_m=max_distance_m,
    )


def _record_near_edge(stay: Stay, fix: Fix) -> Stay:
    at = fix.recorded_at
    if stay.outside_until is None or stay.outside_until == at:
        return stay
    evidence_s = stay.exit_evidence_s + (at - stay.outside_until).total_seconds() * 0.05
    return msgspec.structs.replace(stay, outside_until=at, exit_evidence_s=evidence_s, evidence_rate=0.05)


def _cancel_exit(stay: Stay) -> Stay:
    if stay.outside_since is None:
        return stay
    noise_m = max(stay.noise_m, stay.max_distance_m) if stay.outside_fixes > 1 else stay.noise_m
    kept = Stay(stay.geofence_id, stay.store_id, stay.entered_at, stay.dwelled_at, told_minutes=stay.told_minutes)
    return msgspec.structs.replace(kept, noise_m=noise_m)
