"""How often a member gets a campaign's coupon: calendar periods of business days, rolling days, and cool-downs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coupons.campaigns.campaign import Frequency
from coupons.issuing.business_days import business_day
from coupons.issuing.periods import last_before, period_key
from tests.support.campaigns import CAMPAIGN, NEW_YORK, NOON, TOKYO, at

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("frequency", "moment", "zone", "key"),
    [
        ("once", NOON, TOKYO, "once"),
        ("daily", datetime(2026, 5, 1, 14, 59, 59, tzinfo=UTC), TOKYO, "2026-05-01"),
        ("daily", datetime(2026, 5, 1, 15, tzinfo=UTC), TOKYO, "2026-05-02"),
        ("daily", datetime(2026, 5, 1, 15, tzinfo=UTC), LONDON, "2026-05-01"),
        # Days of 23 and 25 hours in New York.
        ("daily", datetime(2026, 3, 8, 5, tzinfo=UTC), NEW_YORK, "2026-03-08"),
        ("daily", datetime(2026, 3, 9, 3, 59, tzinfo=UTC), NEW_YORK, "2026-03-08"),
        ("daily", datetime(2026, 3, 9, 4, tzinfo=UTC), NEW_YORK, "2026-03-09"),
        ("daily", datetime(2026, 11, 2, 4, 59, tzinfo=UTC), NEW_YORK, "2026-11-01"),
        ("daily", datetime(2026, 11, 2, 5, tzinfo=UTC), NEW_YORK, "2026-11-02"),
        # ISO weeks begin on Monday and belong to the year of their Thursday.
        ("weekly", datetime(2026, 12, 31, 3, tzinfo=UTC), TOKYO, "2026-W53"),
        ("weekly", datetime(2027, 1, 3, 14, tzinfo=UTC), TOKYO, "2026-W53"),
        ("weekly", datetime(2027, 1, 3, 15, tzinfo=UTC), TOKYO, "2027-W01"),
        ("weekly", datetime(2024, 12, 30, 3, tzinfo=UTC), TOKYO, "2025-W01"),
        ("rolling", NOON, TOKYO, "2026-05-01"),
        ("monthly", datetime(2026, 1, 31, 14, 59, tzinfo=UTC), TOKYO, "2026-01"),
        ("monthly", datetime(2026, 1, 31, 15, tzinfo=UTC), TOKYO, "2026-02"),
    ],
)
def test_a_period_is_one_of_the_stores_calendar(
    frequency: Frequency, moment: datetime, zone: ZoneInfo, key: str
) -> None:
    assert period_key(frequency, business_day(moment, zone, 0)) == key


@pytest.mark.parametrize(
    ("frequency", "moment", "key"),
    [
        # 04:00 in Tokyo is 19:00 UTC: until then it is the evening before, in every period.
        ("daily", datetime(2026, 5, 1, 18, 59, 59, tzinfo=UTC), "2026-05-01"),
        ("daily", datetime(2026, 5, 1, 19, tzinfo=UTC), "2026-05-02"),
        ("weekly", datetime(2026, 5, 3, 18, 59, tzinfo=UTC), "2026-W18"),
        ("weekly", datetime(2026, 5, 3, 19, tzinfo=UTC), "2026-W19"),
        ("monthly", datetime(2026, 4, 30, 18, 59, tzinfo=UTC), "2026-04"),
        ("monthly", datetime(2026, 4, 30, 19, tzinfo=UTC), "2026-05"),
    ],
)
def test_a_period_begins_with_its_first_business_day(frequency: Frequency, moment: datetime, key: str) -> None:
    assert period_key(frequency, business_day(moment, TOKYO, 4)) == key


@pytest.mark.parametrize(
    ("changes", "bound"),
    [
        ({}, None),
        # Noon on 1 May; the last one on 29 April or before: earlier than 04:00 on the 30th.
        ({"frequency": "rolling", "every_days": 2}, datetime(2026, 4, 29, 19, tzinfo=UTC)),
        ({"frequency": "rolling", "every_days": 7}, datetime(2026, 4, 24, 19, tzinfo=UTC)),
        ({"frequency": "daily", "cooldown_s": 3600}, at(-3600)),
        # Whichever asks for more.
        ({"frequency": "rolling", "every_days": 2, "cooldown_s": 3600}, datetime(2026, 4, 29, 19, tzinfo=UTC)),
        ({"frequency": "rolling", "every_days": 2, "cooldown_s": 4 * 86_400}, NOON - timedelta(days=4)),
    ],
    ids=str,
)
def test_how_long_ago_the_last_one_must_be(changes: dict[str, object], bound: datetime | None) -> None:
    assert last_before(msgspec.structs.replace(CAMPAIGN, **changes), NOON, TOKYO, 4) == bound


def test_rolling_days_are_the_calendars_when_the_clocks_change() -> None:
    """On Sunday 8 March New York loses an hour: seven days after Wednesday is Wednesday all the same."""
    campaign = msgspec.structs.replace(CAMPAIGN, frequency="rolling", every_days=7)
    wednesday = datetime(2026, 3, 11, 9, tzinfo=NEW_YORK)
    assert last_before(campaign, wednesday, NEW_YORK, 4) == datetime(2026, 3, 5, 4, tzinfo=NEW_YORK)
