"""Exit confirmation: how sure we are that a device which shows outside has left. Pure.

Theory. The errors of consecutive fixes are not independent. Indoors and between tall buildings the error drifts: it
keeps one direction for minutes, by tens of metres, and sometimes by hundreds. So a second outside is weak evidence
close to the edge, where such an error can put a phone that never moved, and strong evidence far away. Each stretch of
time between two fixes outside counts towards `exit_confirm_s` by a rate, the evidence that each of its seconds adds:

    min(1, distance_m / clear_m)     clear_m = 4 margins, margin_m = max(exit_margin_m, accuracy_m)

The lower of the rates at both ends holds, so that a wild fix adds no evidence to its neighbours. Someone who walks away
is 100 m away after 80 s and confirmed after about 140 s; a drift of 40 m would have to last 300 s. Three more rules:

    approach    A device that comes nearer again, by more than a margin from the farthest point, may be on its way back:
                its seconds count a quarter.
    near edge   A good fix outside, but nearer to the edge than the margin, shows neither inside nor outside. It does
                show that the phone is not far away. The stretches before and after it count a twentieth, so that the
                seconds between two wild swings of the error are no evidence. They still count a little, or silence
                near the edge would never end in an exit.
    noise       Fixes outside that were followed by one inside, before the exit was confirmed, show how far the error
                reaches at this place. For the rest of the stay only twice that distance is clear (300 m at most). A
                single fix outside is not enough to learn from.

In silence the last rate continues, so the time at which an exit is due is known as soon as the last fix has come. With
fewer than `exit_confirm_fixes` fixes outside the exit is due ten minutes later.
"""

from datetime import datetime, timedelta

import msgspec

from geo.geofence import Fence
from geo.presence import Stay

CLEAR_MARGIN_FACTOR = 4.0
APPROACH_RATE = 0.25
MIN_RATE = 0.05
NOISE_FACTOR = 2.0
MAX_CLEAR_DISTANCE_M = 300.0
FEW_FIXES_WAIT = timedelta(minutes=10)


def record_outside(stay: Stay, fence: Fence, distance_m: float, accuracy_m: float, at: datetime) -> Stay:
    """The stay after a fix that shows outside, `distance_m` from the edge. Fixes of one instant count as one."""
    if stay.outside_until == at:
        return stay
    margin_m = max(fence.exit_margin_m, accuracy_m)
    max_distance_m = max(stay.max_distance_m, distance_m)
    evidence_rate = _evidence_rate(stay, margin_m, distance_m, max_distance_m)
    exit_evidence_s = stay.exit_evidence_s
    if stay.outside_until is not None:
        exit_evidence_s += (at - stay.outside_until).total_seconds() * min(stay.evidence_rate, evidence_rate)
    return msgspec.structs.replace(
        stay,
        outside_since=stay.outside_since or at,
        outside_fixes=stay.outside_fixes + 1,
        outside_until=at,
        exit_evidence_s=exit_evidence_s,
        evidence_rate=evidence_rate,
        max_distance_m=max_distance_m,
    )


def record_near_edge(stay: Stay, at: datetime) -> Stay:
    """The stay after a good fix near the edge: while it is leaving, the seconds before and after it count very little.

    Fixes of one instant count as one.
    """
    if stay.outside_until is None or stay.outside_until == at:
        return stay
    exit_evidence_s = stay.exit_evidence_s + (at - stay.outside_until).total_seconds() * MIN_RATE
    return msgspec.structs.replace(stay, outside_until=at, exit_evidence_s=exit_evidence_s, evidence_rate=MIN_RATE)


def cancel_exit(stay: Stay) -> Stay:
    """The stay after a fix that shows inside: it is not leaving any more."""
    if stay.outside_since is None:
        return stay
    noise_m = max(stay.noise_m, stay.max_distance_m) if stay.outside_fixes > 1 else stay.noise_m
    return Stay(
        stay.geofence_id,
        stay.store_id,
        stay.entered_at,
        stay.dwelled_at,
        noise_m=noise_m,
        told_minutes=stay.told_minutes,
    )


def is_exit_confirmed(stay: Stay, fence: Fence, _: datetime) -> bool:
    """Whether the fixes so far confirm the exit, whatever the time."""
    return stay.outside_fixes >= fence.exit_confirm_fixes and stay.exit_evidence_s >= fence.exit_confirm_s


def exit_due_at(stay: Stay, fence: Fence) -> datetime | None:
    """When silence alone confirms the exit, by the device's clock; None for a stay that is not leaving."""
    if stay.outside_until is None:
        return None
    missing_s = max(0.0, fence.exit_confirm_s - stay.exit_evidence_s)
    wait = FEW_FIXES_WAIT if stay.outside_fixes < fence.exit_confirm_fixes else timedelta(0)
    return stay.outside_until + timedelta(seconds=missing_s / stay.evidence_rate) + wait


def is_exit_due(stay: Stay, fence: Fence, at: datetime) -> bool:
    """Whether silence until then, by the device's clock, confirms the exit."""
    due_at = exit_due_at(stay, fence)
    return due_at is not None and at >= due_at


def _evidence_rate(stay: Stay, margin_m: float, distance_m: float, max_distance_m: float) -> float:
    clear_m = max(CLEAR_MARGIN_FACTOR * margin_m, min(NOISE_FACTOR * stay.noise_m, MAX_CLEAR_DISTANCE_M))
    evidence_rate = min(1.0, distance_m / clear_m) if clear_m else 1.0
    return max(MIN_RATE, evidence_rate * APPROACH_RATE if distance_m < max_distance_m - margin_m else evidence_rate)
