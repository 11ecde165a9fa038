"""Stamp cards at the counter: filled once, rewarded once, taken back while they are being filled."""

from datetime import timedelta
from typing import Any

import pytest

from kit.database import Pool
from purchases.purchase import Basket
from tests.support.counter import Counter, open_counters, set_stamp_card
from tests.support.shop import NOON, Shop, at, quiet_hours


async def a_counter(shop: Shop, pool: Pool, **card: Any) -> Counter:
    await set_stamp_card(shop, **card)
    (counter,) = await open_counters(shop, pool)
    return counter


async def completions(shop: Shop) -> list[tuple[int, str]]:
    return [(row["round"], row["decision"]) for row in await shop.rows("stamp_completions", "round")]


async def test_a_full_card_is_a_coupon_of_its_campaign_once_a_round(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps", frequency="once")
    await shop.write_campaign("stamps")  # of another card: hears nothing of this one
    counter = await a_counter(shop, pool, campaign_id=campaign.id)
    issued = [(await counter.buy(500, f"R-{number}")).coupons_issued for number in range(7)]
    assert issued == [0, 0, 1, 0, 0, 1, 0]
    coupons = await shop.rows("coupons")
    assert [(row["campaign_id"], row["period_key"]) for row in coupons] == [
        (campaign.id, "stamps:coffee-3:1"),
        (campaign.id, "stamps:coffee-3:2"),
    ]
    assert await completions(shop) == [(1, "issued"), (2, "issued")]
    assert await shop.count("outbox") == 2


async def test_without_a_campaign_the_full_card_is_the_reward(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool, stamps_needed=1)
    assert (await counter.buy(500, "R-1")).coupons_issued == 0
    assert await completions(shop) == [(1, "card")]


async def test_small_purchases_and_mere_visits_earn_none(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool, min_amount=500)
    await counter.buy(499, "R-1")
    await counter.scan(at(86_400))
    assert await shop.count("stamps") == 0


async def test_visits_stamp_once_a_business_day(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps")
    counter = await a_counter(shop, pool, source="visit", stamps_needed=2, campaign_id=campaign.id)
    assert (await counter.scan(at(60)))["coupons_issued"] == 0
    told = await counter.scan(at(86_400), basket=Basket("R-1", 500, []))
    assert (told["coupons_issued"], len(told["usable_coupons"])) == (1, 1)
    assert [await shop.count(table) for table in ("stamps", "coupons")] == [2, 1]


async def test_quiet_hours_hold_back_the_push_and_not_the_coupon(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps", quiet_hours=quiet_hours("11:00", "13:00"), only_when_open=True)
    counter = await a_counter(shop, pool, stamps_needed=1, campaign_id=campaign.id)
    assert (await counter.buy(500, "R-1")).coupons_issued == 1
    (message,) = await shop.rows("outbox")
    assert (message["state"], message["next_attempt_at"]) == ("deferred", NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"state": "paused"}, "not_running"),
        ({"cap": 0}, "cap_reached"),
        ({"ends_at": NOON - timedelta(days=1)}, "after_end"),
        ({"starts_at": NOON + timedelta(days=1)}, "before_start"),
    ],
)
async def test_a_full_card_without_its_coupon_says_why(
    shop: Shop, pool: Pool, changes: dict[str, Any], decision: str
) -> None:
    campaign = await shop.write_campaign("stamps", **changes)
    counter = await a_counter(shop, pool, stamps_needed=1, campaign_id=campaign.id)
    assert (await counter.buy(500, "R-1")).coupons_issued == 0
    assert await completions(shop) == [(1, decision)]


async def test_a_refund_takes_its_stamp_back_from_a_card_that_is_not_full(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps")
    counter = await a_counter(shop, pool, stamps_needed=2, campaign_id=campaign.id)
    await counter.buy(1000, "R-1")
    await counter.refund("R-1", "B-1", 500)  # a part: the stamp stays
    assert await standing(shop) == 1
    await counter.refund("R-1", "B-2")
    assert await standing(shop) == 0
    for number in (2, 3):
        await counter.buy(500, f"R-{number}")
    assert await completions(shop) == [(1, "issued")]
    await counter.refund("R-3", "B-3")  # of a full card: its coupon may be used already
    assert await standing(shop) == 2
    await counter.buy(500, "R-4")
    assert await completions(shop) == [(1, "issued")]
    await counter.buy(500, "R-5")
    assert await completions(shop) == [(1, "issued"), (2, "issued")]


async def standing(shop: Shop) -> int:
    number: int = await shop.pool.fetchval("SELECT count(*) FROM stamps WHERE revoked_at IS NULL")
    return number


async def test_a_card_that_ended_takes_no_stamps_and_goes_on_when_it_comes_back(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(500, "R-1")
    card = await set_stamp_card(shop, code="tea-3")
    await counter.buy(500, "R-2")
    assert [row["stamp_card_id"] for row in await shop.rows("stamps", "at")].count(card.id) == 1
    await set_stamp_card(shop)
    for number in (3, 4):
        await counter.buy(500, f"R-{number}")
    assert await completions(shop) == [(1, "card")]
