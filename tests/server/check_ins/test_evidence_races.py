"""Evidence and undos of one visit, all at once on connections of their own."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from coupons.coupon_codes import make_coupon_code
from kit.database import Pool, in_transaction
from server.check_ins.undo import UndoResult
from server.locations.locate import locate
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from tests.support.answers import expect_located
from tests.support.counter import Counter, expect_sound, set_points, set_stamp_card
from tests.support.evidence import a_counter, open_doors, undo, usable_campaigns
from tests.support.gates import deadlocks, gate
from tests.support.shop import NOON, Shop, at, fix
from tests.support.visiting import (
    checks_in_at_store,
    display_code,
    expect_reconciled,
)
from visits.trust import level


async def race(database: str, hold: str, runs: Sequence[Awaitable[Any]]) -> list[Any]:
    """Hold all of them at `hold`, let them go together; a Problem is an answer."""

    async def answer(run: Awaitable[Any]) -> Any:
        try:
            return await run
        except Problem as problem:
            return problem

    async with gate(database, hold, len(runs)):
        tasks = [asyncio.create_task(answer(run)) for run in runs]
    return await asyncio.gather(*tasks)


async def test_a_qr_a_till_and_a_dwell_in_the_same_second(shop: Shop, race_pool: Pool, database: str) -> None:
    await open_doors(shop)
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0)
    campaign = await shop.write_campaign("visit", cap=5)
    keeper = await shop.keeper()
    snapshot = keeper.current
    counter = await a_counter(shop, snapshot, race_pool)
    shopper = counter.shopper
    await locate(shop.pool, keeper, [shopper.sends(fix(at(-400)))])

    async def dwell() -> None:
        (answer,) = await locate(race_pool, keeper, [shopper.sends(fix(NOON))])
        assert expect_located(answer).accepted == 1

    runs: list[Awaitable[Any]] = [dwell(), counter.scan(), counter.scan(by_number=True)]
    runs += [checks_in_at_store(shop, shopper, display_code(shop), pool=race_pool, snapshot=snapshot) for _ in range(3)]
    await race(database, "LOCK TABLE visits IN SHARE MODE", runs)
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["trust"] == level("high")
    kinds = sorted(row["kind"] for row in await shop.rows("visit_evidence"))
    assert kinds == ["card_number", "dwell", "rotating_code", "rotating_store_qr"]
    assert [await shop.count(table) for table in ("coupons", "point_postings", "stamps")] == [1, 1, 1]
    assert (await counter.balance(), await shop.budget(campaign)) == (10, 1)
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


async def test_ten_undos_of_one_scan_at_once(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop)
    await shop.write_campaign("visit", cap=5)
    counter = await a_counter(shop, (await shop.keeper()).current, race_pool)
    await counter.scan()
    told: list[UndoResult] = await race(
        database, "SELECT FROM visit_evidence FOR UPDATE", [undo(shop, counter, race_pool) for _ in range(10)]
    )
    assert len(set(told)) == 1
    assert (told[0].points_reversed, told[0].coupons_ended) == (10, 1)
    assert [await shop.count(table) for table in ("point_postings", "redemptions")] == [2, 1]
    await expect_reconciled(shop)


@pytest.mark.parametrize("turn", range(4))
async def test_an_undo_and_a_redemption_of_its_coupon(shop: Shop, race_pool: Pool, database: str, turn: int) -> None:
    """One of them has the coupon, whoever comes first; both know who."""
    await shop.write_campaign("visit", cap=5)
    counter = await a_counter(shop, (await shop.keeper()).current, race_pool)
    await counter.scan()
    (coupon,) = await shop.rows("coupons")
    code = make_coupon_code(shop.keyring, coupon["member_id"], coupon["id"])
    command = RedeemCommand(counter.till, code, None, at(5))

    async def use() -> bool:
        (answer,) = await in_transaction(race_pool, lambda conn: redeem(conn, shop.keyring, [command]))
        return not isinstance(answer, Exception)

    runs: list[Awaitable[Any]] = [undo(shop, counter, race_pool), use()]
    if turn % 2:
        runs.reverse()
    answers = await race(database, "LOCK TABLE redemptions IN SHARE MODE", runs)
    undone, used = answers[::-1] if turn % 2 else answers
    assert (undone.coupons_ended, used) in ((0, True), (1, False))
    assert await shop.count("redemptions") == 1
    await expect_reconciled(shop)
    again = await counter.scan(at(60))
    assert again["coupons_issued"] == undone.coupons_ended


async def test_an_undo_and_other_tills_scans_of_the_same_card(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=2)
    campaign = await shop.write_campaign("visit", cap=5)
    snapshot = (await shop.keeper()).current
    counter = await a_counter(shop, snapshot, race_pool)
    await counter.scan()
    others = [
        Counter(shop, till, counter.shopper, counter.phone, snapshot, race_pool)
        for till, _ in await shop.install_tills(5)
    ]
    first = counter.scan_id
    runs = [undo(shop, counter, race_pool, first), *(other.scan(at(1), by_number=True) for other in others)]
    await race(database, "SELECT FROM visits FOR UPDATE", runs)
    (visit,) = await shop.rows("visits", "first_at")
    assert (visit["trust"], visit["undone_at"]) == (level("low"), None)
    assert (await counter.balance(), await shop.budget(campaign)) == (10, 1)
    assert len(await usable_campaigns(shop, counter.shopper.member_id)) == 1
    assert len([row for row in await shop.rows("stamps", "at") if row["revoked_at"] is None]) == 1
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


_ANOTHER_SCAN = """
    INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, trust, at)
    SELECT v.member_id, gen_random_uuid(), v.store_id, v.business_day, 'card_number', t.id, 1, v.first_at
    FROM (SELECT * FROM visits FOR UPDATE) v
    CROSS JOIN tills t
