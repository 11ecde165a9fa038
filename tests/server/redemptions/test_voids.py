"""The staff void one coupon: what was left of it is gone wherever it is asked for, until they lift the void."""

from functools import partial

import asyncpg
import pytest

from coupons.coupon_codes import make_coupon_code
from coupons.coupons_repository import list_coupons_of_member, list_usable_coupons
from coupons.redemptions.benefits import Grant
from coupons.redemptions.offline_repository import list_used_offline
from kit.database import in_transaction
from kit.pages import parse_page
from push.dispatch import dispatch_once
from push.sink import SinkSender
from server.audiences.recompute import recompute_facts
from server.privacy.erase import erase
from server.problems import Problem
from tests.server.campaigns.test_withdrawal import on_pass, tried, withdrawn
from tests.server.redemptions.test_report_redemptions import earns, read, reports
from tests.server.redemptions.test_reservations import holds, pays, slug, two_coupons, voids
from tests.server.redemptions.test_undo_redemption import a_holder, a_till, undo, used
from tests.server.redemptions.test_uses import left
from tests.support.merging import becomes, earn, pair, redeems
from tests.support.shop import Shop, at
from tests.support.voiding import REASON, lifts, staff_of, voids_coupon


async def test_a_voided_coupon_is_used_nowhere_and_its_place_stays_taken(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=1)
    (shopper, other), till, staff = await shop.enrol(2), await a_till(shop), await staff_of(shop)
    (coupon_id,) = await earn(shop, shopper)
    assert await on_pass(shop, shopper) is not None
    told = await voids_coupon(shop, staff, shopper.member_id, coupon_id)
    assert (told.coupon_id, told.uses_ended, told.voided_at, told.reason) == (coupon_id, 1, at(70), REASON)
    assert await on_pass(shop, shopper) is None

    refused = await tried(shop, till, shopper.member_id, coupon_id)
    assert (refused.slug, refused.extra) == ("coupon-voided", {"voided_at": at(70)})
    assert REASON not in refused.detail
    assert await slug(holds(shop, till, shopper, coupon_id)) == "coupon-voided"
    async with shop.pool.acquire() as conn:
        (listed,) = await list_coupons_of_member(conn, [shopper.member_id], parse_page(None, 9), None)
        assert (listed.voided_at, listed.redeemed_at, listed.uses_left) == (at(70), None, 0)
        assert await list_usable_coupons(conn, [shopper.member_id], at(75)) == []
        assert await list_coupons_of_member(conn, [shopper.member_id], parse_page(None, 9), at(75)) == []
    # It was issued: the cap is as full as before.
    assert (await shop.budget(campaign), await earn(shop, other, 600)) == (1, [])
    assert await recompute_facts(shop.pool, is_check=True) == []
    facts = "SELECT (coupons_issued, coupons_used) FROM member_facts WHERE member_id = $1"
    assert await shop.pool.fetchval(facts, shopper.member_id) == (1, 0)


async def test_once_and_only_what_can_still_be_used(shop: Shop) -> None:
    campaign, till, staff = await shop.write_campaign(), await a_till(shop), await staff_of(shop)
    (one, one_id), (two, two_id), (three, three_id) = [await a_holder(shop) for _ in range(3)]
    await voids_coupon(shop, staff, one.member_id, one_id)
    await used(shop, till, two.member_id, two_id)
    with pytest.raises(Problem) as caught:
        await voids_coupon(shop, staff, one.member_id, one_id, 90)
    assert (caught.value.slug, caught.value.extra) == ("coupon-voided", {"voided_at": at(70)})
    assert await slug(voids_coupon(shop, staff, two.member_id, two_id)) == "already-redeemed"
    assert await slug(voids_coupon(shop, staff, three.member_id, one_id)) == "not-found"  # somebody else's
    assert await slug(voids_coupon(shop, staff, three.member_id, three_id, 10**9)) == "coupon-expired"
    assert (await withdrawn(shop, campaign, 1, 80)).unused_coupons == 1  # what is voided is not out any more
    assert await slug(voids_coupon(shop, staff, three.member_id, three_id, 90)) == "coupon-withdrawn"
    assert [row["reason"] for row in await shop.rows("coupon_voids")] == [REASON]


