from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from visits.business_days import business_day

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("local", "day_start_hour", "day"),
    [
        (datetime(2026, 5, 2, 3, 59, 59, tzinfo=TOKYO), 4, date(2026, 5, 1)),
        (datetime(2026, 5, 2, 4, tzinfo=TOKYO), 4, date(2026, 5, 2)),
        (datetime(2026, 5, 2, 0, tzinfo=TOKYO), 0, date(2026, 5, 2)),
        (datetime(2026, 5, 1, 23, 59, tzinfo=TOKYO), 0, date(2026, 5, 1)),
        (datetime(2026, 5, 2, 22, 59, tzinfo=TOKYO), 23, date(2026, 5, 1)),
        (datetime(2026, 1, 1, 1, tzinfo=TOKYO), 4, date(2025, 12, 31)),
        # The clocks go from 02:00 to 03:00 and from 02:00 back to 01:00: the wall clock decides.
        (datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK), 4, date(2026, 3, 7)),
        (datetime(2026, 3, 8, 4, 0, tzinfo=NEW_YORK), 4, date(2026, 3, 8)),
        (datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK), 1, date(2026, 11, 1)),
    ],
)
def test_the_day_begins_at_the_stores_hour(local: datetime, day_start_hour: int, day: date) -> None:
    assert business_day(local, day_start_hour) == day


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = datetime(2026, 5, 1, 20, tzinfo=UTC)
    assert business_day(moment.astimezone(TOKYO), 4) == date(2026, 5, 2)
    assert business_day(moment.astimezone(NEW_YORK), 4) == date(2026, 5, 1)
