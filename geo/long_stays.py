"""Stays as long as somebody asks for: beside its one dwell, a stay tells of each such length, once. Pure.

A stay holds the longest length that it has told of (`Stay.told_minutes`) and looks at the longer ones only. So each is
told once a stay, by whichever process, whether a fix shows it or silence does; and a length that is asked for when the
stay has told of a longer one already has passed. As a dwell, none is told while the device is leaving, and time outside
that turns out to be part of the stay counts.

docs/decisions/0055 says why this is not the geofence's `dwell_s`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from geo.presence import Stay
from geo.transition import Cause, Transition
from ids import StoreId

# The lengths that are asked for at a store, in minutes, the shortest first.
MinutesOf = Callable[[StoreId], Sequence[int]]


def tell_lengths(
    stay: Stay, minutes_of: MinutesOf | None, at: datetime, cause: Cause
) -> tuple[Stay, Sequence[Transition]]:
    """What a stay inside has to tell by `at`, of the device's clock. `minutes_of` None: nobody asks for any."""
    if minutes_of is None:
        return stay, ()
    due = [minutes for minutes in _untold(stay, minutes_of) if _reached_at(stay, minutes) <= at]
    if not due:
        return stay, ()
    told = [
        Transition(
            kind="stay",
            geofence_id=stay.geofence_id,
            store_id=stay.store_id,
            event_at=_reached_at(stay, minutes),
            cause=cause,
            minutes=minutes,
        )
        for minutes in due
    ]
    return msgspec.structs.replace(stay, told_minutes=due[-1]), told


def next_length_at(stay: Stay, minutes_of: MinutesOf | None) -> datetime | None:
    """When the stay has the next one to tell, if it lasts; None: there is none."""
    if minutes_of is None:
        return None
    return next((_reached_at(stay, minutes) for minutes in _untold(stay, minutes_of)), None)


def _untold(stay: Stay, minutes_of: MinutesOf) -> list[int]:
    return [minutes for minutes in minutes_of(stay.store_id) if minutes > stay.told_minutes]


def _reached_at(stay: Stay, minutes: int) -> datetime:
    return stay.entered_at + timedelta(minutes=minutes)
