"""What was taken back frees what it held: receipts can be sent again, corrected, shared or with another card."""

from datetime import UTC
from typing import Any

import asyncpg
import pytest

from audiences.compile_sql import compile_tree
from audiences.counting_repository import judge_members
from audiences.facts_repository import recount_facts
from audiences.moment import Moment
from audiences.tree import PurchaseTotal
from ids import MemberId
from kit.database import Pool
from purchases.purchase import Item
from server.problems import Problem
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_stamp_card
from tests.support.merging import transfer_device
from tests.support.receipts import expect_what_stands_holds
from tests.support.shop import NOON, Shop, at
from tests.support.undoing import undo
from tests.support.verifying import verify_contact


async def refusal(work: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        await work
    return refused.value


async def slug(work: Any) -> str:
    return (await refusal(work)).slug


async def a_pair(shop: Shop, pool: Pool, **rules: Any) -> tuple[Counter, Counter]:
    """Two members, who share a table, each at a till of the first store."""
    await set_points(shop, **({"visit_points": 0} | rules))
    (one,), (other,) = await open_counters(shop, pool), await open_counters(shop, pool)
    return one, other


async def test_points_are_spent_again_under_the_receipt_of_a_void(shop: Shop, pool: Pool) -> None:
    one, _ = await a_pair(shop, pool, visit_points=100)
    assert (await one.spend(100, "R-2")).points_spent == 100
    await one.void("R-2")
    assert await slug(one.void("R-2")) == "already-voided"
    assert (await one.spend(10, "R-2")).points_balance == 90
    assert (await one.void("R-2")).points == 10
    assert await one.balance() == 100
    await expect_what_stands_holds(shop)


async def test_after_a_wrong_card_the_right_one_pays_under_the_same_receipt(shop: Shop, pool: Pool) -> None:
    """The whole way that docs/visits.md tells."""
    wrong, right = await a_pair(shop, pool, visit_points=100)
    await wrong.buy(1000, "R-1")
    await wrong.spend(50, "R-1")
    await undo(shop, wrong, at(60))
    await wrong.void("R-1", at(60))
    await right.scan(at(90))
    assert (await right.buy(1000, "R-1", at(90))).points_earned == 10
    assert (await right.spend(60, "R-1", at(90))).points_balance == 50
    assert (await wrong.balance(), await wrong.owed()) == (0, 0)
    assert (await right.void("R-1", at(120))).member_id == right.shopper.member_id
    assert (await right.refund("R-1", "B-1", None, at(120))).member_id == right.shopper.member_id
    await expect_what_stands_holds(shop)
    await expect_sound(shop)


async def judge(shop: Shop, leaf: PurchaseTotal) -> dict[MemberId, bool | None]:
    async with shop.pool.acquire() as conn:
        rows = await conn.fetch("SELECT member_id, program_id FROM members")
        members = [row["member_id"] for row in rows]
        async with conn.transaction():
            await recount_facts(conn, members)
        compiled = compile_tree(leaf, rows[0]["program_id"], Moment(at(60), UTC), {})
        return await judge_members(conn, compiled, members)


async def test_what_was_bought_and_kept_is_known_to_audiences(shop: Shop, pool: Pool) -> None:
    """Of an article as long as the till tells what came back; of the rest it is unknown."""
    one, other = await a_pair(shop, pool)
    await pool.execute("UPDATE members SET profiling_consent = true")
    tea, cake = Item("Tea", 2, 800, "tea", "drinks"), Item("Cake", 1, 400, "cake", "sweets")
    await one.buy(1200, "R-1", items=[tea, cake])
    drinks = PurchaseTotal(measure="amount", categories=["drinks"], at_least=500)
    buyer = one.shopper.member_id
    assert await judge(shop, drinks) == {buyer: True, other.shopper.member_id: False}
    unknown = await refusal(one.refund("R-1", "B-1", 100, items=[Item("Pie", 1, 100)]))
    assert (unknown.slug, unknown.extra) == ("returned-item-unknown", {"at": "items[0]"})
    await one.refund("R-1", "B-1", 400, items=[Item("", 1, 400, "cake")])
    assert (await judge(shop, drinks))[buyer] is True
    assert (await judge(shop, PurchaseTotal(measure="count", item_codes=["cake"], at_least=1)))[buyer] is False
    await one.refund("R-1", "B-2", 400)
    assert (await judge(shop, drinks))[buyer] is None
    await one.refund("R-1", "B-3")
    assert (await judge(shop, drinks))[buyer] is False


async def test_a_purchase_that_was_refunded_whole_is_sent_again_corrected(shop: Shop, pool: Pool) -> None:
    one, _ = await a_pair(shop, pool)
    card = await set_stamp_card(shop)
    await one.buy(2000, "R-1")
    await one.refund("R-1", "B-1", 500)
    assert await slug(one.buy(1500, "R-1")) == "receipt-taken"  # a part of it still stands
    await one.refund("R-1", "B-2")
    again = await refusal(one.refund("R-1", "B-3"))
    assert (again.slug, again.extra) == ("refund-exceeds-purchase", {"left": 0})
    assert (await one.buy(1500, "R-1")).points_balance == 15
    assert await slug(one.buy(1500, "R-1")) == "receipt-taken"
    assert (await one.refund("R-1", "B-3", 300)).refunded == 300
    stamps = await shop.rows("stamps", "at")
    assert sorted(row["revoked_at"] is None for row in stamps) == [False, True]
    assert {row["stamp_card_id"] for row in stamps} == {card.id}
    await expect_what_stands_holds(shop)
    await expect_sound(shop)


async def test_a_bill_is_shared_and_comes_to_no_more_than_it_is(shop: Shop, pool: Pool) -> None:
    one, other = await a_pair(shop, pool)
    assert (await one.buy(1200, "R-1", bill_amount=2000)).points_earned == 12
    assert await slug(one.buy(800, "R-1", bill_amount=2000)) == "receipt-taken"  # has a part, or repeats itself
    assert await slug(other.buy(900, "R-1", bill_amount=2000)) == "receipt-taken"  # more than is left
    assert await slug(other.buy(800, "R-1", bill_amount=3000)) == "receipt-taken"  # of another bill
    assert await slug(other.buy(800, "R-1")) == "receipt-taken"
    assert (await other.buy(800, "R-1", bill_amount=2000)).points_earned == 8
    shared = await refusal(one.refund("R-1", "B-1"))
    members = {one.shopper.member_id, other.shopper.member_id}
    assert (shared.slug, set(shared.extra["member_ids"])) == ("receipt-shared", members)
    back = await one.refund("R-1", "B-1", member_id=other.shopper.member_id)
    assert (back.member_id, back.amount) == (other.shopper.member_id, 800)
    assert (await one.refund("R-1", "B-2", 200)).amount == 200  # one holds it alone now
    assert await slug(one.refund("R-1", "B-3", member_id=other.shopper.member_id)) == "refund-exceeds-purchase"
    (third,) = await open_counters(shop, pool)
    assert await slug(third.refund("R-1", "B-3", member_id=third.shopper.member_id)) == "receipt-unknown"
    assert (await third.buy(1000, "R-1", bill_amount=2000)).points_earned == 10
    await expect_what_stands_holds(shop)
    await expect_sound(shop)


async def test_a_bill_that_went_to_one_card_whole_is_split_afterwards(shop: Shop, pool: Pool) -> None:
    one, other = await a_pair(shop, pool)
    await one.buy(2000, "R-1")
    await one.refund("R-1", "B-1", 1000)
    assert (await other.buy(1000, "R-1", bill_amount=2000)).points_earned == 10
    assert (await one.balance(), await other.balance()) == (10, 10)
    await expect_what_stands_holds(shop)


async def test_each_who_shares_a_bill_pays_with_their_own_points(shop: Shop, pool: Pool) -> None:
    one, other = await a_pair(shop, pool, visit_points=100)
    await one.spend(30, "R-1")
    await other.spend(40, "R-1")
    assert await slug(one.void("R-1")) == "receipt-shared"
    assert (await one.void("R-1", member_id=other.shopper.member_id)).member_id == other.shopper.member_id
    assert (await one.void("R-1")).member_id == one.shopper.member_id
    assert (await one.balance(), await other.balance()) == (100, 100)
    await expect_what_stands_holds(shop)


async def test_who_became_another_is_named_by_either_name(shop: Shop, pool: Pool) -> None:
    gone, stays = await a_pair(shop, pool)
    (third,) = await open_counters(shop, pool)
    await verify_contact(shop, stays.shopper)
    await gone.buy(1000, "R-1", bill_amount=2000)
    await third.buy(1000, "R-1", bill_amount=2000)
    await transfer_device(shop, gone.shopper, 600)
    back = await third.refund("R-1", "B-1", 400, at(600), member_id=stays.shopper.member_id)
    assert back.member_id == stays.shopper.member_id
    back = await third.refund("R-1", "B-2", None, at(600), member_id=gone.shopper.member_id)
    assert (back.member_id, back.amount) == (stays.shopper.member_id, 600)
    await expect_what_stands_holds(shop)


async def test_a_void_gives_back_a_part_and_holds_the_receipt_until_the_last(shop: Shop, pool: Pool) -> None:
    one, _ = await a_pair(shop, pool, visit_points=100)
    await one.spend(100, "R-1")
    part = await one.void("R-1", points=40)
    assert (part.points, part.points_spent, part.points_balance) == (40, 60, 40)
    assert await slug(one.spend(10, "R-1")) == "receipt-taken"
    too_many = await refusal(one.void("R-1", points=61))
    assert (too_many.slug, too_many.extra) == ("void-exceeds-spend", {"left": 60})
    assert (await one.void("R-1", points=60)).points_spent == 0
    assert await slug(one.void("R-1", points=1)) == "already-voided"
    assert (await one.spend(10, "R-1")).points_balance == 90
    await expect_what_stands_holds(shop)
    await expect_sound(shop)


async def test_what_is_free_is_bought_once_holds_its_receipt_and_comes_back(shop: Shop, pool: Pool) -> None:
    one, other = await a_pair(shop, pool)
    await set_stamp_card(shop, min_amount=0)
    free = await one.buy(0, "R-1")
    assert (free.points_earned, free.points_balance) == (0, 0)
    assert await slug(one.buy(0, "R-1")) == "receipt-taken"
    assert await slug(other.buy(0, "R-1")) == "receipt-taken"
    back = await one.refund("R-1", "B-1")
    assert (back.amount, back.points_reversed) == (0, 0)
    assert await slug(one.refund("R-1", "B-2")) == "refund-exceeds-purchase"
    assert (await other.buy(0, "R-1")).points_earned == 0
    assert (await undo(shop, other, at(60))).amount_refunded == 0
    assert await shop.count("stamps") == 0
    await expect_what_stands_holds(shop)
    assert await shop.count("bills") == 0


async def test_the_database_itself_keeps_no_receipt_that_nobody_holds(shop: Shop, pool: Pool) -> None:
    one, other = await a_pair(shop, pool, visit_points=100)
    await one.buy(1000, "R-1", bill_amount=2000)
    await one.spend(10, "R-1")
    for statement in (
        "UPDATE purchases SET refunded = amount, fully_refunded_at = now()",
        "UPDATE spends SET voided = points",
        "DELETE FROM bills",
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await shop.pool.execute(statement)
    for statement in (
        "UPDATE purchases SET refunded = amount",
        "UPDATE purchases SET fully_refunded_at = now()",
        "UPDATE purchases SET refunded = amount + 1",
        "UPDATE spends SET voided = points + 1",
        "UPDATE bills SET held = amount + 1",
        "UPDATE bills SET held = -1",
        "UPDATE bills SET holders = 0",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await shop.pool.execute(statement)
    await other.buy(1000, "R-2")
    with pytest.raises(asyncpg.UniqueViolationError):  # one hold a member, though each has a source of its own
        await shop.pool.execute(
            "INSERT INTO receipts (store_id, kind, receipt_hash, member_id, source_id)"
            " SELECT store_id, kind, receipt_hash, member_id, gen_random_uuid() FROM receipts WHERE kind = 'spend'"
        )
    assert await one.balance(NOON) == 100
