"""Which weekly partitions of `transitions` shall be there. Pure.

A partition is named after the Monday that it begins with: `transitions_20261116`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

WEEKS_AHEAD = 4
_PREFIX = "transitions_"
_WEEK = timedelta(days=7)


def partition_name(monday: date) -> str:
    return f"{_PREFIX}{monday:%Y%m%d}"


def bounds(monday: date) -> tuple[datetime, datetime]:
    start = datetime.combine(monday, time(), UTC)
    return start, start + _WEEK


def wanted_mondays(today: date) -> list[date]:
    this_monday = today - timedelta(days=today.weekday())
    return [this_monday + week * _WEEK for week in range(WEEKS_AHEAD + 1)]


def outdated_names(names: Iterable[str], today: date, keep_days: int) -> list[str]:
    """The partitions whose every row is older than `keep_days`. The default partition has no date and stays."""
    oldest = today - timedelta(days=keep_days)
    return [name for name in names if (monday := _monday_of(name)) is not None and monday + _WEEK <= oldest]


def _monday_of(name: str) -> date | None:
    day = name.removeprefix(_PREFIX)
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date() if day.isdigit() else None
