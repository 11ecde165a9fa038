"""Japan's public holidays (国民の祝日) and their substitutes, as the library `holidays` knows them. Pure."""

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def is_public_holiday(day: date) -> bool:
    """Of years to come those are known that the law of today makes."""
    return day in _calendar()


@cache
def _calendar() -> "HolidayBase":
    """Loaded when the first campaign asks for it: most programs have none. It works out each year once."""
    from holidays.countries.japan import Japan  # noqa: PLC0415

    return Japan()
