"""Opening hours of a store, in the store's own time zone. Pure.

A week is a list of spans a day: `{"mon": [["09:00", "21:00"]], "fri": [["18:00", "02:00"]]}`. A span that ends at or
before its start runs past midnight into the next day; a day that is not named is closed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Literal

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
OpeningHours = dict[Day, list[tuple[time, time]]]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Week = Mapping[Day, Sequence[tuple[time, time]]]


def is_open(week: Week | None, local: datetime) -> bool:
    """Whether a store with these hours is open at the local wall-clock time. No hours at all: always open."""
    if week is None:
        return True
    wall = local.time()
    today, yesterday = DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
    for start, end in week.get(today, ()):
        if (start <= wall < end) if start < end else wall >= start:
            return True
    return any(end <= start and wall < end for start, end in week.get(yesterday, ()))
