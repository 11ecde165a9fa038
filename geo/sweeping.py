"""Sweeping: what silence shows. The rules for a device that sends nothing any more. Pure: they are handed `now`.

A phone that lies still often sends nothing for hours, and so does one that is out of reach. So while the device is
inside, a dwell, or a length that is asked for, comes at its due time without a fix; and while it is leaving, an exit
does (geo.exit_confirmation says when).

Silence is measured by the device's own clock, so that a wrong clock, or an upload that waited for a network, does not
look like silence. It begins only after twice the phone's last pause, ten minutes at most, so that a phone that uploads
every few minutes is not judged in between. A swept dwell or length moves the watermark: a fix from before it is late.

While a suspect jump is held, silence decides nothing: the next fix does. But a phone that lies still may send none, so
after `SUSPECT_WAIT` the suspect is dropped, since nobody can have travelled there, and silence counts as if it had
never been there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from geo.exit_confirmation import exit_due_at
from geo.geofence import Fence, Policy
from geo.long_stays import MinutesOf, tell_lengths
from geo.observations import find_fence_change
from geo.ordering import FixCounts
from geo.presence import Presence, Stay, Suspect
from geo.transition import Transition
from geo.transitions import FenceOf, PresenceUpdate, make_transition, next_due_inside_at, state_of, take_step
from ids import GeofenceId

# How long a silent device may be in a fence that was changed. The longer the silence, the rarer the check.
POLL_EVERY = timedelta(hours=1)
SUSPECT_WAIT = timedelta(minutes=10)


def sweep(presence: Presence, fence_of: FenceOf, now: datetime, minutes_of: MinutesOf | None = None) -> PresenceUpdate:
    """What has come due by `now`; the presence as it is where nothing has. `minutes_of` as in geo.transitions."""
    transitions: list[Transition] = []
    stays: list[Stay] = []
    watermark, suspect = presence.watermark, presence.suspect
    if suspect is not None and presence.device_time(now) >= suspect.fix.recorded_at + SUSPECT_WAIT:
        suspect = None
    for stay in presence.stays:
        after, told = _sweep_stay(presence, suspect, stay, fence_of(stay.geofence_id), now, minutes_of)
        if after is not None:
            stays.append(after)
        transitions += told
        for transition in told:
            if transition.kind in ("dwell", "stay"):
                watermark = max(watermark or transition.event_at, transition.event_at)
    swept = msgspec.structs.replace(presence, watermark=watermark, stays=tuple(stays), suspect=suspect)
    return PresenceUpdate(swept, tuple(transitions), FixCounts(0, 0, 0, 0))


def next_due_at(
    presence: Presence,
    fence_of: Callable[[GeofenceId], Fence | Policy | None],
    now: datetime,
    minutes_of: MinutesOf | None = None,
) -> datetime | None:
    """When to sweep the presence next, by our clock, if no fix comes before; None for one without stays.

    `fence_of` may answer the fence's policy alone.
    """
    if not presence.stays or presence.watermark is None:
        return None
    lag = timedelta(seconds=presence.lag_s)
    due = [now + max(POLL_EVERY, now - (presence.watermark + lag))]
    suspect = presence.suspect
    soonest = presence.watermark if suspect is None else suspect.fix.recorded_at + SUSPECT_WAIT
    found = (_silence_due_at(stay, fence_of(stay.geofence_id), minutes_of) for stay in presence.stays)
    due += [max(at, soonest) + lag for at in found if at is not None]
    return min(due)


def _sweep_stay(
    presence: Presence,
    suspect: Suspect | None,
    stay: Stay,
    fence: Fence | None,
    now: datetime,
    minutes_of: MinutesOf | None,
) -> tuple[Stay | None, Sequence[Transition]]:
    cause = find_fence_change(fence, stay, presence.last_fix)
    if cause is not None:
        return None, [make_transition("exit", stay, cause, presence.watermark)]
    at = presence.device_time(now)
    if fence is None or suspect is not None or presence.watermark is None or at < presence.watermark:
        return stay, ()
    after, kind = take_step(fence, state_of(stay), "silence", stay, at)
    told = [make_transition(kind, after or stay, "silence")] if kind else []
    if after is not None and after.outside_since is None:
        after, lengths = tell_lengths(after, minutes_of, at, "silence")
        told += lengths
    return after, told


def _silence_due_at(stay: Stay, fence: Fence | Policy | None, minutes_of: MinutesOf | None) -> datetime | None:
    if fence is None:
        return None
    if stay.outside_since is not None:
        return exit_due_at(stay, fence)
    return next_due_inside_at(stay, fence, minutes_of)
