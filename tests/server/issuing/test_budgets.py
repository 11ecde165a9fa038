"""Budgets in slices: nobody waits while places are left, all that are left are found, and caps hold together."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import update_campaign
from coupons.coupon import NewCoupon
from coupons.issuing.budgets import budgets_of, slice_size
from coupons.issuing.budgets_repository import allot, move_caps, purge_budgets
from coupons.issuing.rules import IssueOutcome
from kit.database import Connection, in_transaction
from programs import programs_repository
from tests.support.gates import deadlocks, gate
from tests.support.issued import read_issued
from tests.support.shop import NOON, Shop, at, fix
from tests.support.wishing import issue, issue_and_tell, wish

TODAY = NOON.date()


@pytest.mark.parametrize(
    ("unallotted", "wanted", "size"),
    [(0, 5, 0), (3, 5, 3), (5, 5, 5), (100, 1, 6), (100, 50, 50), (10**12, 1, 10_000), (10**12, 20_000, 20_000)],
)
def test_a_slice_is_smaller_as_the_cap_comes_near(unallotted: int, wanted: int, size: int) -> None:
    assert slice_size(unallotted, wanted) == size


async def test_nobody_waits_for_another_while_places_are_left(shop: Shop) -> None:
    """With one locked row a budget the second would wait for the first, which never ends here."""
    campaign = await shop.write_campaign(cap=50, store_cap=50)
    first, second = await shop.enrol(2)
    await in_transaction(shop.pool, lambda conn: allot(conn, dict.fromkeys(budgets(shop, campaign), 1)))
    async with shop.pool.acquire() as conn, conn.transaction():
        assert list((await issue_and_tell(conn, [wish(shop, campaign, first)])).values()) == ["issued"]
        assert list((await issue(shop, [wish(shop, campaign, second)])).values()) == ["issued"]
    assert await shop.budget(campaign) == 2


@pytest.mark.parametrize("ends", ["commits", "fails", "is cut off"])
async def test_at_the_end_of_a_budget_who_holds_the_last_place_is_waited_for(
    shop: Shop, database: str, ends: str
) -> None:
    """A refusal is true: the place was used. What is given up, or lost with its session, goes to who waits."""
    campaign = await shop.write_campaign(cap=1)
    first, second = await shop.enrol(2)
    await in_transaction(shop.pool, lambda conn: allot(conn, dict.fromkeys(budgets(shop, campaign), 1)))
    holder = await asyncpg.connect(database)
    transaction = holder.transaction()
    await transaction.start()
    await issue_and_tell(holder, [wish(shop, campaign, first)])
    async with gate(database, "SELECT 1", 1):
        waiting = asyncio.create_task(issue(shop, [wish(shop, campaign, second)]))
    if ends == "is cut off":
        holder.terminate()
    else:
        await (transaction.commit() if ends == "commits" else transaction.rollback())
        await holder.close()
    assert list((await waiting).values()) == ["cap_reached" if ends == "commits" else "issued"]
    assert await shop.budget(campaign) == 1


async def test_the_caps_of_store_and_day_hold_together_and_a_refusal_takes_no_place(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=9, store_cap=5, day_cap=4, store_day_cap=3)
    shoppers = await shop.enrol(24)
    days = [TODAY + timedelta(days=number) for number in range(3)]
    wanted = [
        wish(shop, campaign, shoppers[8 * d + 4 * b + n], block=b, day=day)
        for d, day in enumerate(days)
        for b in range(2)
        for n in range(4)
    ]
    outcomes = await issue(shop, wanted)
    issued = [coupon for coupon in wanted if outcomes[coupon.id] == "issued"]
    each = Counter((coupon.store_id, coupon.business_day) for coupon in issued)
    numbers = [each[store.id, day] for day in days for store in shop.stores]
    # Three and one on the first day, two and two on the second, and of the third what both caps leave: the first
    # store has had its five.
    assert numbers == [3, 1, 2, 2, 0, 1]
    assert {outcomes[coupon.id] for coupon in wanted} == {"issued", "cap_reached"}
    assert await read_issued(shop.pool) == {
        budget.id: sum(budget in coupon.budgets for coupon in issued) for coupon in wanted for budget in coupon.budgets
    }


async def test_an_event_is_counted_to_the_business_day_of_its_store(shop: Shop) -> None:
    """The stores' day begins at 04:00: an hour after midnight is the evening before."""
    await shop.write_campaign(day_cap=1, max_event_age_s=10**6)
    evening, night, morning = await shop.enrol(3)
    told = [
        len((await shop.locate(shopper.sends(fix(at(3600 * hours)))))[0].coupons)
        for shopper, hours in ((evening, 11), (night, 13), (morning, 16))
    ]
    assert told == [1, 0, 1]


