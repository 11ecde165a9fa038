"""A till takes its last scan back: what is left counts, and nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from ids import MemberId, ScanId
from kit.database import in_transaction
from kit.ids import new_id
from members.aliases_repository import lock_members, merge_member
from purchases.purchase import Basket
from server.problems import Problem
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_stamp_card
from tests.support.issued import read_issued
from tests.support.shop import NOON, Shop, at
from tests.support.undoing import a_counter, redeem_newest, refusal, stage, undo, usable, visit_days
from tests.support.visiting import checks_in_at_store, expect_reconciled, set_visit_rules, trust_of, undoes
from visits import behaviour_repository
from visits.trust import level


async def test_nothing_is_left_of_a_visit_that_nothing_else_speaks_for(shop: Shop) -> None:
    counter = await stage(shop)
    assert (await counter.balance(), await visit_days(shop, counter), await usable(shop)) == (10, 1, 1)
    assert await counter.rank() == "guest"
    told = await undo(shop, counter, at(60))
    assert await counter.rank() is None
    assert (told.is_visit_undone, told.coupons_ended, told.points_reversed) == (True, 1, 10)
    assert (await counter.balance(), await visit_days(shop, counter), await usable(shop)) == (0, 0, 0)
    (evidence,), (stamp,) = await shop.rows("visit_evidence"), await shop.rows("stamps", "at")
    assert (evidence["undone_at"], stamp["revoked_at"]) == (at(60), at(60))
    assert [row["cause"] for row in await shop.rows("point_postings")] == ["visit", "undo"]
    assert [(row["state"], row["failure"]) for row in await shop.rows("outbox")] == [("dropped", "coupon_undone")]
    assert list((await read_issued(shop.pool)).values()) == [0]
    assert not await redeem_newest(shop, counter)
    await expect_reconciled(shop)
    await expect_sound(shop)


async def test_twice_is_once_with_the_same_answer(shop: Shop) -> None:
    counter = await stage(shop)
    first = await undo(shop, counter, at(60))
    before = [await shop.rows(table) for table in ("visit_evidence", "coupons", "point_postings")]
    assert await undo(shop, counter, at(120)) == first
    assert await undo(shop, counter, at(86_400)) == first
    assert [await shop.rows(table) for table in ("visit_evidence", "coupons", "point_postings")] == before


async def test_a_rescan_makes_the_visit_and_its_rewards_again_as_often_as_it_takes(shop: Shop) -> None:
    counter = await stage(shop)
    for number in range(1, 4):
        await undo(shop, counter, at(60 * number))
        told = await counter.scan(at(60 * number + 30))
        assert (told["is_first_today"], told["coupons_issued"], told["points_earned"]) == (True, 1, 10)
        assert (await counter.balance(), await visit_days(shop, counter), await usable(shop)) == (10, 1, 1)
    assert [row["revoked_at"] for row in await shop.rows("stamps", "at")] == [None]
    assert await shop.count("visits") == 1
    await expect_reconciled(shop)
    await expect_sound(shop)


async def test_the_code_stays_used(shop: Shop) -> None:
    counter = await stage(shop)
    await undo(shop, counter)
    with pytest.raises(AssertionError, match="used already"):
        await counter.scan(NOON)


async def test_a_redeemed_coupon_stays_and_is_not_given_again(shop: Shop) -> None:
    counter = await stage(shop)
    assert await redeem_newest(shop, counter)
    assert (await undo(shop, counter)).coupons_ended == 0
    told = await counter.scan(at(60))
    assert (told["is_first_today"], told["coupons_issued"], told["points_earned"]) == (True, 0, 10)
    assert await shop.count("coupons") == 1
    await expect_reconciled(shop)


async def test_what_else_speaks_for_the_visit_keeps_it_and_what_it_earns(shop: Shop) -> None:
    await set_visit_rules(shop)
    counter = await stage(shop)
    await checks_in_at_store(shop, counter.shopper, now=at(30))
    told = await undo(shop, counter, at(60))
    assert (told.is_visit_undone, told.coupons_ended, told.points_reversed) == (False, 0, 0)
    assert (await trust_of(shop), await counter.balance(), await usable(shop)) == ("fair", 10, 1)
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["first_at"] == at(30)
    await expect_reconciled(shop)


async def test_what_is_left_must_be_enough(shop: Shop) -> None:
    """The till's scan raised it to what is asked for; by what is left it earns nothing, until it is raised again."""
    await set_visit_rules(shop, min_trust="good")
    await set_points(shop)
    await shop.write_campaign("visit", min_trust_level=level("good"))
    await shop.write_campaign("visit")
    (shopper,) = await shop.enrol()
    told = await checks_in_at_store(shop, shopper)
    assert (told.trust, len(told.coupons), told.points_earned) == ("fair", 1, 0)
    counter = Counter(
        shop, (await shop.install_tills(1))[0][0], shopper, await shop.put_card_on(shopper),
        (await shop.keeper()).current, shop.pool,
    )  # fmt: skip
    raised = await counter.scan(at(30))
    assert (raised["is_first_today"], raised["coupons_issued"], raised["points_earned"]) == (False, 1, 10)
    undone = await undo(shop, counter, at(60))
    assert (undone.is_visit_undone, undone.coupons_ended, undone.points_reversed) == (False, 1, 10)
    assert (await trust_of(shop), await counter.balance(), await usable(shop)) == ("fair", 0, 1)
    again = await counter.scan(at(90))
    assert (again["is_first_today"], again["coupons_issued"], again["points_earned"]) == (False, 1, 10)
    await expect_reconciled(shop)
    await expect_sound(shop)


