"""Twenty real connections at one account, all let go at the same moment."""

import asyncio
from collections import Counter as Tally
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from kit.database import Pool
from server.accounts.confirm import VerificationResult
from server.problems import Problem
from server.rewards.renew import renew_all
from tests.server.purchases.conftest import RACERS
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_ranks, set_stamp_card
from tests.support.gates import deadlocks, gate
from tests.support.receipts import expect_what_stands_holds
from tests.support.shop import NOON, Shop, at
from tests.support.verifying import (
    answer_of_last_week,
    code_of,
    device_of,
    expect_confirmed,
    request_code,
    try_code,
    try_to_complete,
)


async def outcomes(database: str, hold: str, runs: list[Coroutine[Any, Any, Any]], held: int = RACERS) -> Tally[str]:
    """Hold all of them at `hold`, let them go, and count what came of them."""

    async def outcome(run: Coroutine[Any, Any, Any]) -> str:
        try:
            await run
        except Problem as refusal:
            return refusal.slug
        return "done"

    async with gate(database, hold, held):
        tasks = [asyncio.create_task(outcome(run)) for run in runs]
    return Tally(await asyncio.gather(*tasks))


async def test_twenty_spends_at_once_take_what_there_is_and_no_more(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop, visit_points=100)
    counters = await open_counters(shop, race_pool, RACERS)
    runs = [counter.spend(7, f"S-{number}") for number, counter in enumerate(counters)]
    told = await outcomes(database, "SELECT FROM point_accounts FOR UPDATE", runs)
    assert told == {"done": 14, "insufficient-points": RACERS - 14}
    assert await counters[0].balance() == 2
    assert await shop.count("receipts") == 14
    await expect_sound(shop)


