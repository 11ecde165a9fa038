"""Coupons are reserved for a receipt, redeemed with it all together or not at all, and given back with it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from coupons.campaigns.campaigns_repository import find_campaign
from coupons.coupon_codes import make_coupon_code
from coupons.redemptions.benefits import AmountOff, Grant, PercentOff
from coupons.redemptions.conditions import Conditions
from ids import CouponId
from kit.database import Connection, Pool, in_transaction
from programs.tills_repository import Till
from server.privacy.erase import erase
from server.problems import Problem
from server.redemptions.baskets import BasketLine, PresentedCoupons, TillBasket
from server.redemptions.reserve import ReservationResult, reserve
from server.redemptions.settle import WrittenReceipt, redeem_reservation, refund_reservation, void_reservation
from server.redemptions.undo_redemption import undo_redemption
from tests.server.campaigns.test_withdrawal import withdrawn
from tests.server.redemptions.test_undo_redemption import a_till
from tests.server.redemptions.test_uses import left
from tests.support.gates import deadlocks, gate
from tests.support.merging import becomes, earn, pair, redeems
from tests.support.shop import Shop, Shopper, at

R = TypeVar("R")
ANY = Conditions(company="any")
BASKET = TillBasket([BasketLine(quantity=3, unit_price=500), BasketLine(unit_price=700)], 2200)
TEN, HUNDRED = Grant(benefit=PercentOff(10), conditions=ANY), Grant(benefit=AmountOff(100), conditions=ANY)


async def holds(
    shop: Shop, till: Till, shopper: Shopper, *coupons: CouponId, seconds: float = 60, pool: "Pool | None" = None
) -> ReservationResult:
    codes = [make_coupon_code(shop.keyring, shopper.member_id, coupon_id) for coupon_id in coupons]
    presented, hold = PresentedCoupons(coupons=codes), timedelta(minutes=15)

    async def work(conn: Connection) -> ReservationResult:
        return await reserve(conn, shop.keyring, till, presented, None, BASKET.to_basket(), hold, at(seconds))

    return await in_transaction(pool or shop.pool, work)


async def pays(
    shop: Shop, till: Till, held: ReservationResult, receipt: str = "C-1", *, seconds: float = 120, **changes: Any
) -> Any:
    amount, pool = changes.get("amount", held.to_pay), changes.get("pool", shop.pool)
    snapshot, written = (await shop.keeper()).current, WrittenReceipt(receipt, amount)
    return await in_transaction(
        pool,
        lambda conn: redeem_reservation(
            conn, snapshot, till, held.member_id, held.reservation_id, written, "en", at(seconds)
        ),
    )


async def voids(shop: Shop, till: Till, held: ReservationResult, seconds: float = 180) -> Any:
    return await in_transaction(
        shop.pool, lambda conn: void_reservation(conn, till, held.member_id, held.reservation_id, at(seconds))
    )


async def slug(work: Awaitable[object]) -> str:
    try:
        await work
    except Problem as problem:
        return problem.slug
    return "done"


async def two_coupons(shop: Shop, uses: int = 1) -> tuple[Shopper, list[CouponId]]:
    for grant in (TEN, HUNDRED):
        await shop.write_campaign(grant=Grant(benefit=grant.benefit, conditions=ANY, uses=uses))
    (shopper,) = await shop.enrol()
    return shopper, await earn(shop, shopper)


async def test_from_the_reservation_to_the_receipt_and_back(shop: Shop) -> None:
    shopper, coupons = await two_coupons(shop)
    till, other = await a_till(shop), await a_till(shop)
    held = await holds(shop, till, shopper, *coupons)
    assert (held.total, held.discount, held.to_pay) == (2200, 320, 1880)
    assert (await slug(holds(shop, other, shopper, coupons[0])), await left(shop, shopper.member_id)) == (
        "coupon-reserved",
        [1, 1],
    )
    assert await redeems(shop, other, shopper.member_id, coupons[1]) == "coupon-reserved"
    assert await slug(pays(shop, till, held, amount=1879)) == "invalid-request"
    redeemed = await pays(shop, till, held)
    assert set(redeemed.redemption_ids) == set(coupons)
    assert (redeemed.paid, await left(shop, shopper.member_id)) == (1880, [0, 0])
    used = "SELECT coupons_used FROM member_facts WHERE member_id = $1"
    assert await shop.pool.fetchval(used, shopper.member_id) == 2
    assert await slug(pays(shop, till, held)) == "already-redeemed"

    # Two of the three pieces: 1500 less 218 of the discount, by thirds and rounded down.
    refunded = await in_transaction(
        shop.pool, lambda conn: refund_reservation(conn, till, held.member_id, held.reservation_id, {0: 2}, at(150))
    )
    first_line = sum(line.discount for each in held.coupons for line in each.lines if line.line == 0)
    assert refunded.due_back == (1500 - first_line) * 2 // 3
    voided = await voids(shop, other, held)
    assert voided.due_back == 1880 - refunded.due_back
    assert await voids(shop, till, held, 600) == voided
    assert await shop.pool.fetchval(used, shopper.member_id) == 0
    assert await left(shop, shopper.member_id) == [1, 1]
    assert await slug(pays(shop, till, held)) == "reservation-over"
    again = await holds(shop, other, shopper, *coupons, seconds=200)
    assert (await pays(shop, other, again, seconds=210)).receipt == "C-1"


async def test_who_gives_back_may_have_asked_before_it_was_redeemed(shop: Shop) -> None:
    """Both were under way, and the redemption came first; or the other till's process has a slower clock."""
    shopper, coupons = await two_coupons(shop)
    till = await a_till(shop)
    held = await holds(shop, till, shopper, coupons[0])
    await pays(shop, till, held, seconds=120)
    assert (await voids(shop, till, held, 119)).due_back == held.to_pay
    assert await redeems(shop, till, shopper.member_id, coupons[1]) == "redeemed"  # at 700
    (used,) = await shop.rows("redemptions", "coupon_id")
    undone = await in_transaction(
        shop.pool, lambda conn: undo_redemption(conn, till, shopper.member_id, used["redemption_id"], at(699))
    )
    assert undone.undone_at == at(700)
    assert await left(shop, shopper.member_id) == [1, 1]


