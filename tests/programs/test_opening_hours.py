from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from programs.opening_hours import Week, is_open

# 2026-05-01 is a Friday.
WEEK: Week = {
    "mon": [(time(9), time(12)), (time(13), time(18))],
    "fri": [(time(18), time(2))],
    "sun": [(time(0), time(0))],
}


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-05-04T08:59:59", False),
        ("2026-05-04T09:00:00", True),
        ("2026-05-04T11:59:59", True),
        ("2026-05-04T12:00:00", False),
        ("2026-05-04T13:00:00", True),
        ("2026-05-04T18:00:00", False),
        ("2026-05-05T10:00:00", False),  # a day that is not named
        ("2026-05-01T17:59:00", False),
        ("2026-05-01T18:00:00", True),
        ("2026-05-01T23:59:59", True),
        ("2026-05-02T00:00:00", True),  # still Friday's evening
        ("2026-05-02T01:59:59", True),
        ("2026-05-02T02:00:00", False),
        ("2026-05-02T18:30:00", False),
        ("2026-05-03T00:00:00", True),  # midnight to midnight
        ("2026-05-03T23:59:59", True),
        ("2026-05-04T00:00:00", False),
        ("2026-05-01T01:00:00", False),  # Thursday had no evening
    ],
)
def test_open_and_closed(local: str, expected: bool) -> None:
    assert is_open(WEEK, datetime.fromisoformat(local)) is expected


def test_no_hours_are_always_open_and_an_empty_week_never() -> None:
    for hours in range(24 * 7):
        moment = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hours)
        assert is_open(None, moment) is True
        assert is_open({}, moment) is False


def test_the_wall_clock_counts_when_the_clocks_change() -> None:
    night: Week = {"sun": [(time(1), time(3))]}
    new_york = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=new_york)
    assert is_open(night, first)
    assert is_open(night, first.replace(fold=1))
    assert not is_open(night, datetime(2026, 3, 8, 3, 0, tzinfo=new_york))