async def test_of_two_scans_the_first_earned_and_the_second_is_undone(shop: Shop) -> None:
    counter = await stage(shop)
    await counter.scan(at(30))
    told = await undo(shop, counter, at(60))
    assert (told.is_visit_undone, told.coupons_ended, told.points_reversed) == (False, 0, 0)
    assert (await counter.balance(), await usable(shop)) == (10, 1)


async def test_what_the_first_issued_ends_with_the_last_that_stands(shop: Shop) -> None:
    """Two tills scan; whichever is undone last takes the visit with it, and the coupon that the other's scan issued."""
    await shop.write_campaign("visit", cap=5)
    first, second = await open_counters(shop, shop.pool, 2)
    await second.scan(at(30))
    assert (await undo(shop, first, at(60))).coupons_ended == 0
    told = await undo(shop, second, at(60))
    assert (told.is_visit_undone, told.coupons_ended, await usable(shop)) == (True, 1, 0)
    await expect_reconciled(shop)


async def test_what_was_bought_with_it_is_refunded_and_its_receipt_is_free(shop: Shop) -> None:
    await set_points(shop)
    await set_stamp_card(shop)
    (counter,) = await open_counters(shop, shop.pool)
    await counter.scan(at(30), basket=Basket("R-1", 1000, []))
    await counter.buy(500, "R-2", at(40))
    assert await counter.balance() == 25
    told = await undo(shop, counter, at(60))
    assert (told.amount_refunded, told.points_reversed, await counter.balance()) == (1500, 15, 10)
    assert [(row["amount"], row["refunded"]) for row in await shop.rows("purchases")] == [(1000, 1000), (500, 500)]
    assert {row["revoked_at"] for row in await shop.rows("stamps", "at")} == {at(60)}
    (right,) = await shop.enrol()
    neighbour = Counter(shop, counter.till, right, await shop.put_card_on(right), counter.snapshot, shop.pool)
    told_right = await neighbour.scan(at(90), basket=Basket("R-1", 1000, []))
    assert told_right["points_earned"] == 20
    with pytest.raises(Problem, match="receipt-taken"):
        await neighbour.buy(1000, "R-1", at(95))
    await expect_sound(shop)


async def test_a_part_that_was_given_back_before_is_not_given_back_again(shop: Shop) -> None:
    await set_points(shop, visit_points=0)
    (counter,) = await open_counters(shop, shop.pool)
    await counter.buy(1000, "R-1")
    await counter.refund("R-1", "B-1", 300)
    assert (await undo(shop, counter)).amount_refunded == 700
    assert await counter.balance() == 0
    await expect_sound(shop)


async def test_nothing_refers_to_an_undone_scan(shop: Shop) -> None:
    counter = await stage(shop)
    await undo(shop, counter)
    for run in (counter.buy(100, "R-1"), counter.spend(1, "S-1")):
        with pytest.raises(Problem, match="scan-unknown"):
            await run


async def test_points_that_were_spent_are_owed(shop: Shop) -> None:
    await set_points(shop)
    counter = await a_counter(shop)
    await counter.spend(10, "S-1")
    assert (await undo(shop, counter)).points_reversed == 10
    assert (await counter.balance(), await counter.owed()) == (0, 10)
    await expect_sound(shop)


