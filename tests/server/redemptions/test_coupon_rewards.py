"""Points and stamps that coupons bring: with the receipt, once, and back with it."""

import asyncio
from functools import partial
from typing import Any

import pytest

from coupons.redemptions.benefits import Benefit, ExtraPoints, ExtraStamps, Grant, PointsMultiplied
from ids import MemberId
from kit.database import Pool, in_transaction
from programs.tills_repository import Till
from server.redemptions.reserve import ReservationResult
from server.redemptions.settle import refund_reservation, void_reservation
from tests.server.redemptions.test_reservations import ANY, holds, pays, slug
from tests.server.redemptions.test_undo_redemption import a_till
from tests.support.counter import set_points, set_stamp_card
from tests.support.expectations import expect_problem
from tests.support.gates import deadlocks, gate
from tests.support.merging import becomes, earn, pair, redeems
from tests.support.shop import Shop, Shopper, at
from tests.support.world import Chain, campaign_body


async def reserved(shop: Shop, shopper: Shopper, *benefits: Benefit) -> tuple[Till, ReservationResult]:
    for benefit in benefits:
        await shop.write_campaign(grant=Grant(benefit=benefit, conditions=ANY))
    till = await a_till(shop)
    return till, await holds(shop, till, shopper, *await earn(shop, shopper))


async def balance(shop: Shop, member_id: MemberId) -> tuple[int, int]:
    """Points and stamps, which the member's facts tell too."""
    points = await shop.pool.fetchval("SELECT balance FROM point_accounts WHERE member_id = $1", member_id)
    stamps = await shop.pool.fetchval(
        "SELECT count(*) FROM stamps WHERE member_id = $1 AND revoked_at IS NULL", member_id
    )
    facts = await shop.pool.fetchrow("SELECT points, stamps FROM member_facts WHERE member_id = $1", member_id)
    assert (points or 0, stamps) == tuple(facts or (0, 0))
    return points or 0, stamps


async def returns(shop: Shop, till: Till, held: ReservationResult, pieces: dict[int, int], pool: Any = None) -> Any:
    return await in_transaction(
        pool or shop.pool,
        lambda conn: refund_reservation(conn, till, held.member_id, held.reservation_id, pieces, at(150)),
    )


async def voids(shop: Shop, till: Till, held: ReservationResult, pool: Any = None) -> Any:
    return await in_transaction(
        pool or shop.pool, lambda conn: void_reservation(conn, till, held.member_id, held.reservation_id, at(180))
    )


async def test_they_come_with_the_receipt_and_go_with_what_comes_back(shop: Shop) -> None:
    await set_points(shop)
    await set_stamp_card(shop)
    (shopper,) = await shop.enrol()
    member_id = shopper.member_id
    till, held = await reserved(shop, shopper, ExtraPoints(100), PointsMultiplied(3), ExtraStamps("coffee-3", 2))
    assert (held.to_pay, held.points, held.stamps) == (2200, 144, 2)  # twice the 22 of 2200
    assert await redeems(shop, till, member_id, held.coupons[0].coupon_id) == "coupon-reserved"
    assert await shop.count("point_postings") == 0
    redeemed = await pays(shop, till, held)
    assert (redeemed.points, redeemed.stamps) == (144, 2)
    assert await balance(shop, member_id) == (144, 2)
    # Of three pieces at 500 one: a third of the 98 points that stand on that line, and no less.
    assert (await returns(shop, till, held, {0: 1})).points_reversed == 33
    assert await balance(shop, member_id) == (111, 2)
    await voids(shop, till, held)
    await voids(shop, till, held)
    assert await balance(shop, member_id) == (0, 0)
    again = await holds(shop, till, shopper, *[each.coupon_id for each in held.coupons], seconds=200)
    await pays(shop, till, again, seconds=210)
    for line, pieces in ((0, 3), (1, 1)):
        await returns(shop, till, again, {line: pieces})
    assert await balance(shop, member_id) == (0, 0)