async def test_all_or_nothing(shop: Shop) -> None:
    shopper, coupons = await two_coupons(shop)
    till = await a_till(shop)
    assert await redeems(shop, till, shopper.member_id, coupons[1]) == "redeemed"
    assert await slug(holds(shop, till, shopper, *coupons)) == "already-redeemed"
    assert [await shop.count(table) for table in ("reservations", "redemptions")] == [0, 1]


async def test_a_receipt_counts_once_and_another_store_knows_nothing_of_it(shop: Shop) -> None:
    shopper, coupons = await two_coupons(shop)
    till, ((elsewhere, _),) = await a_till(shop), await shop.install_tills(1, 1)
    first, second = [await holds(shop, till, shopper, coupon_id) for coupon_id in coupons]
    await pays(shop, till, first)
    with pytest.raises(Exception, match="standing_receipt"):
        await pays(shop, till, second)
    assert await slug(pays(shop, elsewhere, second, "C-2")) == "not-found"
    await pays(shop, till, second, "C-2")


async def test_two_members_coupons_go_on_one_receipt_as_one_members_do(shop: Shop) -> None:
    campaigns = [
        await shop.write_campaign(grant=Grant(benefit=AmountOff(off), conditions=conditions))
        for off, conditions in ((100, ANY), (50, Conditions()))
    ]
    one, other, third = await shop.enrol(3)
    till = await a_till(shop)
    coupons = {}
    for shopper in (one, other, third):
        await earn(shop, shopper)
        rows = await shop.pool.fetch("SELECT id, campaign_id FROM coupons WHERE member_id = $1", shopper.member_id)
        coupons[shopper.member_id] = {row["campaign_id"]: CouponId(row["id"]) for row in rows}
    first, second = [
        await holds(shop, till, shopper, coupons[shopper.member_id][campaigns[0].id]) for shopper in (one, other)
    ]
    alone = await holds(shop, till, third, coupons[third.member_id][campaigns[1].id])
    await pays(shop, till, first)
    await pays(shop, till, second)
    assert await slug(pays(shop, till, alone)) == "coupon-conditions-unmet"
    assert await left(shop, third.member_id) == [1, 1]
    await voids(shop, till, first)
    await voids(shop, till, second)
    await pays(shop, till, alone)


async def test_it_ends_by_itself_and_whoever_comes_next_has_the_use(shop: Shop) -> None:
    shopper, coupons = await two_coupons(shop)
    till, other = await a_till(shop), await a_till(shop)
    held = await holds(shop, till, shopper, *coupons)
    over = 60 + 15 * 60
    assert await slug(holds(shop, other, shopper, coupons[0], seconds=over - 1)) == "coupon-reserved"
    newer = await holds(shop, other, shopper, coupons[0], seconds=over)
    assert await slug(pays(shop, till, held, seconds=over)) == "reservation-over"
    await pays(shop, other, newer, seconds=over + 1)
    assert (await voids(shop, till, held, over + 2)).due_back == 0
    assert await left(shop, shopper.member_id) == [1, 0] or await left(shop, shopper.member_id) == [0, 1]


async def test_what_was_withdrawn_or_moved_meanwhile_is_not_redeemed_but_what_has_expired_is(shop: Shop) -> None:
    campaign = await shop.write_campaign(grant=TEN)
    old, new = await pair(shop)
    till = await a_till(shop)
    (coupon_id,) = await earn(shop, new)
    held = await holds(shop, till, new, coupon_id, seconds=590)
    await shop.pool.execute("UPDATE coupons SET expires_at = $1", at(595))
    await pays(shop, till, held, seconds=596)
    await voids(shop, till, held, 597)
    await shop.pool.execute("UPDATE coupons SET expires_at = $1", at(7200))
    held = await holds(shop, till, new, coupon_id, seconds=598)
    one = await becomes(shop, new, old)
    assert await slug(pays(shop, till, held, seconds=601)) == "reservation-over"
    (moved,) = await shop.pool.fetch("SELECT id FROM coupons WHERE member_id = $1", one.member_id)
    held = await holds(shop, till, one, CouponId(moved["id"]), seconds=610)
    await withdrawn(shop, campaign, 1, 620)
    assert await slug(pays(shop, till, held, seconds=630)) == "coupon-withdrawn"


