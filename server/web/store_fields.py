"""What a store is described by, and how its fields are read, whichever way they come in."""

from datetime import time
from typing import Annotated
from zoneinfo import available_timezones

import msgspec

from programs.opening_hours import Day
from programs.stores_repository import OpeningHours
from server.web.fields import LocalTime

TIME_ZONES = available_timezones() - {"localtime"}  # on some machines: whatever that machine is set to

Hours = Annotated[
    dict[Day, Annotated[list[tuple[LocalTime, LocalTime]], msgspec.Meta(max_length=10)]],
    msgspec.Meta(
        description="spans a day; a span that ends at or before its start runs past midnight; a missing day is closed",
        examples=[{"mon": [["09:00", "21:00"]], "fri": [["18:00", "02:00"]]}],
    ),
]


def read_hours(hours: Hours) -> OpeningHours:
    return {
        day: [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans]
        for day, spans in hours.items()
    }
