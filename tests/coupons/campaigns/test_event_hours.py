"""Hours and days on which an event earns an offer: weekdays, midnight, Japan's public holidays, and excepted days."""

from datetime import date, datetime

import msgspec
import pytest

from coupons.campaigns.event_hours import EventHours, Holidays, holds_at
from coupons.campaigns.public_holidays import is_public_holiday
from coupons.issuing.rules import CouponTerms
from tests.support.campaigns import CAMPAIGN, EVENT, NOON, PLACE, TOKYO, decide

WEEKEND = [EventHours([6, 7])]
LATE = [EventHours([5], "18:00", "02:00")]


@pytest.mark.parametrize(
    ("day", "is_one"),
    [
        ("2026-01-01", True),
        ("2026-01-02", False),
        ("2026-05-03", True),  # a Sunday
        ("2026-05-06", True),  # its substitute, after two more
        ("2026-09-21", True),
        ("2026-09-22", True),  # a citizens' holiday: between two others
        ("2026-09-23", True),  # the equinox
        ("2027-03-22", True),  # 21 March is a Sunday
        ("2026-12-31", False),
    ],
)
def test_public_holidays_of_japan(day: str, is_one: bool) -> None:
    assert is_public_holiday(date.fromisoformat(day)) is is_one


@pytest.mark.parametrize(
    ("hours", "except_days", "local", "holds"),
    [
        ([], [], "2026-11-27T03:00", True),
        ([], ["2026-11-27"], "2026-11-27T03:00", False),
        ([], ["2026-11-27"], "2026-11-28T00:00", True),
        (WEEKEND, [], "2026-11-27T23:59", False),
        (WEEKEND, [], "2026-11-28T00:00", True),
        (WEEKEND, [], "2026-11-30T00:00", False),
        (LATE, [], "2026-11-27T17:59", False),
        (LATE, [], "2026-11-27T18:00", True),
        (LATE, [], "2026-11-28T01:59", True),
        (LATE, [], "2026-11-28T02:00", False),
        (LATE, [], "2026-11-27T01:00", False),
        (LATE, ["2026-11-27"], "2026-11-28T01:00", False),
        (LATE, ["2026-11-28"], "2026-11-28T01:00", True),
        ([EventHours(None, "11:00", "14:00"), *LATE], [], "2026-11-25T12:00", True),
    ],
)
def test_hours(hours: list[EventHours], except_days: list[str], local: str, holds: bool) -> None:
    assert holds_at(hours, [date.fromisoformat(day) for day in except_days], datetime.fromisoformat(local)) is holds


@pytest.mark.parametrize(
    ("weekdays", "holidays", "local", "holds"),
    [
        (None, "include", "2026-11-23T12:00", True),  # a Monday, Labour Thanksgiving Day
        (None, "exclude", "2026-11-23T12:00", False),
        (None, "only", "2026-11-23T12:00", True),
        (None, "only", "2026-11-24T12:00", False),
        ([1, 2, 3, 4, 5], "exclude", "2026-11-23T12:00", False),
        ([1, 2, 3, 4, 5], "exclude", "2026-11-24T12:00", True),
        ([6, 7], "only", "2026-11-23T12:00", False),
        (None, "only", "2026-11-24T01:00", True),  # of the night that began on the holiday
        (None, "exclude", "2026-11-24T01:00", False),
    ],
)
def test_holidays(weekdays: list[int] | None, holidays: Holidays, local: str, holds: bool) -> None:
    hours = [EventHours(weekdays, "10:00", "02:00", holidays)]
    assert holds_at(hours, [], datetime.fromisoformat(local)) is holds


def test_weekends_and_holidays_are_two_hours() -> None:
    hours = [EventHours([6, 7]), EventHours(holidays="only")]
    days = [day for day in range(20, 30) if holds_at(hours, [], datetime(2026, 11, day, 12, tzinfo=TOKYO))]
    assert days == [21, 22, 23, 28, 29]


def test_an_event_is_judged_by_when_it_happened_in_its_stores_zone() -> None:
    campaign = msgspec.structs.replace(CAMPAIGN, hours=[EventHours([5], "12:00", "12:01")])
    assert NOON.isoweekday() == 5
    assert isinstance(decide(campaign, EVENT, PLACE), CouponTerms)
    late = msgspec.structs.replace(EVENT, event_at=NOON.replace(minute=1), now=NOON.replace(minute=1))
    assert decide(campaign, late, PLACE) == "outside_hours"