async def test_a_full_stamp_card_is_empty_again_with_its_coupon(shop: Shop) -> None:
    campaign = await shop.write_campaign("stamps", cap=3, frequency="once")
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=1, campaign_id=campaign.id)
    counter = await a_counter(shop)
    assert await usable(shop) == 1
    assert (await undo(shop, counter)).coupons_ended == 1
    assert (await shop.count("stamp_completions"), await usable(shop)) == (0, 0)
    assert (await counter.scan(at(60)))["coupons_issued"] == 1
    assert (await shop.count("stamp_completions"), await usable(shop), await shop.budget(campaign)) == (1, 1, 1)
    await expect_reconciled(shop)


async def test_a_full_stamp_card_whose_coupon_was_used_stays_full(shop: Shop) -> None:
    campaign = await shop.write_campaign("stamps", frequency="once")
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=1, campaign_id=campaign.id)
    counter = await a_counter(shop)
    assert await redeem_newest(shop, counter)
    assert (await undo(shop, counter)).coupons_ended == 0
    assert (await counter.scan(at(60)))["coupons_issued"] == 0
    assert [await shop.count(table) for table in ("stamp_completions", "stamps", "coupons")] == [1, 1, 1]


async def test_only_the_tills_own_last_scan_and_not_for_long(shop: Shop) -> None:
    first, second = await open_counters(shop, shop.pool, 2)
    strange = Counter(shop, second.till, first.shopper, first.phone, first.snapshot, shop.pool)
    strange.scan_id = first.scan_id
    assert await refusal(shop, strange) == "not-found"
    strange.scan_id = ScanId(new_id())
    assert await refusal(shop, strange) == "not-found"
    assert await refusal(shop, first, at(601)) == "undo-expired"
    scan_id = first.scan_id
    await first.scan(at(30))
    newer, first.scan_id = first.scan_id, scan_id
    assert await refusal(shop, first, at(60)) == "scan-not-last"
    first.scan_id = newer
    assert not (await undo(shop, first, at(60))).is_visit_undone
    first.scan_id = scan_id
    assert (await undo(shop, first, at(60))).is_visit_undone


async def test_another_members_name_finds_nothing(shop: Shop) -> None:
    counter = await a_counter(shop)
    (stranger,) = await shop.enrol()
    with pytest.raises(Problem, match="not-found"):
        await undoes(shop, counter.till, stranger.member_id, counter.scan_id)


async def test_a_card_that_was_taken_over_since(shop: Shop) -> None:
    """What is to be taken back has moved."""
    counter = await stage(shop)
    (survivor,) = await shop.enrol()

    async def merge(conn: Any) -> None:
        await lock_members(conn, [counter.shopper.member_id, survivor.member_id])
        await merge_member(conn, counter.shopper.member_id, survivor.member_id, NOON)

    await in_transaction(shop.pool, merge)
    assert await refusal(shop, counter) == "undo-expired"
    assert await counter.balance() == 10


async def test_an_offline_report_does_not_come_between(shop: Shop) -> None:
    counter = await stage(shop)
    await shop.pool.execute(
        "INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, trust, at)"
        " SELECT member_id, $1, store_id, business_day, kind, till_id, trust, at - interval '1 hour'"
        " FROM visit_evidence",
        new_id(),
    )
    assert not (await undo(shop, counter)).is_visit_undone


async def test_what_others_have_undone_is_not_read_with_a_members_visits(shop: Shop) -> None:
    """However the planner joins: it is asked for a merge here, which it likes while little is undone."""
    async with shop.pool.acquire() as conn, conn.transaction():
        for way in ("enable_nestloop", "enable_hashjoin", "enable_seqscan", "enable_bitmapscan"):
            await conn.execute(f"SET LOCAL {way} = off")
        plan = await conn.fetch(f"EXPLAIN {behaviour_repository.QUERIES.read_visit_days}", [MemberId(new_id())])
    lines = [row[0].strip() for row in plan]
    (place,) = [place for place, line in enumerate(lines) if "visits_undone_idx" in line]
    assert lines[place + 1].startswith("Index Cond: (member_id = ANY"), lines


async def test_yesterday_is_another_visit(shop: Shop) -> None:
    counter = await stage(shop)
    tomorrow = NOON + timedelta(days=1)
    await counter.scan(tomorrow)
    assert (await undo(shop, counter, tomorrow)).is_visit_undone
    assert (await visit_days(shop, counter), await counter.balance(tomorrow)) == (1, 10)
    undone: Sequence[Any] = [row["undone_at"] for row in await shop.rows("visits", "business_day")]
    assert undone == [None, tomorrow]
