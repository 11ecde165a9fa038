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
from typing import NamedTuple

import msgspec

from geo.compiled import compiled
from geo.geofence import Fence, Policy
from geo.microseconds import NEVER, find_of_us, to_us
from geo.presence import Stay

CLEAR_MARGIN_FACTOR = 4.0
APPROACH_RATE = 0.25
MIN_RATE = 0.05
NOISE_FACTOR = 2.0
MAX_CLEAR_DISTANCE_M = 300.0
FEW_FIXES_WAIT = timedelta(minutes=10)


class Leaving(NamedTuple):
    """What fixes outside have shown so far, as `geo.presence.Stay` holds it; times in microseconds, or NEVER."""

    outside_since: int
    outside_fixes: int
    outside_until: int
    exit_evidence_s: float
    evidence_rate: float
    max_distance_m: float


@compiled
def _evidence_rate(noise_m: float, margin_m: float, distance_m: float, max_distance_m: float) -> float:
    """`max_distance_m` is that of the fixes before."""
    # What is clear as far as this place's noise shows.
    clear_m = max(CLEAR_MARGIN_FACTOR * margin_m, min(NOISE_FACTOR * noise_m, MAX_CLEAR_DISTANCE_M))
    rate = distance_m / clear_m if distance_m < clear_m else 1.0
    if distance_m < max_distance_m - margin_m:
        rate *= APPROACH_RATE
    return max(rate, MIN_RATE)


@compiled
def add_outside(
    seen: Leaving, noise_m: float, exit_margin_m: float, at: int, accuracy_m: float, distance_m: float
) -> Leaving:
    """What is shown after one more fix that the fence does not hold, so far from its edge.

    `noise_m` is the stay's. Fixes of one instant count as one.
    """
    since, fixes, until, evidence_s, rate, max_distance_m = seen
    margin_m = max(exit_margin_m, accuracy_m)
    if until == at or (distance_m < margin_m and (until == NEVER or accuracy_m > exit_margin_m)):
        return seen
    passed_s = 0.0 if until == NEVER else (at - until) / 1_000_000
    if distance_m < margin_m:  # near the edge
        return Leaving(since, fixes, at, evidence_s + passed_s * MIN_RATE, MIN_RATE, max_distance_m)
    now_rate = _evidence_rate(noise_m, margin_m, distance_m, max_distance_m)
    evidence_s += passed_s * min(now_rate, rate)
    since = at if since == NEVER else since
    return Leaving(since, fixes + 1, at, evidence_s, now_rate, max(distance_m, max_distance_m))


@compiled
def confirms(
    seen: Leaving,
    exit_margin_m: float,
    exit_confirm_fixes: int,
    exit_confirm_s: float,
    accuracy_m: float,
    distance_m: float,
) -> bool:
    """Whether the exit is confirmed by the last fix that was added."""
    is_outside = distance_m >= max(exit_margin_m, accuracy_m)
    return is_outside and seen.outside_fixes >= exit_confirm_fixes and seen.exit_evidence_s >= exit_confirm_s


@compiled
def learn_noise_m(noise_m: float, outside_fixes: int, max_distance_m: float) -> float:
    """The stay's noise once a fix inside cancels its exit."""
    return max(noise_m, max_distance_m) if outside_fixes > 1 else noise_m


def watch_outside(
    stay: Stay, fence: Fence | Policy, at: datetime, accuracy_m: float, distance_m: float
) -> tuple[Stay, bool]:
    """The stay after a fix that the fence does not hold, and whether that confirms the exit."""
    before = Leaving(
        to_us(stay.outside_since),
        stay.outside_fixes,
        to_us(stay.outside_until),
        stay.exit_evidence_s,
        stay.evidence_rate,
        stay.max_distance_m,
    )
    seen = add_outside(before, stay.noise_m, fence.exit_margin_m, to_us(at), accuracy_m, distance_m)
    is_confirmed = confirms(
        *(seen, fence.exit_margin_m, fence.exit_confirm_fixes, fence.exit_confirm_s), *(accuracy_m, distance_m)
    )
    if seen == before:
        return stay, is_confirmed
    times = {"outside_since": find_of_us(seen.outside_since), "outside_until": find_of_us(seen.outside_until)}
    return msgspec.structs.replace(stay, **(seen._asdict() | times)), is_confirmed


def cancel_exit(stay: Stay) -> Stay:
    """The stay after a fix that shows inside: it is not leaving any more."""
    if stay.outside_since is None:
        return stay
    return Stay(
        stay.geofence_id,
        stay.store_id,
        stay.entered_at,
        stay.dwelled_at,
        noise_m=learn_noise_m(stay.noise_m, stay.outside_fixes, stay.max_distance_m),
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
