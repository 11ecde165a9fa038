"""A redemption is taken back by its till, within ten minutes and the last one first; then the coupon is as it was."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from coupons.coupon_codes import make_coupon_code
from ids import CouponId, MemberId, RedemptionId
from kit.database import Pool, in_transaction
from kit.ids import new_id
from programs.tills_repository import Till
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.undo_redemption import UndoneRedemption, undo_redemption
from tests.support.answers import expect_answers
from tests.support.gates import gate
from tests.support.merging import becomes, earn
from tests.support.shop import Shop, Shopper, at


async def used(shop: Shop, till: Till, member_id: MemberId, coupon_id: CouponId, seconds: float = 60) -> RedemptionId:
    command = RedeemCommand(till, make_coupon_code(shop.keyring, member_id, coupon_id), None, at(seconds))
    (told,) = expect_answers(await in_transaction(shop.pool, partial(redeem, keyring=shop.keyring, commands=[command])))
    assert told["member_id"] == str(member_id)
    return RedemptionId(UUID(told["redemption_id"]))


async def undo(
    shop: Shop,
    till: Till,
    shopper: Shopper,
    redemption_id: RedemptionId,
    seconds: float = 90,
    pool: "Pool | None" = None,
) -> UndoneRedemption:
    return await in_transaction(
        pool or shop.pool, lambda conn: undo_redemption(conn, till, shopper.member_id, redemption_id, at(seconds))
    )


async def refusal(undoing: Coroutine[Any, Any, UndoneRedemption]) -> str:
    with pytest.raises(Problem) as caught:
        await undoing
    return caught.value.slug


async def a_till(shop: Shop) -> Till:
    return (await shop.install_tills(1))[0][0]


async def a_holder(shop: Shop) -> tuple[Shopper, CouponId]:
    if not await shop.count("campaigns"):
        await shop.write_campaign()
    (shopper,) = await shop.enrol()
    (coupon_id,) = await earn(shop, shopper)
    return shopper, coupon_id


async def test_the_coupon_is_open_again_and_a_repeated_undo_says_the_same(shop: Shop) -> None:
    till, (shopper, coupon_id) = await a_till(shop), await a_holder(shop)
    first = await used(shop, till, shopper.member_id, coupon_id)
    told = await undo(shop, till, shopper, first)
    assert (told.coupon_id, told.undone_at, told.is_coupon_usable) == (coupon_id, at(90), True)
    again = await used(shop, till, shopper.member_id, coupon_id, 100)
    repeated = await undo(shop, till, shopper, first, 110)
    assert (repeated.undone_at, repeated.is_coupon_usable) == (at(90), False)
    assert [row["redemption_id"] for row in await shop.rows("redemptions", "redeemed_at")] == [again]
    await undo(shop, till, shopper, again, 120)
    assert [await shop.count(table) for table in ("redemptions", "undone_redemptions")] == [0, 2]


async def test_its_bounds_are_those_of_a_scans_undo(shop: Shop) -> None:
    till, other = await a_till(shop), await a_till(shop)
    (one, one_id), (two, two_id) = await a_holder(shop), await a_holder(shop)
    first = await used(shop, till, one.member_id, one_id, 60)
    second = await used(shop, till, two.member_id, two_id, 70)
    assert await refusal(undo(shop, till, one, first)) == "redemption-not-last"
    assert await refusal(undo(shop, other, two, second)) == "not-found"
    assert await refusal(undo(shop, till, one, second)) == "not-found"
    assert await refusal(undo(shop, till, one, RedemptionId(new_id()))) == "not-found"
    assert await refusal(undo(shop, till, two, second, 70 + 601)) == "undo-expired"
    await undo(shop, till, two, second, 70 + 600)
    assert (await undo(shop, till, one, first, 60 + 600)).is_coupon_usable


async def test_one_that_has_expired_meanwhile_stays_expired(shop: Shop) -> None:
    till, (shopper, coupon_id) = await a_till(shop), await a_holder(shop)
    redemption_id = await used(shop, till, shopper.member_id, coupon_id)
    await shop.pool.execute("UPDATE coupons SET expires_at = $1", at(80))
    assert not (await undo(shop, till, shopper, redemption_id)).is_coupon_usable


async def test_after_a_merge_nothing_of_the_former_card_is_undone(shop: Shop) -> None:
    till, (gone, coupon_id) = await a_till(shop), await a_holder(shop)
    redemption_id = await used(shop, till, gone.member_id, coupon_id)
    (stays,) = await shop.enrol()
    await becomes(shop, gone, stays, 80)
    assert await refusal(undo(shop, till, gone, redemption_id)) == "undo-expired"


async def test_a_period_that_the_former_card_has_used_is_not_opened(shop: Shop) -> None:
    till, (gone, gone_id), (stays, stays_id) = await a_till(shop), await a_holder(shop), await a_holder(shop)
    await used(shop, till, gone.member_id, gone_id)
    redemption_id = await used(shop, till, stays.member_id, stays_id, 70)
    await becomes(shop, gone, stays, 80)
    assert not (await undo(shop, till, stays, redemption_id)).is_coupon_usable


async def test_undone_by_many_at_once_it_is_undone_once(shop: Shop, race_pool: Pool, database: str) -> None:
    till, (shopper, coupon_id) = await a_till(shop), await a_holder(shop)
    redemption_id = await used(shop, till, shopper.member_id, coupon_id)
    async with gate(database, "LOCK TABLE undone_redemptions IN SHARE MODE", 5):
        runs = [asyncio.create_task(undo(shop, till, shopper, redemption_id, 90 + n, race_pool)) for n in range(5)]
    assert len({told.undone_at for told in await asyncio.gather(*runs)}) == 1
    assert [await shop.count(table) for table in ("redemptions", "undone_redemptions")] == [0, 1]
