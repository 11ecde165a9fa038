"""When an occasion of the calendar is: by one clock, or by each member's own. Pure.

A wall time that the clocks skip is taken by the offset before (02:30 becomes 03:30), of one that comes twice the first,
as RFC 5545 has it.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

import msgspec

_FIRST_ZONE: Final = timezone(timedelta(hours=14))  # in which a day begins first of all
_LAST_ZONE: Final = timezone(timedelta(hours=-12))
_DAY = timedelta(days=1)


class LocalMoment(msgspec.Struct, frozen=True):
    """`at`: a wall time, without a zone. `not_before`: where it has passed by then, the next day's counts; None: it is
    that day's wherever one is."""

    at: datetime
    not_before: datetime | None = None

    def in_zone(self, zone: tzinfo) -> datetime:
        moment = instant(self.at, zone)
        if self.not_before is None:
            return moment
        days = 0
        while moment < self.not_before:
            days += 1
            moment = instant(self.at + days * _DAY, zone)
        return moment

    @property
    def first(self) -> datetime:
        """When it may come first of all, wherever one lives."""
        moment = instant(self.at, _FIRST_ZONE)
        return moment if self.not_before is None else max(moment, self.not_before)


class Wave(msgspec.Struct, frozen=True):
    """The members for whom a local moment comes after `after_at` (None: ever) and up to `due_at`; the last has all who
    come later too. So everybody is in one wave, whatever zone they have by then."""

    after_at: datetime | None
    due_at: datetime
    is_last: bool

    def holds(self, moment: datetime) -> bool:
        return (self.after_at is None or self.after_at < moment) and (self.is_last or moment <= self.due_at)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def next_local_moment(at: time, now: datetime) -> LocalMoment:
    """The next time that it is so late, for each member."""
    return LocalMoment(datetime.combine(now.astimezone(_LAST_ZONE).date(), at), now)


def waves_of(moment: LocalMoment, zones: Iterable[tzinfo]) -> list[Wave]:
    """`zones`: at least one; those that members have now."""
    due = sorted({moment.in_zone(zone) for zone in zones})
    return [
        Wave(None if place == 0 else due[place - 1], due_at, place == len(due) - 1) for place, due_at in enumerate(due)
    ]


def days_due(at: time, now: datetime, late: timedelta) -> list[date]:
    """The local days on which it is `at` somewhere by now, and has been for no longer than `late`."""
    today = now.astimezone(_FIRST_ZONE).date()
    days = (today - n * _DAY for n in range(late // _DAY + 2))
    moments = {day: instant(datetime.combine(day, at), _FIRST_ZONE) for day in days}
    return sorted(day for day, moment in moments.items() if now - late < moment <= now)


def birthdays_on(day: date) -> list[tuple[int, int]]:
    """Months and days of the birthdays that are kept on that day: in common years 29 February's on the 28th."""
    kept = [(day.month, day.day)]
    if kept == [(2, 28)] and (day + _DAY).month == 3:
        kept.append((2, 29))
    return kept


def end_of_day(day: date, zone: tzinfo) -> datetime:
    return instant(datetime.combine(day + _DAY, time()), zone)
