"""RefundRequest that come back after their points have run out: what ran out unspent is not taken a second time."""

from datetime import timedelta

from kit.database import Pool
from tests.support.counter import Counter, expect_sound, open_counters, set_points
from tests.support.merging import transfer_device
from tests.support.shop import NOON, Shop
from tests.support.verifying import verify_contact

LATE = NOON + timedelta(days=3)


async def a_counter(shop: Shop, pool: Pool) -> Counter:
    """Points last to the end of the next day."""
    await set_points(shop, visit_points=0, valid_days=1)
    (counter,) = await open_counters(shop, pool)
    return counter


async def test_of_points_that_all_ran_out_nothing_is_owed(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(2000, "R-1")
    assert (await counter.refund("R-1", "B-1", 1000)).points_balance == 10
    for receipt, amount in (("B-2", 400), ("B-3", None)):
        back = await counter.refund("R-1", receipt, amount, LATE)
        assert (back.points_owed, back.points_balance) == (0, 0)
    await expect_sound(shop)


async def test_points_that_came_since_are_not_touched(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(2000, "R-1")
    await counter.scan(LATE, by_number=True)
    await counter.buy(500, "R-2", LATE)
    back = await counter.refund("R-1", "B-1", None, LATE)
    assert (back.points_owed, back.points_balance) == (0, 5)
    await expect_sound(shop)


async def test_of_points_that_were_all_spent_all_is_owed_however_late(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(2000, "R-1")
    await counter.spend(20, "S-1")
    assert (await counter.refund("R-1", "B-1", None, LATE)).points_owed == 20
    await expect_sound(shop)


async def test_what_was_spent_of_a_day_is_owed_once_all_of_it_has_come_back(shop: Shop, pool: Pool) -> None:
    """Of 30 points ten were spent and twenty ran out: whichever purchase comes back first, ten are owed in the end."""
    counter = await a_counter(shop, pool)
    await counter.buy(2000, "R-1")
    await counter.buy(1000, "R-2")
    await counter.spend(10, "S-1")
    assert (await counter.refund("R-1", "B-1", None, LATE)).points_owed == 7  # 6 2/3, to the shop's favour
    assert (await counter.refund("R-2", "B-2", None, LATE)).points_owed == 10
    await expect_sound(shop)


async def test_it_holds_for_who_became_another_one_before_or_after(shop: Shop, pool: Pool) -> None:
    for when in (NOON + timedelta(hours=1), LATE):
        await shop.pool.execute("DELETE FROM verification_code_counts")
        await shop.pool.execute("DELETE FROM handles WHERE kind = 'phone'")
        counter = await a_counter(shop, pool)
        (stays,) = await shop.enrol()
        await verify_contact(shop, stays)
        receipt = f"R-{when:%d%H}"
        await counter.buy(2000, receipt)
        await transfer_device(shop, counter.shopper, (when - NOON).total_seconds())
        back = await counter.refund(receipt, f"B-{receipt}", None, LATE + timedelta(hours=1))
        assert (back.member_id, back.points_owed, back.points_balance) == (stays.member_id, 0, 0)
    await expect_sound(shop)