async def test_a_slip_is_mended(shop: Shop) -> None:
    till, staff, (shopper, coupon_id) = await a_till(shop), await staff_of(shop), await a_holder(shop)
    assert await slug(lifts(shop, staff, shopper.member_id, coupon_id)) == "not-found"
    await voids_coupon(shop, staff, shopper.member_id, coupon_id)
    lifted = await lifts(shop, staff, shopper.member_id, coupon_id)
    assert (lifted.lifted_at, lifted.uses_left, await left(shop, shopper.member_id)) == (at(80), 1, [1])
    assert await slug(lifts(shop, staff, shopper.member_id, coupon_id)) == "not-found"
    await voids_coupon(shop, staff, shopper.member_id, coupon_id, 85)
    lifted = await lifts(shop, staff, shopper.member_id, coupon_id, 84)
    assert lifted.lifted_at == at(85), "not before it was voided, whatever this server's clock says"
    assert await redeems(shop, till, shopper.member_id, coupon_id) == "redeemed"
    assert await slug(voids_coupon(shop, staff, shopper.member_id, coupon_id, 800)) == "already-redeemed"
    rows = await shop.rows("coupon_voids", "voided_at")
    assert [(row["voided_at"], row["lifted_at"]) for row in rows] == [(at(70), at(80)), (at(85), at(85))]
    assert await recompute_facts(shop.pool, is_check=True) == []


async def test_a_use_that_a_till_gives_back_stays_void(shop: Shop) -> None:
    """Of several uses those that were made stay made; the till's undo and the void of a receipt open none of them."""
    await shop.write_campaign(grant=Grant(uses=3))
    (shopper,), till, staff = await shop.enrol(), await a_till(shop), await staff_of(shop)
    (coupon_id,) = await earn(shop, shopper)
    held = await holds(shop, till, shopper, coupon_id, seconds=50)
    await pays(shop, till, held, seconds=55)
    first = await used(shop, till, shopper.member_id, coupon_id)
    assert (await voids_coupon(shop, staff, shopper.member_id, coupon_id)).uses_ended == 1
    assert not (await undo(shop, till, shopper, first)).is_coupon_usable
    assert (await voids(shop, till, held, 95)).due_back == held.to_pay
    assert await left(shop, shopper.member_id) == [0]
    assert (await tried(shop, till, shopper.member_id, coupon_id, 100)).slug == "coupon-voided"
    assert await shop.count("undone_redemptions") == 2
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await shop.pool.execute("DELETE FROM redemptions WHERE void_id IS NOT NULL")
    assert await recompute_facts(shop.pool, is_check=True) == []
    assert (await lifts(shop, staff, shopper.member_id, coupon_id, 110)).uses_left == 3


async def test_a_receipt_that_holds_it_is_over_with_all_that_it_holds(shop: Shop) -> None:
    shopper, coupons = await two_coupons(shop)
    till, staff = await a_till(shop), await staff_of(shop)
    held = await holds(shop, till, shopper, *coupons)
    await voids_coupon(shop, staff, shopper.member_id, coupons[0])
    assert await slug(pays(shop, till, held)) == "reservation-over"
    assert sorted(await left(shop, shopper.member_id)) == [0, 1]
    again = await holds(shop, till, shopper, coupons[1], seconds=130)
    assert (await pays(shop, till, again, seconds=140)).redemption_ids.keys() == {coupons[1]}