async def test_what_was_spent_is_owed_and_a_full_card_stays(shop: Shop) -> None:
    await set_points(shop)
    reward = await shop.write_campaign("stamps")
    await set_stamp_card(shop, campaign_id=reward.id)
    (shopper,) = await shop.enrol()
    till, held = await reserved(shop, shopper, ExtraPoints(100), ExtraStamps("coffee-3", 4))
    await pays(shop, till, held)
    full = await shop.pool.fetch("SELECT decision FROM stamp_completions WHERE member_id = $1", shopper.member_id)
    assert [row["decision"] for row in full] == ["issued"]
    issued = await shop.pool.fetchval("SELECT coupons_issued FROM member_facts WHERE member_id = $1", shopper.member_id)
    assert issued == 3
    await shop.pool.execute("UPDATE point_lots SET remaining = 30")
    await shop.pool.execute("UPDATE point_accounts SET balance = 30")
    await voids(shop, till, held)
    owed = await shop.pool.fetchval("SELECT owed FROM point_accounts WHERE member_id = $1", shopper.member_id)
    assert (owed, await balance(shop, shopper.member_id)) == (70, (0, 3))


async def test_they_go_from_whom_the_member_has_become(shop: Shop) -> None:
    await set_points(shop)
    await set_stamp_card(shop)
    old, new = await pair(shop)
    till, held = await reserved(shop, new, ExtraPoints(100), ExtraStamps("coffee-3"))
    await pays(shop, till, held)
    one = await becomes(shop, new, old)
    assert await balance(shop, one.member_id) == (100, 1)
    await voids(shop, till, held)
    assert await balance(shop, one.member_id) == (0, 0)


async def test_they_go_while_whom_the_member_has_become_becomes_somebody_else(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    await set_points(shop)
    old, new = await pair(shop)
    till, held = await reserved(shop, new, ExtraPoints(100))
    await pays(shop, till, held)
    one = await becomes(shop, new, old)
    (last,) = await shop.enrol()
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2):
        runs = asyncio.gather(voids(shop, till, held, race_pool), becomes(shop, one, last, 700))
    await runs
    assert await deadlocks(database) == 0
    last_balance = await shop.pool.fetchval("SELECT balance FROM point_accounts WHERE member_id = $1", last.member_id)
    assert last_balance == 0


@pytest.mark.parametrize("benefit", [ExtraPoints(10), ExtraStamps("coffee-3"), PointsMultiplied(2)])
async def test_the_short_way_has_no_receipt_to_take_them_back_with(shop: Shop, benefit: Benefit) -> None:
    await shop.write_campaign(grant=Grant(benefit=benefit))
    (shopper,) = await shop.enrol()
    (coupon_id,) = await earn(shop, shopper)
    till = await a_till(shop)
    assert await redeems(shop, till, shopper.member_id, coupon_id) == "basket-required"
    # The program has no points, and stamps no card.
    assert await slug(holds(shop, till, shopper, coupon_id)) == "coupon-conditions-unmet"


async def test_eighteen_tills_bring_and_take_back_once(shop: Shop, race_pool: Pool, database: str) -> None:
    await set_points(shop)
    await set_stamp_card(shop)
    (shopper,) = await shop.enrol()
    till, held = await reserved(shop, shopper, ExtraPoints(100), ExtraStamps("coffee-3"))
    racing = partial(pays, shop, till, held, pool=race_pool)
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 1):
        runs = [asyncio.create_task(slug(racing(f"C-{number}"))) for number in range(6)]
    assert sorted(await asyncio.gather(*runs)) == ["already-redeemed"] * 5 + ["done"]
    assert await balance(shop, shopper.member_id) == (100, 1)
    await asyncio.gather(
        *(voids(shop, till, held, race_pool) for _ in range(6)),
        *(slug(returns(shop, till, held, {0: 1}, race_pool)) for _ in range(6)),
    )
    assert await balance(shop, shopper.member_id) == (0, 0)
    assert await deadlocks(database) == 0


async def test_a_benefit_that_the_program_cannot_give_is_refused_by_its_field(chain: Chain) -> None:
    for benefit, told in (
        ({"kind": "extra_stamps", "stamp_card": "tea"}, "benefit.stamp_card"),
        ({"kind": "extra_points", "points": 10}, "point rules"),
        ({"kind": "extra_points", "points": 0}, "benefit.points"),
        ({"kind": "points_multiplied", "times": 1}, "benefit.times"),
    ):
        refused = await chain.owner.post("/v1/campaigns", campaign_body(benefit=benefit))
        assert told in expect_problem(refused)["detail"], benefit
