"""A void against tills that want the same coupon at the same moment: one of the two has it, whoever comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from coupons.coupon_codes import make_coupon_code
from coupons.redemptions.benefits import Grant
from ids import CouponId
from kit.database import Pool, in_transaction
from programs.staff_repository import Session
from programs.tills_repository import Till
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.void_coupon import void_coupon
from tests.server.redemptions.test_report_redemptions import earns, read, reports
from tests.server.redemptions.test_reservations import holds, slug
from tests.server.redemptions.test_undo_redemption import a_holder, a_till, undo, used
from tests.server.redemptions.test_uses import left
from tests.support.gates import IS_WAITED, deadlocks, gate
from tests.support.merging import earn
from tests.support.shop import Shop, Shopper, at
from tests.support.voiding import REASON, lifts, staff_of, voids_coupon
from tests.support.waiting import until


def redeeming(shop: Shop, pool: Pool, till: Any, member_id: Any, coupon_id: Any) -> "asyncio.Task[str]":
    async def run() -> str:
        command = RedeemCommand(till, make_coupon_code(shop.keyring, member_id, coupon_id), None, at(60))
        (answer,) = await in_transaction(pool, partial(redeem, keyring=shop.keyring, commands=[command]))
        return answer.slug if isinstance(answer, Problem) else "done"

    return asyncio.create_task(run())


@pytest.mark.parametrize("uses", [1, 2])
async def test_a_till_that_redeems_what_is_being_voided(shop: Shop, race_pool: Pool, database: str, uses: int) -> None:
    """It has found the coupon open, and waits for the key: of the other use too, which is gone as well."""
    shopper, coupon_id, till, staff = await a_coupon_of(shop, uses)
    async with shop.pool.acquire() as conn, conn.transaction():
        await void_coupon(conn, staff, shopper.member_id, coupon_id, REASON, at(60))
        taking = redeeming(shop, race_pool, till, shopper.member_id, coupon_id)
        await until(partial(shop.pool.fetchval, IS_WAITED))
    assert await taking == "coupon-voided"
    assert {row["till_id"] for row in await shop.rows("redemptions", "use_no")} == {None}
    assert await deadlocks(database) == 0


@pytest.mark.parametrize(("uses", "outcome"), [(1, "already-redeemed"), (2, "done")])
async def test_a_void_of_what_is_being_redeemed(
    shop: Shop, race_pool: Pool, database: str, uses: int, outcome: str
) -> None:
    shopper, coupon_id, till, staff = await a_coupon_of(shop, uses)
    command = RedeemCommand(till, make_coupon_code(shop.keyring, shopper.member_id, coupon_id), None, at(60))
    async with shop.pool.acquire() as conn, conn.transaction():
        await redeem(conn, shop.keyring, [command])
        voiding = asyncio.create_task(slug(voids_coupon(shop, staff, shopper.member_id, coupon_id, pool=race_pool)))
        await until(partial(shop.pool.fetchval, IS_WAITED))
    assert await voiding == outcome
    rows = await shop.rows("redemptions", "use_no")
    assert [row["till_id"] is not None for row in rows] == [True, False][:uses]
    assert await shop.count("coupon_voids") == uses - 1
    assert await deadlocks(database) == 0


async def a_coupon_of(shop: Shop, uses: int) -> tuple[Shopper, CouponId, Till, Session]:
    await shop.write_campaign(grant=Grant(uses=uses))
    (shopper,) = await shop.enrol()
    (coupon_id,) = await earn(shop, shopper)
    return shopper, coupon_id, await a_till(shop), await staff_of(shop)


async def test_many_tills_and_many_of_the_staff(shop: Shop, race_pool: Pool, database: str) -> None:
    """Some redeem by the code, some reserve, some report what they took offline: one of them has it, or the void."""
    shopper, code = await earns(shop)
    coupon_id = read(code).coupon_id
    tills = [till for till, _ in await shop.install_tills(4)]
    staff = [await staff_of(shop) for _ in range(3)]

    async def reported(till: Any) -> str:
        (answer,) = await reports(shop, till, (code, 60), pool=race_pool)
        return str(answer.conflict or answer.outcome)

    async with gate(database, "SELECT FROM members FOR UPDATE", 3):
        runs = [
            *(redeeming(shop, race_pool, till, shopper.member_id, coupon_id) for till in tills[:2]),
            *(slug(holds(shop, till, shopper, coupon_id, pool=race_pool)) for till in tills[2:]),
            reported(tills[3]),
            *(slug(voids_coupon(shop, each, shopper.member_id, coupon_id, pool=race_pool)) for each in staff),
        ]
        racing = asyncio.gather(*runs)
    outcomes = await racing
    (row,) = await shop.rows("redemptions", "use_no")
    voids = [outcome for outcome in outcomes[5:] if outcome == "done"]
    assert len(voids) == (row["void_id"] is not None)
    assert await shop.count("coupon_voids") == len(voids)
    if voids:
        assert row["till_id"] is None
        assert {outcomes[4], *outcomes[:2]} <= {"voided", "coupon-voided", "coupon-reserved", "later"}
    assert await deadlocks(database) == 0


@pytest.mark.parametrize("first", ["undo", "void"])
async def test_a_till_that_takes_its_redemption_back(shop: Shop, race_pool: Pool, database: str, first: str) -> None:
    await shop.write_campaign(grant=Grant(uses=2))
    (shopper,), till, staff = await shop.enrol(), await a_till(shop), await staff_of(shop)
    (coupon_id,) = await earn(shop, shopper)
    redemption_id = await used(shop, till, shopper.member_id, coupon_id)
    async with gate(database, "SELECT FROM members FOR UPDATE", 2) as arrived:
        starts: dict[str, Callable[[], Awaitable[object]]] = {
            "undo": partial(undo, shop, till, shopper, redemption_id, pool=race_pool),
            "void": partial(voids_coupon, shop, staff, shopper.member_id, coupon_id, pool=race_pool),
        }
        runs = [asyncio.create_task(slug(starts.pop(first)()))]
        await arrived(1)
        ((_, second),) = starts.items()
        runs.append(asyncio.create_task(slug(second())))
    assert await asyncio.gather(*runs) == ["done", "done"]
    assert await left(shop, shopper.member_id) == [0]
    assert [row["till_id"] for row in await shop.rows("redemptions", "use_no")] == [None, None]
    assert await deadlocks(database) == 0


async def test_who_lifts_a_void_twice_at_once(shop: Shop, race_pool: Pool, database: str) -> None:
    staff, (shopper, coupon_id) = await staff_of(shop), await a_holder(shop)
    await voids_coupon(shop, staff, shopper.member_id, coupon_id)
    async with gate(database, "SELECT FROM members FOR UPDATE", 2):
        runs = asyncio.gather(
            *(slug(lifts(shop, staff, shopper.member_id, coupon_id, pool=race_pool)) for _ in range(2))
        )
    assert sorted(await runs) == ["done", "not-found"]
    assert await left(shop, shopper.member_id) == [1]
    assert await deadlocks(database) == 0
