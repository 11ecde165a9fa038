"""Until when a coupon is good: so long after its issue, to the end of a business day, or to a fixed moment. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TypeAlias

import msgspec


class ForSeconds(msgspec.Struct, frozen=True):
    seconds: int


class ForDays(msgspec.Struct, frozen=True):
    """To the end of a business day: 1 is the day of the issue, 2 the day after it."""

    days: int


class UntilMoment(msgspec.Struct, frozen=True):
    at: datetime


Validity: TypeAlias = ForSeconds | ForDays | UntilMoment


def expiry(validity: Validity, issued_at: datetime, time_zone: tzinfo, day_start_hour: int) -> datetime:
    """UTC. The moment from which a coupon of that issue is over; not after the issue where the moment has passed."""
    if isinstance(validity, ForSeconds):
        return issued_at + timedelta(seconds=validity.seconds)
    if isinstance(validity, UntilMoment):
        return validity.at
    # As visits are counted: a bar that closes at 02:00 is open on the evening before.
    day = (issued_at.astimezone(time_zone) - timedelta(hours=day_start_hour)).date() + timedelta(days=validity.days)
    return datetime.combine(day, time(day_start_hour), time_zone).astimezone(UTC)
