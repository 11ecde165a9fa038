"""The plain model of the transition machine: the rules of docs/geofences.md in the simplest words, one device.

It keeps whole histories where the machine keeps sums, and knows neither the machine's table nor its structures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from geo.fix import Fix
from geo.geodesy import distance_m
from geo.geofence import Circle, Fence
from ids import GeofenceId
from tests.support.tracks import NOON

Seen = tuple[str, GeofenceId, float, str]
Verdict = Literal["inside", "outside", "unsure"]


def agree(mine: Sequence[Seen], told: Sequence[Seen]) -> bool:
    """The time of a cross is reckoned, so it may be a little off."""
    pairs = zip(mine, told, strict=False)
    return len(mine) == len(told) and all(
        (*one[:2], one[3]) == (*other[:2], other[3]) and abs(one[2] - other[2]) <= (0.01 if one[0] == "cross" else 0)
        for one, other in pairs
    )


def seconds(moment: datetime) -> float:
    return (moment - NOON).total_seconds()


def away_m(fence: Fence, fix: Fix) -> float:
    assert isinstance(fence.shape, Circle)
    return distance_m(fence.shape.lat, fence.shape.lon, fix.lat, fix.lon) - fence.radius_m


def verdict(fence: Fence, fix: Fix) -> Verdict:
    accuracy_m = fix.accuracy_m or 0.0
    if away_m(fence, fix) <= 0:
        return "inside" if accuracy_m <= max(100, fence.radius_m) else "unsure"
    return "outside" if away_m(fence, fix) >= max(fence.exit_margin_m, accuracy_m) else "unsure"


@dataclass
class PlainStay:
    entered_s: float
    has_dwelled: bool = False
    # Each fix outside: when, and how far from the fence as it was drawn then.
    outside: list[tuple[float, float]] = field(default_factory=list)
    # How much a second counts at each fix outside or on the doorstep.
    shares: list[tuple[float, float]] = field(default_factory=list)
    wobbles_m: list[float] = field(default_factory=list)

    def add_outside(self, fence: Fence, fix: Fix) -> None:
        margin_m = max(fence.exit_margin_m, fix.accuracy_m or 0.0)
        clear_m = max(4 * margin_m, min(300, 2 * max(self.wobbles_m, default=0.0)))
        far_m = away_m(fence, fix)
        share = min(1.0, far_m / clear_m)
        if far_m < max((farther_m for _, farther_m in self.outside), default=0.0) - margin_m:
            share /= 4
        self.outside.append((seconds(fix.recorded_at), far_m))
        self.shares.append((seconds(fix.recorded_at), max(0.05, share)))

    def exit_evidence_s(self) -> float:
        pairs = zip(self.shares, self.shares[1:], strict=False)
        return sum((later[0] - sooner[0]) * min(sooner[1], later[1]) for sooner, later in pairs)


class PlainDevice:
    def __init__(self, fences: Sequence[Fence]) -> None:
        self.fences = {fence.geofence_id: fence for fence in fences}
        self.stays: dict[GeofenceId, PlainStay] = {}
        self.watermark_s: float | None = None
        self.last: Fix | None = None
        self.suspect: tuple[Fix, list[GeofenceId]] | None = None
        self.silent_after_s = 0.0
        self.first_s: float | None = None
        self.decided_s: float | None = None
        self.lost: set[GeofenceId] = set()
        self.told: list[Seen] = []

    def tell(self, kind: str, geofence_id: GeofenceId, at_s: float, cause: str = "fix") -> None:
        self.told.append((kind, geofence_id, at_s, cause))

    def upload(self, fixes: Sequence[Fix], now_s: float) -> int:
        """How many fixes were accepted."""
        taken = [fix for fix in fixes if not fix.mocked and seconds(fix.recorded_at) <= now_s + 60]
        taken = [fix for fix in taken if self.watermark_s is None or seconds(fix.recorded_at) > self.watermark_s]
        if not taken:
            return 0
        taken.sort(key=lambda fix: (fix.recorded_at, fix.accuracy_m or 0, fix.lat, fix.lon))
        first_s, newest_s = seconds(taken[0].recorded_at), seconds(taken[-1].recorded_at)
        if self.last is None:
            self.first_s = first_s
        elif self.watermark_s != self.first_s:  # else another fix of the first instant may be held back, and count yet
            self.first_s = None
        pause_s = 0.0 if self.watermark_s is None else min(600.0, 2 * (newest_s - self.watermark_s))
        self.decided_s, self.lost = self.watermark_s, set()
        self.end_stays_of_changed_fences(seconds(self.suspect[0].recorded_at) if self.suspect else first_s)
        for fix in taken:
            self.hear(fix)
        self.watermark_s, self.silent_after_s = newest_s, now_s + pause_s
        return len(taken)

    def forget(self) -> None:
        self.stays, self.last, self.suspect, self.told = {}, None, None, []

    def end_stays_of_changed_fences(self, at_s: float) -> None:
        for geofence_id, stay in list(self.stays.items()):
            fence = self.fences.get(geofence_id)
            is_moved = fence is not None and self.last is not None and not stay.outside
            if fence is None:
                self.tell("exit", geofence_id, at_s, "fence_removed")
            elif is_moved and self.last is not None and verdict(fence, self.last) == "outside":
                self.tell("exit", geofence_id, at_s, "fence_changed")
            else:
                continue
            del self.stays[geofence_id]
            self.lost.add(geofence_id)

    def hear(self, fix: Fix) -> None:
        if self.suspect is not None:
            held, holding = self.suspect
            if held.recorded_at == fix.recorded_at:
                return
            self.suspect = None
            assert self.last is not None
            if self.between_m(held, fix) < self.between_m(self.last, fix):
                self.believe(held, holding)
        inside = [fence.geofence_id for fence in self.fences.values() if away_m(fence, fix) <= 0]
        if self.last is not None:
            explained_m = 100 + (self.last.accuracy_m or 0) + (fix.accuracy_m or 0)
            travelled_s = seconds(fix.recorded_at) - seconds(self.last.recorded_at) + 1
            is_back = any(geofence_id in self.stays for geofence_id in inside)
            if self.between_m(self.last, fix) > explained_m + 120 * travelled_s and not is_back:
                self.suspect = fix, inside
                return
        self.believe(fix, inside)

    @staticmethod
    def between_m(one: Fix, other: Fix) -> float:
        return distance_m(one.lat, one.lon, other.lat, other.lon)

    def believe(self, fix: Fix, entering: Sequence[GeofenceId]) -> None:
        if self.last is not None:
            self.pass_by(self.last, fix, entering)
        self.last, at_s = fix, seconds(fix.recorded_at)
        for geofence_id, fence in self.fences.items():
            shows = verdict(fence, fix)
            stay = self.stays.get(geofence_id)
            if stay is None:
                if shows == "inside" and geofence_id in entering:
                    self.stays[geofence_id] = PlainStay(at_s)
                    self.tell("enter", geofence_id, at_s, "first_fix" if at_s == self.first_s else "fix")
            else:
                self.stay_on(fence, stay, fix, shows)

    def stay_on(self, fence: Fence, stay: PlainStay, fix: Fix, shows: Verdict) -> None:
        at_s = seconds(fix.recorded_at)
        if shows == "inside":
            if len(stay.outside) > 1:
                stay.wobbles_m.append(max(far_m for _, far_m in stay.outside))
            stay.outside, stay.shares = [], []
            self.dwell_if_due(fence, stay, at_s, "fix")
        elif stay.shares and stay.shares[-1][0] == at_s:
            return
        elif shows == "outside":
            stay.add_outside(fence, fix)
            enough = len(stay.outside) >= fence.exit_confirm_fixes
            if enough and stay.exit_evidence_s() >= fence.exit_confirm_s:
                self.leave(fence.geofence_id, "fix")
        elif stay.outside and away_m(fence, fix) > 0 and (fix.accuracy_m or 0) <= fence.exit_margin_m:
            stay.shares.append((at_s, 0.05))

    def pass_by(self, start: Fix, end: Fix, entering: Sequence[GeofenceId]) -> None:
        """Everybody here walks along one street on which all fences lie, so a way leads over a centre or past it."""
        began_s, ended_s, way_m = seconds(start.recorded_at), seconds(end.recorded_at), self.between_m(start, end)
        not_far = 100 < way_m <= min(1000, 40 * (ended_s - began_s)) and ended_s - began_s <= 300
        noise_m = max(start.accuracy_m or 0, end.accuracy_m or 0)
        crossed = []
        for geofence_id, fence in self.fences.items():
            assert isinstance(fence.shape, Circle)
            share = (fence.shape.lon - start.lon) / (end.lon - start.lon) if not_far else 0
            at_s = began_s + share * (ended_s - began_s)
            was_there = geofence_id in self.stays or geofence_id in self.lost or geofence_id in entering
            is_through = 0 < share < 1 and min(away_m(fence, start), away_m(fence, end)) > 0
            is_new = self.decided_s is None or at_s > self.decided_s
            if fence.report_crossings and is_through and is_new and not was_there and noise_m < fence.radius_m:
                crossed.append((at_s, geofence_id))
        self.lost = set()
        for at_s, geofence_id in sorted(crossed):
            self.tell("cross", geofence_id, at_s, "path")

    def sweep(self, now_s: float) -> None:
        if self.watermark_s is None:
            return
        self.end_stays_of_changed_fences(self.watermark_s)
        silence_s = self.watermark_s + now_s - self.silent_after_s
        if silence_s < self.watermark_s:
            return
        if self.suspect is not None:
            if silence_s < seconds(self.suspect[0].recorded_at) + 600:
                return
            self.suspect = None
        swept_to_s = self.watermark_s
        for geofence_id, stay in list(self.stays.items()):
            fence = self.fences[geofence_id]
            if stay.outside:
                last_s, share = stay.shares[-1]
                wanting_s = max(0.0, fence.exit_confirm_s - stay.exit_evidence_s()) / share
                few = len(stay.outside) < fence.exit_confirm_fixes
                if silence_s >= last_s + wanting_s + (600 if few else 0):
                    self.leave(geofence_id, "silence")
            elif self.dwell_if_due(fence, stay, silence_s, "silence"):
                swept_to_s = max(swept_to_s, stay.entered_s + fence.dwell_s)
        self.silent_after_s += swept_to_s - self.watermark_s
        self.watermark_s = swept_to_s

    def dwell_if_due(self, fence: Fence, stay: PlainStay, at_s: float, cause: str) -> bool:
        due_s = stay.entered_s + fence.dwell_s
        if stay.has_dwelled or at_s < due_s:
            return False
        stay.has_dwelled = True
        self.tell("dwell", fence.geofence_id, due_s, cause)
        return True

    def leave(self, geofence_id: GeofenceId, cause: str) -> None:
        stay = self.stays.pop(geofence_id)
        self.tell("exit", geofence_id, stay.outside[0][0], cause)
