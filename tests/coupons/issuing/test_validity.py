"""Until when a coupon is good, by the clock and the calendar of the store where it was earned."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coupons.issuing.rules import CouponTerms
from coupons.issuing.validity import ForDays, ForSeconds, UntilMoment, Validity, expiry
from tests.support.campaigns import CAMPAIGN, EVENT, NEW_YORK, NOON, PLACE, TOKYO, decide

LONDON, LORD_HOWE = ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("validity", "issued_at", "zone", "day_start_hour", "expected"),
    [
        (ForSeconds(90), "2026-05-01T12:00+09:00", TOKYO, 4, "2026-05-01T12:01:30+09:00"),
        (ForDays(1), "2026-05-01T12:00+09:00", TOKYO, 4, "2026-05-02T04:00+09:00"),
        (ForDays(1), "2026-05-01T12:00+09:00", TOKYO, 0, "2026-05-02T00:00+09:00"),
        # In a bar that counts its nights to the evening before.
        (ForDays(1), "2026-05-02T01:30+09:00", TOKYO, 4, "2026-05-02T04:00+09:00"),
        (ForDays(1), "2026-05-02T04:00+09:00", TOKYO, 4, "2026-05-03T04:00+09:00"),
        (ForDays(7), "2026-05-01T12:00+09:00", TOKYO, 4, "2026-05-08T04:00+09:00"),
        # The evening in New York is the next day in Tokyo.
        (ForDays(1), "2026-05-01T22:00-04:00", NEW_YORK, 4, "2026-05-02T04:00-04:00"),
        # The clocks go back, and forward, in the night between.
        (ForDays(1), "2026-10-31T12:00-04:00", NEW_YORK, 4, "2026-11-01T04:00-05:00"),
        (ForDays(1), "2026-03-07T12:00-05:00", NEW_YORK, 4, "2026-03-08T04:00-04:00"),
        (UntilMoment(NOON + timedelta(days=3)), "2026-05-01T12:00+09:00", TOKYO, 4, "2026-05-04T12:00+09:00"),
    ],
)
def test_until_when(validity: Validity, issued_at: str, zone: ZoneInfo, day_start_hour: int, expected: str) -> None:
    found = expiry(validity, datetime.fromisoformat(issued_at).astimezone(UTC), zone, day_start_hour)
    assert found == datetime.fromisoformat(expected)


@given(
    issued_at=st.integers(0, 10 * 366 * 86_400).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    zone=st.sampled_from([TOKYO, NEW_YORK, LONDON, LORD_HOWE]),
    day_start_hour=st.integers(0, 12),
    days=st.integers(1, 40),
)
def test_a_day_ends_after_the_issue_and_within_its_days(
    issued_at: datetime, zone: ZoneInfo, day_start_hour: int, days: int
) -> None:
    left = expiry(ForDays(days), issued_at, zone, day_start_hour) - issued_at
    assert timedelta(days=days - 1, hours=-1) < left <= timedelta(days=days, hours=1)
    assert left > timedelta(0)


def test_of_today_only_the_push_ends_with_the_day() -> None:
    terms = decide(replace(CAMPAIGN, coupon_validity=ForDays(1), max_event_age_s=10**6), EVENT, PLACE)
    assert isinstance(terms, CouponTerms)
    assert terms.expires_at == terms.push_until == datetime.fromisoformat("2026-05-02T04:00+09:00")
