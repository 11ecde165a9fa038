"""Which partitions of a table shall be there: each of so many days, made ahead and dropped whole. Pure.

A partition is named after the day that it begins with: `transitions_20261116`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import msgspec


class Partitioning(msgspec.Struct, frozen=True, kw_only=True):
    """Of a table by a column of moments, in days of UTC: of one day each, or of weeks that begin on Mondays.

    `ahead`: how many there shall be beside the current one.
    """

    table: str
    column: str
    days: Literal[1, 7]
    ahead: int

    def name_of(self, first_day: date) -> str:
        return f"{self.table}_{first_day:%Y%m%d}"

    def bounds(self, first_day: date) -> tuple[datetime, datetime]:
        start = datetime.combine(first_day, time(), UTC)
        return start, start + timedelta(days=self.days)

    def wanted_days(self, today: date) -> list[date]:
        """The first days of the partitions that shall be there for what comes now."""
        current = today - timedelta(days=today.weekday() % self.days)
        return [current + timedelta(days=self.days * place) for place in range(self.ahead + 1)]

    def outdated_names(self, names: Iterable[str], oldest: date) -> list[str]:
        """The partitions whose every row is older than that day. The default partition has no date and stays."""
        size = timedelta(days=self.days)
        return [name for name in names if (first := self._first_day_of(name)) is not None and first + size <= oldest]

    def _first_day_of(self, name: str) -> date | None:
        day = name.removeprefix(f"{self.table}_")
        return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date() if day.isdigit() else None
