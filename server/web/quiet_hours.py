"""Quiet hours as callers write and read them."""

from datetime import time
from typing import TypeVar

from kit.daily_hours import DailyHours
from server.web.fields import Body, LocalTime

W = TypeVar("W")


class QuietHours(Body, frozen=True):
    """No phone rings from `start` to `end` by the member's clock; may run past midnight. Equal times mean the whole
    day."""

    start: LocalTime
    """The first quiet moment of the day."""
    end: LocalTime
    """The first moment that is not quiet any more."""


def read_quiet_hours(written: QuietHours | W) -> DailyHours | W:
    """Whatever else stands in their place is left as it is."""
    if isinstance(written, QuietHours):
        return DailyHours(time.fromisoformat(written.start), time.fromisoformat(written.end))
    return written


def view_quiet_hours(hours: DailyHours | W) -> QuietHours | W:
    if isinstance(hours, DailyHours):
        return QuietHours(hours.start.isoformat(), hours.end.isoformat())
    return hours
