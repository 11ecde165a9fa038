"""Two visits of one person, who was two members once: undoing the one leaves what the other has earned."""

import pytest

from kit.database import Pool
from points import stamps_repository
from server.rewards.earn import EarningEvent, reward_events
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_stamp_card
from tests.support.merging import transfer_device
from tests.support.shop import NOON, Shop, Shopper, at
from tests.support.verifying import verify_contact
from tests.support.visiting import undoes

MERGED_S = 600


@pytest.fixture
async def gone(shop: Shop, pool: Pool) -> Counter:
    """A fresh install at the counter, scanned at noon: ten points and a stamp."""
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0)
    (counter,) = await open_counters(shop, pool)
    return counter


async def someone_claimed(shop: Shop) -> Shopper:
    (stays,) = await shop.enrol()
    await verify_contact(shop, stays)
    return stays


def survivor_of(gone: Counter, stays: Shopper) -> Counter:
    return Counter(gone.shop, gone.till, stays, gone.phone, gone.snapshot, gone.pool)


async def undo(counter: Counter, seconds: float) -> int:
    told = await undoes(counter.shop, counter.till, counter.shopper.member_id, counter.scan_id, at(seconds))
    return told.points_reversed


async def held(counter: Counter) -> tuple[int, int]:
    """Points and stamps."""
    async with counter.shop.pool.acquire() as conn:
        found = await stamps_repository.read_progress(conn, [counter.shopper.member_id])
    return await counter.balance(), sum(progress.stamped for progress in found.values())


async def test_the_other_members_visit_keeps_what_it_earned(shop: Shop, gone: Counter) -> None:
    survivor = survivor_of(gone, await someone_claimed(shop))
    await transfer_device(shop, gone.shopper, MERGED_S)
    for seconds in (700, 760):
        assert (await survivor.scan(at(seconds), by_number=True))["points_earned"] == 0
        assert await held(survivor) == (10, 1)
        assert await undo(survivor, seconds + 30) == 0
        assert await held(survivor) == (10, 1)
    await expect_sound(shop)


async def test_a_visit_that_the_other_member_was_undone_of_is_paid(shop: Shop, gone: Counter) -> None:
    survivor = survivor_of(gone, await someone_claimed(shop))
    assert await undo(gone, 30) == 10
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert (await survivor.scan(at(700), by_number=True))["points_earned"] == 10
    assert await held(survivor) == (10, 1)
    assert await undo(survivor, 730) == 10
    assert await held(survivor) == (0, 0)
    await expect_sound(shop)


async def test_a_visit_in_another_round_is_not_paid_twice(shop: Shop, gone: Counter) -> None:
    survivor = survivor_of(gone, await someone_claimed(shop))
    await survivor.scan(NOON, by_number=True)
    assert await undo(survivor, 30) == 10
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert (await survivor.scan(at(700), by_number=True))["points_earned"] == 0
    assert await held(survivor) == (10, 1)
    await expect_sound(shop)


async def test_a_new_visit_of_who_became_another_earns_nothing_that_this_one_was_paid_for(
    shop: Shop, gone: Counter
) -> None:
    """Both were paid and undone. The posting of who stays is there, and its key is good once."""
    survivor = survivor_of(gone, await someone_claimed(shop))
    assert await undo(gone, 30) == 10
    assert (await survivor.scan(at(60), by_number=True))["points_earned"] == 10
    assert await undo(survivor, 90) == 10
    await transfer_device(shop, gone.shopper, MERGED_S)
    (posted,) = await shop.pool.fetch(
        "SELECT source_key FROM point_postings WHERE member_id = $1 AND kind = 'earn'", survivor.shopper.member_id
    )
    event = EarningEvent(
        member_id=gone.shopper.member_id,
        program_id=shop.program.id,
        store_id=gone.till.store_id,
        actor=f"till:{gone.till.id}",
        source="visit",
        source_key=posted["source_key"],
        at=at(700),
        now=at(700),
        is_unpaid=True,
    )
    async with shop.pool.acquire() as conn, conn.transaction():
        (earned,) = await reward_events(conn, [event])
    assert earned.points == 0
    await expect_sound(shop)
