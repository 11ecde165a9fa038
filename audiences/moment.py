"""The moment as of which an audience is judged, and the days that are counted from it by a zone's calendar. Pure."""

from calendar import isleap
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property

# Month and day in one number, as 229.
LEAP_DAY, _DAY_BEFORE = 229, 228
_DAYS_OF_A_YEAR = 366


class Moment:
    """`as_of` is aware; what happened at it or later is left out. `zone`: whose days count."""

    def __init__(self, as_of: datetime, zone: tzinfo) -> None:
        self.as_of = as_of
        self.zone = zone
        self._starts: dict[int, datetime] = {}  # audiences ask for the same few days again and again

    @cached_property
    def today(self) -> date:
        return self.as_of.astimezone(self.zone).date()

    def day_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def start_of_day_ago(self, days: int) -> datetime:
        """When that day began, in UTC."""
        start = self._starts.get(days)
        if start is None:
            day = self.day_ago(days)
            start = self._starts[days] = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        return start


def month_and_day(month: int, day: int) -> int:
    """As one number, by which birthdays compare."""
    return 100 * month + day


def age_on(today: date, birth_year: int, birthday: int) -> int:
    """In full years. `birthday` as `month_and_day`; 29 February falls on the 28th in common years."""
    return today.year - birth_year - (falls_on(birthday, today.year) > month_and_day(today.month, today.day))


def falls_on(birthday: int, year: int) -> int:
    return _DAY_BEFORE if birthday == LEAP_DAY and not isleap(year) else birthday


def birthdays_within(today: date, at_least_days: int, at_most_days: int) -> list[int]:
    """The birthdays (as `month_and_day`) that come next after so many days: 0 is today."""
    coming: dict[int, int] = {}
    for days in range(_DAYS_OF_A_YEAR + 1):
        day = today + timedelta(days=days)
        number = month_and_day(day.month, day.day)
        coming.setdefault(number, days)
        if number == _DAY_BEFORE and not isleap(day.year):
            coming.setdefault(LEAP_DAY, days)
    return sorted(number for number, days in coming.items() if at_least_days <= days <= at_most_days)
