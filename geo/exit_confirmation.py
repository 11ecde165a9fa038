"""Leaving: how sure we are that a device which shows outside has left. Pure.

Theory. The error of a fix is not fresh at every second. Indoors and between tall buildings it wanders: it stays wrong
in one direction for minutes, by tens of metres, and seldom by hundreds. So seconds outside are worth little as evidence
close to the edge, where such an error puts a phone that never moved, and much where it rarely does. Each stretch
between two fixes outside counts towards `exit_confirm_s` with the share

    min(1, outside_m / clear_m)     clear_m = 4 margins, margin_m = max(exit_margin_m, accuracy_m)

of its length, the lesser of its two ends' shares, so that a wild fix lends nothing to its neighbours. Someone who walks
off is 100 m away in 80 s and confirmed after some 140 s; a drift of 40 m has to last 300 s. Three more things are
known:

    approach   Who comes nearer again, by more than a margin from the farthest point, is perhaps on the way back: their
               seconds count a quarter.
    doorstep   A good fix outside, nearer to the edge than the margin, shows neither inside nor outside, but where the
               phone is not: far away. The stretches before and after it count a twentieth, so that the seconds
               between two wild swings of an error are no evidence; not nothing, or silence at the door would never end.
    wobble     A leaving that was taken back shows how far the phone's error reaches at this very place. For the rest of
               the stay only twice that distance is clear (300 m at most). A lone fix outside teaches nothing.

In silence the last share goes on counting, so the moment when an exit is due is known as soon as the phone is last
heard. Fewer than `exit_confirm_fixes` fixes outside are then believed after ten minutes more.
"""

from datetime import datetime, timedelta

import msgspec

from geo.geofence import Fence
from geo.presence import Stay

CLEAR_MARGINS = 4.0
APPROACH_SHARE = 0.25
LEAST_SHARE = 0.05
WOBBLES = 2.0
WIDEST_CLEAR_M = 300.0
FEW_FIXES_WAIT = timedelta(minutes=10)


def step_outside(stay: Stay, fence: Fence, away_m: float, accuracy_m: float, at: datetime) -> Stay:
    """The stay after a fix shown outside, `away_m` from the edge. Fixes of one instant count as one."""
    if stay.outside_until == at:
        return stay
    margin_m = max(fence.exit_margin_m, accuracy_m)
    farthest_m = max(stay.farthest_m, away_m)
    share = _share(stay, margin_m, away_m, farthest_m)
    away_s = stay.away_s
    if stay.outside_until is not None:
        away_s += (at - stay.outside_until).total_seconds() * min(stay.share, share)
    return msgspec.structs.replace(
        stay,
        outside_since=stay.outside_since or at,
        outside_fixes=stay.outside_fixes + 1,
        outside_until=at,
        away_s=away_s,
        share=share,
        farthest_m=farthest_m,
    )


def step_near(stay: Stay, at: datetime) -> Stay:
    """The stay after a good fix on the doorstep: while it is leaving, the seconds up to here and from here on say next
    to nothing. Fixes of one instant count as one."""
    if stay.outside_until is None or stay.outside_until == at:
        return stay
    away_s = stay.away_s + (at - stay.outside_until).total_seconds() * LEAST_SHARE
    return msgspec.structs.replace(stay, outside_until=at, away_s=away_s, share=LEAST_SHARE)


def take_back(stay: Stay) -> Stay:
    """The stay after a fix shown inside: any leaving is over."""
    if stay.outside_since is None:
        return stay
    wobble_m = max(stay.wobble_m, stay.farthest_m) if stay.outside_fixes > 1 else stay.wobble_m
    return Stay(stay.geofence_id, stay.store_id, stay.entered_at, stay.dwelled_at, wobble_m=wobble_m)


def is_exit_confirmed(stay: Stay, fence: Fence, _: datetime) -> bool:
    """Whether the fixes so far confirm the exit, whatever the time."""
    return stay.outside_fixes >= fence.exit_confirm_fixes and stay.away_s >= fence.exit_confirm_s


def exit_due_at(stay: Stay, fence: Fence) -> datetime | None:
    """When silence alone confirms the exit, by the device's clock; None while it is not leaving."""
    if stay.outside_until is None:
        return None
    wanting_s = max(0.0, fence.exit_confirm_s - stay.away_s)
    wait = FEW_FIXES_WAIT if stay.outside_fixes < fence.exit_confirm_fixes else timedelta(0)
    return stay.outside_until + timedelta(seconds=wanting_s / stay.share) + wait


def is_exit_due(stay: Stay, fence: Fence, at: datetime) -> bool:
    """Whether silence until then, by the device's clock, confirms the exit."""
    due_at = exit_due_at(stay, fence)
    return due_at is not None and at >= due_at


def _share(stay: Stay, margin_m: float, away_m: float, farthest_m: float) -> float:
    clear_m = max(CLEAR_MARGINS * margin_m, min(WOBBLES * stay.wobble_m, WIDEST_CLEAR_M))
    share = min(1.0, away_m / clear_m) if clear_m else 1.0
    return max(LEAST_SHARE, share * APPROACH_SHARE if away_m < farthest_m - margin_m else share)