async def test_who_may_void_it(shop: Shop) -> None:
    store, elsewhere = shop.stores[:2]
    await shop.write_campaign(store_ids=frozenset({store.id}))
    shopper, later = await shop.enrol(2)
    (coupon_id,) = await earn(shop, shopper)
    stranger = await staff_of(shop, "store_manager", elsewhere.id)
    assert await slug(voids_coupon(shop, stranger, shopper.member_id, coupon_id)) == "not-found"
    manager = await staff_of(shop, "store_manager", store.id)
    await voids_coupon(shop, manager, shopper.member_id, coupon_id)
    assert await slug(lifts(shop, stranger, shopper.member_id, coupon_id)) == "not-found"

    await shop.write_campaign()
    _, for_all = await earn(shop, later)
    assert await slug(voids_coupon(shop, manager, later.member_id, for_all)) == "forbidden"


async def test_who_became_another_member(shop: Shop) -> None:
    """What was voided does not move; who has become another one gets nothing back under the former name."""
    await shop.write_campaign()
    old, new = await pair(shop)
    staff, till = await staff_of(shop), await a_till(shop)
    (coupon_id,) = await earn(shop, new)
    await voids_coupon(shop, staff, new.member_id, coupon_id)
    old = await becomes(shop, new, old)
    assert await left(shop, old.member_id) == [0]
    assert await earn(shop, old, 700) == []  # the period's coupon was theirs
    assert await slug(lifts(shop, staff, old.member_id, coupon_id, 800)) == "invalid-member-state"
    assert await redeems(shop, till, new.member_id, coupon_id) == "coupon-voided"
    assert await recompute_facts(shop.pool, is_check=True) == []


async def test_a_till_that_took_it_offline_is_told_of_the_void(shop: Shop) -> None:
    shopper, code = await earns(shop)
    till, staff, coupon_id = await a_till(shop), await staff_of(shop), read(code).coupon_id
    await voids_coupon(shop, staff, shopper.member_id, coupon_id)

    async def changes() -> list[tuple[int, bool]]:
        async with shop.pool.acquire() as conn:
            told = await list_used_offline(conn, shop.program.id, {read(code).campaign_id}, at(60), 50, at(75))
        return [(each.uses_left, each.is_voided) for each in told]

    assert await changes() == [(0, True)]
    # Taken before it was voided, and reported after: kept for the staff, as what it is.
    (answer,) = await reports(shop, till, (code, 60))
    assert (answer.outcome, answer.conflict, answer.first) == ("conflict", "voided", None)
    await lifts(shop, staff, shopper.member_id, coupon_id)
    assert await changes() == [(1, False)]


async def test_what_waits_of_it_is_not_sent(shop: Shop) -> None:
    staff, (shopper, coupon_id) = await staff_of(shop), await a_holder(shop)
    await voids_coupon(shop, staff, shopper.member_id, coupon_id)
    assert [(row["state"], row["failure"]) for row in await shop.rows("outbox")] == [("dropped", "coupon_voided")]
    # Where it was leased at that moment, it is looked up as it is sent.
    await shop.pool.execute("UPDATE outbox SET state = 'pending', failure = NULL, next_attempt_at = $1", at(0))
    count = await dispatch_once(
        shop.pool, SinkSender(), code_of=partial(make_coupon_code, shop.keyring), circuits={}, clock=lambda: at(80)
    )
    assert (count.sent, count.dropped) == (0, 1)
    assert [(row["state"], row["failure"]) for row in await shop.rows("outbox")] == [("dropped", "coupon_voided")]


async def test_an_erasure_leaves_no_reason(shop: Shop) -> None:
    staff, (shopper, coupon_id) = await staff_of(shop), await a_holder(shop)
    await voids_coupon(shop, staff, shopper.member_id, coupon_id)
    await in_transaction(shop.pool, partial(erase, program_id=shop.program.id, member_id=shopper.member_id, now=at(90)))
    assert await shop.rows("coupon_voids") == await shop.rows("voided_uses", "use_no") == []
    (use,) = await shop.rows("redemptions", "use_no")
    assert use["void_id"] == coupon_id