async def test_two_first_purchases_at_once_open_one_account(shop: Shop, race_pool: Pool, database: str) -> None:
    counters = await open_counters(shop, race_pool, 2)
    await set_points(shop, visit_points=0)
    assert await shop.count("point_accounts") == 0
    runs = [counter.buy(1000, f"R-{number}") for number, counter in enumerate(counters)]
    assert await outcomes(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", runs, held=2) == {"done": 2}
    assert await counters[0].balance() == 20
    await expect_sound(shop)


async def test_twenty_purchases_at_once_all_earn(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop, visit_points=0)
    card = await set_stamp_card(shop)
    await set_ranks(shop)
    counters = await open_counters(shop, race_pool, RACERS)
    runs = [counter.buy(1000, f"R-{number}") for number, counter in enumerate(counters)]
    assert await outcomes(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", runs) == {"done": RACERS}
    assert await counters[0].balance() == 10 * RACERS
    assert [await shop.count(table) for table in ("purchases", "stamps", "stamp_completions")] == [
        *(RACERS, RACERS, RACERS // 3),
    ]
    assert {row["stamp_card_id"] for row in await shop.rows("stamps", "at")} == {card.id}
    assert await counters[0].rank() == "gold"
    await expect_sound(shop)


async def test_one_receipt_sent_by_twenty_tills_counts_once(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop, visit_points=0)
    counters = await open_counters(shop, race_pool, RACERS)
    runs = [counter.buy(1000, "R-1") for counter in counters]
    told = await outcomes(database, "LOCK TABLE receipts IN SHARE MODE", runs)
    assert told == {"done": 1, "receipt-taken": RACERS - 1}
    assert (await counters[0].balance(), await shop.count("purchases")) == (10, 1)


async def test_of_a_shared_bill_many_take_what_it_comes_to(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop, visit_points=0)
    counters = [(await open_counters(shop, race_pool))[0] for _ in range(RACERS)]
    runs = [counter.buy(300, "R-1", bill_amount=1000) for counter in counters]
    told = await outcomes(database, "LOCK TABLE bills IN SHARE MODE", runs)
    assert told == {"done": 3, "receipt-taken": RACERS - 3}
    assert [(row["held"], row["holders"]) for row in await shop.rows("bills", "store_id")] == [(900, 3)]
    await expect_what_stands_holds(shop)


async def test_refunds_and_purchases_of_one_receipt_at_once_meet_no_deadlock(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    """Each refund is whole and frees the receipt that the others, and new purchases, want."""
    await set_points(shop, visit_points=0)
    counters = await open_counters(shop, race_pool, 10)
    await counters[0].buy(1000, "R-1")
    runs: list[Coroutine[Any, Any, Any]] = []
    for number, counter in enumerate(counters):
        runs += [counter.refund("R-1", f"B-{number}"), counter.buy(1000, "R-1")]
    told = await outcomes(database, "LOCK TABLE receipts IN SHARE MODE", runs, held=10)
    assert set(told) <= {"done", "receipt-taken", "refund-exceeds-purchase"}, told
    assert told["done"] >= 1  # a refund; which purchases find the receipt free is PostgreSQL's to say
    await expect_what_stands_holds(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


async def test_twenty_refunds_of_one_purchase_give_back_what_it_came_to(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    await set_points(shop, visit_points=0)
    counters = await open_counters(shop, race_pool, RACERS)
    await counters[0].buy(1000, "R-1")
    runs = [counter.refund("R-1", f"B-{number}", 300) for number, counter in enumerate(counters)]
    told = await outcomes(database, "SELECT FROM purchases FOR UPDATE", runs)
    assert told == {"done": 3, "refund-exceeds-purchase": RACERS - 3}
    assert [row["refunded"] for row in await shop.rows("purchases")] == [900]
    assert await counters[0].balance() == 1
    await expect_sound(shop)


async def test_twenty_voids_give_back_once(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop)
    counters = await open_counters(shop, race_pool, RACERS)
    await counters[0].spend(10, "S-1")
    told = await outcomes(
        database, "SELECT FROM point_accounts FOR UPDATE", [counter.void("S-1") for counter in counters]
    )
    assert told == {"done": 1, "already-voided": RACERS - 1}
    assert await counters[0].balance() == 10


async def test_all_kinds_at_once_meet_no_deadlock(shop: Shop, race_pool: Pool, database: str) -> None:
    campaign = await shop.write_campaign("stamps", cap=20, frequency="once")
    await shop.write_campaign("visit", cap=30)
    await set_points(shop, visit_points=100)
    await set_stamp_card(shop, campaign_id=campaign.id)
    await set_ranks(shop)
    members = [(await open_counters(shop, race_pool, 1))[0] for _ in range(5)]
    for number, counter in enumerate(members):
        await counter.buy(1000, f"R-{number}")
        await counter.spend(10, f"S-{number}")
    runs: list[Coroutine[Any, Any, Any]] = []
    for turn in range(2):
        for number, counter in enumerate(members):
            runs += [
                counter.buy(1000, f"R-{turn}-{number}"),
                counter.spend(5, f"S-{turn}-{number}"),
                counter.scan(NOON + timedelta(minutes=1 + turn)),
                counter.refund(f"R-{number}", f"B-{turn}-{number}", 100),
                counter.void(f"S-{number}"),
            ]
    told = await outcomes(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", runs, held=RACERS)
    assert told == {"done": 45, "already-voided": 5}
    await expect_what_stands_holds(shop)
    await renew_all(shop.pool, NOON)
    assert await shop.budget(campaign) == await shop.pool.fetchval(
        "SELECT count(*) FROM coupons WHERE campaign_id = $1", campaign.id
    )
    await expect_sound(shop)
    assert await deadlocks(database) == 0


async def verify(shop: Shop, counter: Counter, phone: str, e164: str, when: datetime) -> VerificationResult:
    opened = await request_code(shop, counter.shopper, phone, now=when)
    device = await device_of(shop, counter.shopper)
    return expect_confirmed(await try_code(shop, device, opened.id, await code_of(shop, e164), when))


async def test_merges_among_all_kinds_leave_nothing_behind(shop: Shop, race_pool: Pool, database: str) -> None:
    """Who went holds and owes nothing, and the books of all are sound, whichever came first."""
    await set_points(shop, visit_points=100)
    await set_stamp_card(shop)
    await set_ranks(shop)
    runs: list[Coroutine[Any, Any, Any]] = []
    pairs = []
    for number in range(4):
        (gone,), (stays,) = await open_counters(shop, race_pool), await open_counters(shop, race_pool)
        phone, e164 = f"090-1234-567{number}", f"+81901234567{number}"
        confirmed = [
            await verify(shop, counter, phone, e164, when) for counter, when in ((stays, NOON), (gone, at(600)))
        ][1]
        assert confirmed.transfer is not None
        device = await answer_of_last_week(shop, confirmed)
        transferring = partial(try_to_complete, shop, device, confirmed.transfer.id, at(600), race_pool)
        for counter, name in ((gone, "G"), (stays, "S")):
            await counter.buy(1000, f"{name}-{number}")
            await counter.spend(50, f"{name}S-{number}")
            runs += [
                counter.buy(2000, f"{name}-2-{number}"),
                counter.refund(f"{name}-{number}", f"{name}B-{number}", 400),
                counter.void(f"{name}S-{number}"),
                counter.spend(30, f"{name}S-2-{number}"),
                counter.scan(at(86_400), by_number=True),
            ]
        runs.insert(14 * number, transferring())
        pairs.append((gone, stays))
    told = await outcomes(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", runs, held=15)
    assert set(told) <= {"done", "insufficient-points", "scan-unknown"}, told
    assert told["done"] >= 36
    for gone, stays in pairs:
        assert (await gone.balance(), await gone.owed()) == (0, 0)
        assert await stays.balance() > 0
    await expect_sound(shop)
    assert await shop.pool.fetchval("SELECT count(*) FROM members WHERE state = 'merged'") == 4
    assert await deadlocks(database) == 0