async def test_where_one_coupon_is_gone_the_others_do_not_take_off_what_all_did(shop: Shop) -> None:
    for grant in (TEN, HUNDRED):
        await shop.write_campaign(grant=grant)
    old, new = await pair(shop)
    till = await a_till(shop)
    (used, _), theirs = await earn(shop, new), await earn(shop, old)
    assert await slug(pays(shop, till, await holds(shop, till, new, used, seconds=500), "C-0", seconds=510)) == "done"
    held = await holds(shop, till, old, *theirs, seconds=590)
    await becomes(shop, new, old)

    assert await slug(pays(shop, till, held, seconds=610)) == "reservation-over"

    assert await shop.pool.fetchval("SELECT count(*) FROM redemptions WHERE redemption_id IS NOT NULL") == 1


async def test_fifty_tills_reserve_three_uses(shop: Shop, race_pool: Pool, database: str) -> None:
    shopper, coupons = await two_coupons(shop, uses=3)
    tills = [till for till, _ in await shop.install_tills(18)]
    async with gate(database, "LOCK TABLE redemptions IN SHARE MODE", len(tills)):
        runs = [asyncio.create_task(slug(holds(shop, till, shopper, *coupons, pool=race_pool))) for till in tills]
    outcomes = sorted(await asyncio.gather(*runs))
    assert outcomes == ["coupon-reserved"] * 15 + ["done"] * 3
    assert [await shop.count(table) for table in ("reservations", "redemptions")] == [3, 6]
    assert await deadlocks(database) == 0


Rival = Callable[[Shop, Pool, Till, Shopper, CouponId], Awaitable[str]]


async def _takes_over(shop: Shop, pool: Pool, till: Till, shopper: Shopper, coupon_id: CouponId) -> str:
    return await slug(holds(shop, till, shopper, coupon_id, seconds=60 + 15 * 60, pool=pool))


async def _erases(shop: Shop, pool: Pool, till: Till, shopper: Shopper, coupon_id: CouponId) -> str:
    return await slug(in_transaction(pool, lambda conn: erase(conn, shop.program.id, shopper.member_id, at(130))))


async def _merges(shop: Shop, pool: Pool, till: Till, shopper: Shopper, coupon_id: CouponId) -> str:
    (survivor,) = await shop.enrol()
    return await slug(becomes(shop, shopper, survivor, 130))


async def _withdraws(shop: Shop, pool: Pool, till: Till, shopper: Shopper, coupon_id: CouponId) -> str:
    campaign_id = await shop.pool.fetchval("SELECT campaign_id FROM coupons WHERE id = $1", coupon_id)
    async with shop.pool.acquire() as conn:
        campaign = await find_campaign(conn, shop.program.id, campaign_id)
    assert campaign is not None
    return await slug(withdrawn(shop, campaign, 10, 130, pool))


@pytest.mark.parametrize("rival", [_takes_over, _erases, _merges, _withdraws], ids=lambda each: each.__name__)
async def test_a_use_is_redeemed_or_somebody_elses_and_never_both(
    shop: Shop, race_pool: Pool, database: str, rival: Rival
) -> None:
    """The redemption and its rival are let go at the same moment, each first in one of the rounds."""
    await shop.write_campaign(grant=HUNDRED)
    till, other = await a_till(shop), await a_till(shop)
    for round_ in range(4):
        (shopper,) = await shop.enrol()
        if not (coupons := await earn(shop, shopper)):
            break  # withdrawn
        held = await holds(shop, till, shopper, coupons[0])

        async def redeem_it() -> str:
            return await slug(pays(shop, till, held, f"C-{round_}", pool=race_pool))  # noqa: B023 - awaited in its round

        async def beside_it() -> str:
            return await rival(shop, race_pool, other, shopper, coupons[0])  # noqa: B023 - awaited in its round

        runs: Sequence[Callable[[], Any]] = (redeem_it, beside_it) if round_ % 2 else (beside_it, redeem_it)
        answers = await asyncio.gather(*(run() for run in runs))
        redeemed, beside = answers if round_ % 2 else answers[::-1]
        rows = await shop.pool.fetch("SELECT * FROM redemptions WHERE coupon_id = $1", coupons[0])
        used = [row for row in rows if row["till_id"] is not None]
        assert len(rows) <= 1
        assert (redeemed == "done") == (len(used) == 1), (redeemed, beside, rows)
        if rival is _takes_over:
            assert (redeemed == "done") != (beside == "done")
        if rival is _merges and redeemed == "done":
            assert rows[0]["moved_to"] is None
    assert await deadlocks(database) == 0