async def told(shop: Shop, wanted: list[NewCoupon]) -> list[IssueOutcome]:
    outcomes = await issue(shop, wanted)
    return [outcomes[coupon.id] for coupon in wanted]


def budgets(shop: Shop, campaign: Campaign, block: int = 0, day: date = TODAY) -> tuple[Any, ...]:
    return budgets_of(campaign, shop.stores[block].id, day)


async def move(shop: Shop, campaign: Campaign, **caps: int) -> bool:
    moved = msgspec.structs.replace(campaign, **caps)

    async def work(conn: Connection) -> bool:
        if not await move_caps(conn, moved):
            return False
        version = await programs_repository.bump_campaign_version(conn, shop.program.id)
        written: int = await conn.fetchval("SELECT current_version FROM campaigns WHERE id = $1", moved.id)
        await update_campaign(conn, msgspec.structs.replace(moved, version=written + 1), version, NOON)
        return True

    return await in_transaction(shop.pool, work)


async def test_a_cap_moves_down_to_what_is_issued_whatever_lies_in_slices(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=100, store_cap=60, day_cap=50)
    shoppers = await shop.enrol(8)
    await issue(shop, [wish(shop, campaign, shopper) for shopper in shoppers[:3]])
    assert not await move(shop, campaign, cap=2)
    assert not await move(shop, campaign, store_cap=2)
    assert await move(shop, campaign, cap=4, store_cap=4)
    # A day's cap may be lower than what the day has issued: then it is over for that day only.
    assert await move(shop, campaign, cap=4, store_cap=4, day_cap=2)
    late = [wish(shop, campaign, shoppers[3]), wish(shop, campaign, shoppers[4], day=TODAY + timedelta(days=1))]
    assert await told(shop, late) == ["cap_reached", "issued"]
    assert await move(shop, campaign, cap=5, store_cap=5, day_cap=4)
    rest = [wish(shop, campaign, shopper) for shopper in shoppers[5:]]
    assert await told(shop, rest) == ["issued", "cap_reached", "cap_reached"]
    assert await shop.budget(campaign) == 5


async def test_a_cap_that_moves_down_waits_for_those_who_hold_slices(shop: Shop, database: str) -> None:
    campaign = await shop.write_campaign(cap=100)
    first, second = await shop.enrol(2)
    await in_transaction(shop.pool, lambda conn: allot(conn, dict.fromkeys(budgets(shop, campaign), 1)))
    async with shop.pool.acquire() as conn, conn.transaction():
        await issue_and_tell(conn, [wish(shop, campaign, first)])
        async with gate(database, "SELECT 1", 2) as arrived:
            moving = asyncio.create_task(move(shop, campaign, cap=1))
            await arrived(1)
            issuing = asyncio.create_task(told(shop, [wish(shop, campaign, second), wish(shop, campaign, first)]))
    assert await moving
    assert await issuing == ["cap_reached", "already_issued"]
    assert await deadlocks(database) == 0


async def test_what_is_empty_and_what_is_long_past_is_removed(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=1, day_cap=50)
    (shopper,) = await shop.enrol()
    await issue(shop, [wish(shop, campaign, shopper)])
    await in_transaction(shop.pool, lambda conn: purge_budgets(conn, NOON))
    assert [await shop.count("budgets"), await shop.count("slices")] == [2, 1]
    await in_transaction(shop.pool, lambda conn: purge_budgets(conn, NOON + timedelta(days=202)))
    assert [await shop.count("budgets"), await shop.count("slices")] == [1, 0]
    assert await shop.budget(campaign) == 1