"""


async def test_an_undo_waits_for_the_evidence_that_is_being_written(shop: Shop, race_pool: Pool, database: str) -> None:
    """Whoever holds the visit has looked at it already: what they write is part of what is left."""
    await set_points(shop)
    counter = await a_counter(shop, (await shop.keeper()).current, race_pool)
    await counter.scan()
    (undone,) = await race(database, _ANOTHER_SCAN, [undo(shop, counter, race_pool)])
    assert (undone.is_visit_undone, undone.points_reversed) == (False, 0)
    await expect_reconciled(shop)


async def test_an_undo_and_a_purchase_with_its_scan(shop: Shop, race_pool: Pool, database: str) -> None:
    """The purchase comes before and is refunded, or after and finds no scan."""
    await set_points(shop, visit_points=0)
    counter = await a_counter(shop, (await shop.keeper()).current, race_pool)
    await counter.scan()
    runs: list[Awaitable[Any]] = [undo(shop, counter, race_pool), counter.buy(1000, "R-1", at(5))]
    undone, bought = await race(database, "SELECT FROM visit_evidence FOR UPDATE", runs)
    assert isinstance(bought, Problem) == (undone.amount_refunded == 0)
    assert [row["amount"] - row["refunded"] for row in await shop.rows("purchases")] in ([], [0])
    assert await counter.balance() == 0
    await expect_sound(shop)


async def test_undos_and_scans_of_many_members_with_one_budget_meet_no_deadlock(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    await set_points(shop)
    campaigns = [await shop.write_campaign("visit", cap=30) for _ in range(3)]
    snapshot = (await shop.keeper()).current
    counters = [await a_counter(shop, snapshot, race_pool) for _ in range(9)]
    for counter in counters:
        await counter.scan()
    async with gate(database, "LOCK TABLE slices IN SHARE MODE", 18) as arrived:
        undos = [asyncio.ensure_future(undo(shop, each, race_pool, each.scan_id)) for each in counters]
        await arrived(9)  # whose scan came before would undo one evidence of two, and touch no slice
        scans = [asyncio.ensure_future(each.scan(at(30))) for each in counters]
    await asyncio.gather(*undos, *scans)
    assert {await shop.budget(campaign) for campaign in campaigns} == {9}
    assert {await counter.balance() for counter in counters} == {10}
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0
