"""Until when a coupon is good: so long after its issue, to the end of a business day, or to a fixed moment. Pure."""

from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

import msgspec

from coupons.issuing.business_days import business_day, start_of_day


class ForSeconds(msgspec.Struct, frozen=True, tag="seconds"):
    seconds: int


class ForDays(msgspec.Struct, frozen=True, tag="days"):
    """To the end of a business day: 1 is the day of the issue, 2 the day after it."""

    days: int


class UntilMoment(msgspec.Struct, frozen=True, tag="until"):
    at: datetime


Validity: TypeAlias = ForSeconds | ForDays | UntilMoment


def expiry(validity: Validity, issued_at: datetime, time_zone: tzinfo, day_start_hour: int) -> datetime:
    """UTC. The moment from which a coupon of that issue is over; not after the issue where the moment has passed."""
    if isinstance(validity, ForSeconds):
        return issued_at + timedelta(seconds=validity.seconds)
    if isinstance(validity, UntilMoment):
        return validity.at
    day = business_day(issued_at, time_zone, day_start_hour) + timedelta(days=validity.days)
    return start_of_day(day, time_zone, day_start_hour)
