"""When an occasion of the calendar is, by one clock or by each member's own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from coupons.campaigns.occasions import (
    LocalMoment,
    birthdays_on,
    days_due,
    end_of_day,
    instant,
    next_local_moment,
    waves_of,
)

TOKYO, NEW_YORK, APIA, HONOLULU = map(ZoneInfo, ("Asia/Tokyo", "America/New_York", "Pacific/Apia", "Pacific/Honolulu"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-12-01T10:00", TOKYO, "2026-12-01T01:00"),
        ("2026-03-08T02:30", NEW_YORK, "2026-03-08T07:30"),  # the clocks skip it: 03:30 there
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:30"),  # it comes twice: the first
        ("2026-11-01T02:30", NEW_YORK, "2026-11-01T07:30"),
    ],
)
def test_a_wall_time_is_a_moment(wall: str, zone: ZoneInfo, moment: str) -> None:
    assert instant(datetime.fromisoformat(wall), zone) == utc(moment)


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        ("2027-02-28", [(2, 28), (2, 29)]),
        ("2028-02-28", [(2, 28)]),
        ("2028-02-29", [(2, 29)]),
        ("2100-02-28", [(2, 28), (2, 29)]),  # no leap year
        ("2027-03-01", [(3, 1)]),
        ("2026-12-31", [(12, 31)]),
    ],
)
def test_birthdays_of_a_day(day: str, kept: list[tuple[int, int]]) -> None:
    assert birthdays_on(date.fromisoformat(day)) == kept


def test_the_waves_of_a_local_moment_hold_everybody_once() -> None:
    moment = LocalMoment(datetime.fromisoformat("2026-12-01T10:00"))
    waves = waves_of(moment, [TOKYO, NEW_YORK, ZoneInfo("Asia/Seoul")])
    assert [(wave.due_at, wave.is_last) for wave in waves] == [
        (utc("2026-12-01T01:00"), False),
        (utc("2026-12-01T15:00"), True),
    ]
    # Whatever zone somebody has moved to since: early birds come with the first, and who is late with the last.
    for zone in (TOKYO, NEW_YORK, APIA, HONOLULU, ZoneInfo("Europe/Berlin")):
        assert sum(wave.holds(moment.in_zone(zone)) for wave in waves) == 1
    assert moment.first == utc("2026-11-30T20:00")


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        (TOKYO, "2026-12-01T01:00"),  # 09:30 there: in half an hour
        (APIA, "2026-12-01T21:00"),  # 13:30 there: tomorrow
        (HONOLULU, "2026-12-01T20:00"),  # 14:30 of the day before
        (NEW_YORK, "2026-12-01T15:00"),
    ],
)
def test_the_next_time_that_it_is_ten(zone: ZoneInfo, moment: str) -> None:
    found = next_local_moment(time(10), utc("2026-12-01T00:30"))
    assert found.in_zone(zone) == utc(moment)
    assert found.first <= found.in_zone(zone)


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2026-11-30T20:00", ["2026-11-29", "2026-11-30", "2026-12-01"]),  # ten o'clock at UTC+14
        ("2026-11-30T19:59", ["2026-11-28", "2026-11-29", "2026-11-30"]),
    ],
)
def test_the_days_that_have_come_somewhere(now: str, days: list[str]) -> None:
    assert [day.isoformat() for day in days_due(time(10), utc(now), timedelta(days=3))] == days


def test_a_day_ends_at_midnight_of_its_zone() -> None:
    assert end_of_day(date(2026, 12, 1), TOKYO) == utc("2026-12-01T15:00")
    assert end_of_day(date(2026, 3, 8), NEW_YORK) == utc("2026-03-09T04:00")  # of 23 hours
