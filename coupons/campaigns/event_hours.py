"""At which hours of which days an event earns a campaign's offer, by the clock of where it happens. Pure."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Literal

from coupons.campaigns.public_holidays import is_public_holiday
from coupons.redemptions.conditions import UseHours

# `include`: a public holiday is a day like any other. `exclude`: not on one. `only`: on nothing else.
Holidays = Literal["include", "exclude", "only"]


class EventHours(UseHours, frozen=True, forbid_unknown_fields=True):
    """When an event earns the offer, by the clock of its store."""

    holidays: Holidays = "include"
    """Whether Japan's public holidays count: like any other day (`include`), not (`exclude`), or they alone (`only`).
    Several hours together say more: Saturdays, Sundays and holidays are two of them."""

    def is_of(self, day: date) -> bool:
        if self.holidays != "include" and is_public_holiday(day) != (self.holidays == "only"):
            return False
        return super().is_of(day)


def holds_at(hours: Sequence[EventHours], except_days: Collection[date], local: datetime) -> bool:
    """Whether one of the hours holds; without any, all do. What began on an excepted day is over with it."""
    if not hours and not except_days:  # most campaigns name neither
        return True
    days = [local.date()] if not hours else [day for each in hours for day in each.days_at(local) if each.is_of(day)]
    return any(day not in except_days for day in days)
