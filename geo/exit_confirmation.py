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

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from geo.geofence import Fence, Policy
from geo.presence import Stay

CLEAR_MARGIN_FACTOR = 4.0
APPROACH_RATE = 0.25
MIN_RATE = 0.05
NOISE_FACTOR = 2.0
MAX_CLEAR_DISTANCE_M = 300.0
FEW_FIXES_WAIT = timedelta(minutes=10)


def watch_outside(
    stay: Stay,
    fence: Fence | Policy,
    times: Sequence[datetime],
    accuracies_m: Sequence[float],
    distances_m: Sequence[float],
) -> tuple[Stay, int | None]:
    """The stay after fixes that the fence does not hold, `distances_m` from its edge, and which of them confirms the
    exit; the stay is as that one leaves it. None: none does.

    Fixes of one instant count as one. A plain loop over plain numbers: most of an upload's time is spent here.
    """
    edge_m, noise_m = fence.exit_margin_m, min(NOISE_FACTOR * stay.noise_m, MAX_CLEAR_DISTANCE_M)
    since, fixes, until = stay.outside_since, stay.outside_fixes, stay.outside_until
    evidence_s, rate, max_distance_m = stay.exit_evidence_s, stay.evidence_rate, stay.max_distance_m
    confirmed = None
    for number, (at, accuracy_m, distance_m) in enumerate(zip(times, accuracies_m, distances_m, strict=True)):
        margin_m = accuracy_m if accuracy_m > edge_m else edge_m  # noqa: FURB136 - twice as fast as max()
        if distance_m < margin_m:
            if until is not None and until != at and accuracy_m <= edge_m:  # near the edge
                evidence_s += (at - until).total_seconds() * MIN_RATE
                until, rate = at, MIN_RATE
            continue
        if until != at:
            before = rate
            rate = _evidence_rate(noise_m, margin_m, distance_m, max_distance_m)
            if distance_m > max_distance_m:  # noqa: PLR1730
                max_distance_m = distance_m
            if until is None:
                since = since or at
            else:
                evidence_s += (at - until).total_seconds() * (min(rate, before))
            fixes, until = fixes + 1, at
        if fixes >= fence.exit_confirm_fixes and evidence_s >= fence.exit_confirm_s:
            confirmed = number
            break
    if until is stay.outside_until:
        return stay, confirmed
    after = msgspec.structs.replace(
        stay,
        outside_since=since,
        outside_fixes=fixes,
        outside_until=until,
        exit_evidence_s=evidence_s,
        evidence_rate=rate,
        max_distance_m=max_distance_m,
    )
    return after, confirmed


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


def is_exit_confirmed(stay: Stay, fence: Fence | Policy, _: datetime) -> bool:
    """Whether the fixes so far confirm the exit, whatever the time."""
    return stay.outside_fixes >= fence.exit_confirm_fixes and stay.exit_evidence_s >= fence.exit_confirm_s


def exit_due_at(stay: Stay, fence: Fence | Policy) -> datetime | None:
    """When silence alone confirms the exit, by the device's clock; None for a stay that is not leaving."""
    if stay.outside_until is None:
        return None
    missing_s = max(0.0, fence.exit_confirm_s - stay.exit_evidence_s)
    wait = FEW_FIXES_WAIT if stay.outside_fixes < fence.exit_confirm_fixes else timedelta(0)
    return stay.outside_until + timedelta(seconds=missing_s / stay.evidence_rate) + wait


def is_exit_due(stay: Stay, fence: Fence | Policy, at: datetime) -> bool:
    """Whether silence until then, by the device's clock, confirms the exit."""
    due_at = exit_due_at(stay, fence)
    return due_at is not None and at >= due_at


def _evidence_rate(noise_m: float, margin_m: float, distance_m: float, max_distance_m: float) -> float:
    """`noise_m`: what is clear as far as this place's noise shows. `max_distance_m` is that of the fixes before."""
    clear_m = CLEAR_MARGIN_FACTOR * margin_m
    if clear_m < noise_m:  # noqa: PLR1730 - here and below: twice as fast as max()
        clear_m = noise_m
    rate = distance_m / clear_m if distance_m < clear_m else 1.0
    if distance_m < max_distance_m - margin_m:
        rate *= APPROACH_RATE
    return rate if rate > MIN_RATE else MIN_RATE  # noqa: FURB136
