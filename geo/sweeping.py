"""Sweeping: what silence shows. The rules for a device that is not heard of any more. Pure: they are handed `now`.

A phone that lies still often says nothing for hours, and one that is carried out of reach neither. So a dwell comes due
without a fix while the device is inside, at its due time, and an exit while it is leaving (geo.exit_confirmation says
when).

Silence is measured by the device's own clock, so that a clock that is wrong, or an upload that waited for a network,
does not look like silence; and only beyond twice the pause that the phone made last, ten minutes at most, so that a
phone that uploads every few minutes is not judged in between. A swept dwell moves the watermark: what comes from before
it is late.

While a suspect jump is held, silence decides nothing: the next fix does. But a phone that lies still may send none, so
after `SUSPECT_WAIT` the suspect is dropped, for nobody can have travelled there, and silence goes on as if without it.
"""

from datetime import datetime, timedelta

from geo.exit_confirmation import exit_due_at
from geo.geofence import Fence
from geo.observations import find_lost
from geo.presence import Presence, Stay, Suspect
from geo.transitions import Advance, FenceOf, Tally, Transition, make_transition, state_of, take_step

# How long a change of a fence may stay unnoticed by a silent device in it. The longer the silence, the rarer the look.
POLL_EVERY = timedelta(hours=1)
SUSPECT_WAIT = timedelta(minutes=10)


def sweep(presence: Presence, fence_of: FenceOf, now: datetime) -> Advance:
    """What has come due by `now`; the presence as it is where nothing has."""
    transitions: list[Transition] = []
    stays: list[Stay] = []
    watermark, suspect = presence.watermark, presence.suspect
    if suspect is not None and presence.device_time(now) >= suspect.fix.recorded_at + SUSPECT_WAIT:
        suspect = None
    for stay in presence.stays:
        after, told = _sweep_stay(presence, suspect, stay, fence_of(stay.geofence_id), now)
        if after is not None:
            stays.append(after)
        if told is not None:
            transitions.append(told)
            if told.kind == "dwell":
                watermark = max(watermark or told.event_at, told.event_at)
    moved = Presence(watermark, tuple(stays), presence.last_fix, suspect, presence.lag_s)
    return Advance(moved, tuple(transitions), Tally(0, 0, 0, 0))


def next_due_at(presence: Presence, fence_of: FenceOf, now: datetime) -> datetime | None:
    """When to sweep the presence next, by our clock, if nothing is heard from it before; None: it has no stays."""
    if not presence.stays or presence.watermark is None:
        return None
    lag = timedelta(seconds=presence.lag_s)
    due = [now + max(POLL_EVERY, now - (presence.watermark + lag))]
    suspect = presence.suspect
    soonest = presence.watermark if suspect is None else suspect.fix.recorded_at + SUSPECT_WAIT
    found = (_silence_due_at(stay, fence_of(stay.geofence_id)) for stay in presence.stays)
    due += [max(at, soonest) + lag for at in found if at is not None]
    return min(due)


def _sweep_stay(
    presence: Presence, suspect: Suspect | None, stay: Stay, fence: Fence | None, now: datetime
) -> tuple[Stay | None, Transition | None]:
    cause = find_lost(fence, stay, presence.last_fix)
    if cause is not None:
        return None, make_transition("exit", stay, cause, presence.watermark)
    at = presence.device_time(now)
    if fence is None or suspect is not None or presence.watermark is None or at < presence.watermark:
        return stay, None
    after, kind = take_step(fence, state_of(stay), "silence", stay, at)
    return after, make_transition(kind, after or stay, "silence") if kind else None


def _silence_due_at(stay: Stay, fence: Fence | None) -> datetime | None:
    if fence is None:
        return None
    if stay.outside_since is not None:
        return exit_due_at(stay, fence)
    return stay.entered_at + timedelta(seconds=fence.dwell_s) if stay.dwelled_at is None else None
