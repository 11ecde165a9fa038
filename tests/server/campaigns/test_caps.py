"""A cap of n issues exactly n coupons, if n different ones are wanted: in one batch, in many, with duplicates."""

import asyncio
import contextlib
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.campaigns import Campaign
from coupons.coupon import CouponPush, NewCoupon
from coupons.coupons_repository import issue_coupons
from coupons.rules import IssueOutcome
from ids import CouponId
from kit.database import in_transaction
from kit.ids import new_id
from tests.support.gates import gate
from tests.support.shop import NOON, Shop, Shopper, fix

MEMBERS = 12


def wish(shop: Shop, campaign: Campaign, shopper: Shopper, period_key: str = "once") -> NewCoupon:
    expires_at = NOON + timedelta(days=1)
    return NewCoupon(
        id=CouponId(new_id()),
        member_id=shopper.member_id,
        program_id=shop.program.id,
        campaign_id=campaign.id,
        is_capped=campaign.cap is not None,
        period_key=period_key,
        store_id=shop.stores[0].id,
        event_at=NOON,
        issued_at=NOON,
        expires_at=expires_at,
        push=CouponPush(new_id(), shopper.device_id, {"title": "t"}, expires_at),
    )


async def issue(shop: Shop, wanted: list[NewCoupon]) -> dict[CouponId, IssueOutcome]:
    return await in_transaction(shop.pool, lambda conn: issue_coupons(conn, wanted))


async def test_a_batch_that_crosses_the_cap_in_its_middle_issues_exactly_the_cap(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=7)
    early, late = await shop.enrol(5), await shop.enrol(5)
    await shop.locate(*(shopper.sends(fix(NOON)) for shopper in early))
    located = await shop.locate(*(shopper.sends(fix(NOON)) for shopper in late))
    assert [len(each.coupons) for each in located] == [1, 1, 0, 0, 0]  # who came first in the batch
    assert [await shop.budget(campaign), await shop.count("coupons"), await shop.count("outbox")] == [7, 7, 7]


async def test_a_duplicates_place_goes_to_the_next_in_the_batch(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=3)
    shoppers = await shop.enrol(4)
    await issue(shop, [wish(shop, campaign, shoppers[0])])
    again = [wish(shop, campaign, shopper) for shopper in (shoppers[0], *shoppers)]
    outcomes = await issue(shop, again)
    expected = ["already_issued", "already_issued", "issued", "issued", "cap_reached"]
    assert [outcomes[coupon.id] for coupon in again] == expected
    assert [await shop.budget(campaign), await shop.count("coupons")] == [3, 3]


async def test_the_same_coupon_twice_in_a_batch_is_one(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=5)
    free = await shop.write_campaign()
    (shopper,) = await shop.enrol()
    wanted = [wish(shop, each, shopper) for each in (campaign, free, campaign, free)]
    outcomes = await issue(shop, wanted)
    assert sorted(outcomes.values()) == ["already_issued", "already_issued", "issued", "issued"]
    assert [await shop.budget(campaign), await shop.count("coupons"), await shop.count("outbox")] == [1, 2, 2]


async def test_an_exhausted_cap_is_answers_apart_from_a_coupon_that_is_there(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=1)
    lucky, unlucky = await shop.enrol(2)
    await issue(shop, [wish(shop, campaign, lucky)])
    wanted = [wish(shop, campaign, unlucky), wish(shop, campaign, lucky)]
    outcomes = await issue(shop, wanted)
    assert [outcomes[coupon.id] for coupon in wanted] == ["cap_reached", "already_issued"]


async def test_a_transaction_that_fails_gives_its_places_back(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=2)
    (shopper,) = await shop.enrol()

    async def fail(conn: object) -> None:
        await issue_coupons(conn, [wish(shop, campaign, shopper)])  # type: ignore[arg-type]
        raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        await in_transaction(shop.pool, fail)
    assert [await shop.budget(campaign), await shop.count("coupons")] == [0, 0]


async def test_batches_with_the_same_coupons_in_opposite_orders_do_not_deadlock(shop: Shop, database: str) -> None:
    """Held at the coupon in the middle, each would have what the other wants next, if they took them as they come."""
    campaign = await shop.write_campaign()
    shoppers = await shop.enrol(7)
    batches = [[wish(shop, campaign, shopper) for shopper in order] for order in (shoppers, shoppers[::-1])]
    middle = wish(shop, campaign, shoppers[3])
    hold = (
        "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at,"
        f" expires_at) VALUES ('{middle.member_id}', '{middle.id}', '{middle.program_id}', '{middle.campaign_id}',"
        f" 'once', '{middle.store_id}', now(), now(), now() + interval '1 day')"
    )
    async with gate(database, hold, 2):
        runs = [asyncio.create_task(issue_bare(shop, batch)) for batch in batches]
    answers = await asyncio.gather(*runs)
    assert sorted(list(each.values()).count("issued") for each in answers) == [0, 6]
    assert [await shop.count("coupons"), await shop.count("outbox")] == [7, 6]


# For each transaction the wishes (member, period, campaign) that it carries.
WISHES = st.tuples(st.integers(0, MEMBERS - 1), st.sampled_from("ab"), st.integers(0, 2))
BATCHES = st.lists(st.lists(WISHES, min_size=1, max_size=12), min_size=1, max_size=6)


@given(batches=BATCHES, caps=st.tuples(st.integers(0, 8), st.none() | st.integers(0, 30), st.integers(0, 3)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_races_a_cap_is_met_and_never_passed(
    shop: Shop, batches: list[list[tuple[int, str, int]]], caps: tuple[int | None, ...]
) -> None:
    shoppers = await members_of(shop)
    campaigns = [await shop.write_campaign(cap=cap) for cap in caps]
    wanted = [[wish(shop, campaigns[c], shoppers[m], period) for m, period, c in batch] for batch in batches]
    answers = await asyncio.gather(*(issue_bare(shop, batch) for batch in wanted))
    outcomes = {coupon_id: outcome for each in answers for coupon_id, outcome in each.items()}
    assert len(outcomes) == sum(len(batch) for batch in batches)
    for campaign in campaigns:
        own = [coupon for batch in wanted for coupon in batch if coupon.campaign_id == campaign.id]
        distinct = len({coupon.key for coupon in own})
        rows = await shop.pool.fetch("SELECT id FROM coupons WHERE campaign_id = $1", campaign.id)
        assert {row["id"] for row in rows} == {coupon.id for coupon in own if outcomes[coupon.id] == "issued"}
        assert len(rows) == (distinct if campaign.cap is None else min(campaign.cap, distinct))
        if campaign.cap is not None:
            assert await shop.budget(campaign) == len(rows)
        pushed = await shop.pool.fetch("SELECT coupon_id FROM outbox WHERE coupon_id = ANY ($1)", [c.id for c in own])
        assert {row["coupon_id"] for row in pushed} == {row["id"] for row in rows}


async def issue_bare(shop: Shop, wanted: list[NewCoupon]) -> dict[CouponId, IssueOutcome]:
    """Not through in_transaction, which would run a deadlock's victim again."""
    async with shop.pool.acquire() as conn, conn.transaction():
        return await issue_coupons(conn, wanted)


async def members_of(shop: Shop) -> list[Shopper]:
    """The same members for all examples of a test."""
    rows = await shop.pool.fetch("SELECT member_id, id FROM devices ORDER BY id")
    if len(rows) < MEMBERS:
        return await shop.enrol(MEMBERS)
    return [Shopper(row["member_id"], row["id"], "") for row in rows]
