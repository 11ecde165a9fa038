"""How far apart a member's coupons of one campaign are: rolling days and cool-downs, exactly once under races."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from coupons.coupon import NewCoupon
from coupons.issuing.rules import IssueOutcome
from kit.database import Connection, Pool, in_transaction
from tests.support.counter import open_counters
from tests.support.gates import gate
from tests.support.merging import becomes
from tests.support.shop import NOON, Shop, Shopper, fix
from tests.support.visiting import undoes
from tests.support.wishing import issue_and_tell, wish

DAY_S = 86_400
HOUR_S = 3600


async def told_at(shop: Shop, shopper: Shopper, seconds: Sequence[int]) -> list[int]:
    """How many coupons each visit earns: at a step into the fence, and out of it again between two."""
    told = []
    for each in seconds:
        when = NOON + timedelta(seconds=each)
        out = [fix(when - timedelta(seconds=before), away_m=900) for before in (1200, 600)]
        (located,) = await shop.locate(shopper.sends(*out, fix(when)))
        told.append(len(located.coupons))
    return told


@pytest.mark.parametrize(
    ("rule", "seconds", "expected"),
    [
        # The days of the calendar count, not the hours: from noon to the morning of the third day.
        ({"frequency": "rolling", "every_days": 3}, [0, DAY_S, 3 * DAY_S - 5 * HOUR_S, 4 * DAY_S], [1, 0, 1, 0]),
        # Two business days, an hour apart.
        ({"frequency": "daily"}, [15 * HOUR_S, 16 * HOUR_S], [1, 1]),
        ({"frequency": "daily", "cooldown_s": 6 * HOUR_S}, [15 * HOUR_S, 16 * HOUR_S, 22 * HOUR_S], [1, 0, 1]),
    ],
    ids=str,
)  # fmt: skip
async def test_what_comes_too_soon_after_the_last_one_earns_nothing(
    shop: Shop, rule: dict[str, Any], seconds: Sequence[int], expected: list[int]
) -> None:
    await shop.write_campaign(**rule, max_event_age_s=10**6)
    (shopper,) = await shop.enrol()
    assert await told_at(shop, shopper, seconds) == expected
    assert ("cooling_down" in await shop.outcomes()) == (0 in expected)


async def told(conn: Connection, wanted: list[NewCoupon]) -> list[IssueOutcome]:
    outcomes = await issue_and_tell(conn, wanted)
    return [outcomes[coupon.id] for coupon in wanted]


def wishes(shop: Shop, shopper: Shopper, campaign: Any, days: Sequence[int]) -> list[NewCoupon]:
    """Of a campaign that leaves three days between two coupons."""
    return [wish_of_day(shop, shopper, campaign, NOON + timedelta(days=day)) for day in days]


def wish_of_day(shop: Shop, shopper: Shopper, campaign: Any, when: datetime) -> NewCoupon:
    return wish(
        shop,
        campaign,
        shopper,
        when.date().isoformat(),
        day=when.date(),
        event_at=when,
        last_before=when - timedelta(days=2, hours=12),
    )


async def test_within_one_batch_and_late_reports_too(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=2)
    (shopper,) = await shop.enrol()
    batch = wishes(shop, shopper, campaign, [1, 2, 4, 4, 7])
    expected = ["issued", "cooling_down", "issued", "cooling_down", "cap_reached"]
    assert await in_transaction(shop.pool, lambda conn: told(conn, batch)) == expected
    # Reported when a later one has been issued already.
    late = wishes(shop, shopper, campaign, [0, 3])
    assert await in_transaction(shop.pool, lambda conn: told(conn, late)) == ["cooling_down", "cooling_down"]
    assert await shop.budget(campaign) == 2


async def test_of_twenty_events_of_as_many_days_at_once_one_is_issued(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    """No key of a period keeps them apart, and none has seen the others' coupons when it decides."""
    campaign = await shop.write_campaign()
    (shopper,) = await shop.enrol()
    moments = [NOON + timedelta(hours=number) for number in range(20)]
    batches = [
        [wish(shop, campaign, shopper, f"key {n}", event_at=when, last_before=when - timedelta(days=3))]
        for n, when in enumerate(moments)
    ]
    async with gate(database, "LOCK TABLE coupons IN SHARE MODE", len(batches)):
        runs = [asyncio.create_task(in_transaction(race_pool, partial(told, wanted=batch))) for batch in batches]
    outcomes = Counter(outcome for (outcome,) in await asyncio.gather(*runs))
    assert outcomes == {"issued": 1, "cooling_down": 19}
    assert [await shop.count(table) for table in ("coupons", "outbox", "member_campaigns")] == [1, 1, 1]


async def test_an_undone_scan_has_earned_nothing(shop: Shop, pool: Pool) -> None:
    await shop.write_campaign("visit", frequency="rolling", every_days=7)
    (counter,) = await open_counters(shop, pool)
    await undoes(shop, counter.till, counter.shopper.member_id, counter.scan_id)
    again = await counter.scan(NOON + timedelta(days=1), by_number=True)
    assert again["coupons_issued"] == 1
    third = await counter.scan(NOON + timedelta(days=2), by_number=True)
    assert third["coupons_issued"] == 0


async def test_who_becomes_another_member_brings_the_distance_along(shop: Shop) -> None:
    await shop.write_campaign(frequency="rolling", every_days=7, max_event_age_s=10**6)
    old, new = await shop.enrol(2)
    assert await told_at(shop, new, [0]) == [1]
    phone = await becomes(shop, new, old, 2000)
    assert await told_at(shop, phone, [DAY_S, 7 * DAY_S]) == [0, 1]
    assert [
        row["version"] for row in await shop.rows("member_campaigns", "member_id") if row["member_id"] == old.member_id
    ] == [2]
