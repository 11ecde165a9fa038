"""A cap of n issues exactly n coupons, if n different ones are wanted: in one batch, in many, with duplicates."""

import asyncio
import contextlib
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.campaigns.campaign import Campaign
from coupons.issuing.budgets import Budget
from ids import CouponId
from kit.database import in_transaction
from kit.ids import new_id
from tests.support.gates import gate
from tests.support.issued import read_issued
from tests.support.shop import NOON, Shop, Shopper, fix
from tests.support.wishing import issue, issue_and_tell, issue_bare, wish

MEMBERS = 12


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


@pytest.mark.parametrize(
    ("caps", "full"),
    [
        ({"cap": 1}, ("campaign", 1)),
        ({"day_cap": 1, "cap": 9}, ("day", 1)),
        ({"store_cap": 1, "day_cap": 9}, ("store", 1)),
        ({"store_day_cap": 1, "store_cap": 9}, ("store_day", 1)),
        ({"store_day_cap": 1, "store_cap": 1, "cap": 1}, ("campaign", 1)),  # more for a store would change nothing
        ({"store_day_cap": 1, "day_cap": 0}, ("day", 0)),
    ],
)
async def test_which_cap_was_reached_is_kept(shop: Shop, caps: dict[str, Any], full: tuple[str, int]) -> None:
    await shop.write_campaign(**caps)
    first, second = await shop.enrol(2)
    await shop.locate(first.sends(fix(NOON)))
    await shop.locate(second.sends(fix(NOON)))
    decisions = [each for each in await shop.decisions() if each["outcome"] == "cap_reached"]
    kept = json.loads(decisions[-1]["read"])
    assert (kept["cap"], kept["limit"]) == full


async def test_a_transaction_that_fails_gives_its_places_back(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=2)
    (shopper,) = await shop.enrol()

    async def fail(conn: object) -> None:
        await issue_and_tell(conn, [wish(shop, campaign, shopper)])  # type: ignore[arg-type]
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
        "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, business_day,"
        f" issued_at, expires_at) VALUES ('{middle.member_id}', '{middle.id}', '{middle.program_id}',"
        f" '{middle.campaign_id}', 'once', '{middle.store_id}', now(), now(), now(), now() + interval '1 day')"
    )
    async with gate(database, hold, 2):
        runs = [asyncio.create_task(issue_bare(shop, batch)) for batch in batches]
    answers = await asyncio.gather(*runs)
    assert sorted(list(each.values()).count("issued") for each in answers) == [0, 6]
    assert [await shop.count("coupons"), await shop.count("outbox")] == [7, 6]


async def test_who_leaves_a_place_by_waiting_for_a_key_holds_no_later_one(shop: Shop, database: str) -> None:
    """At one store two places for three, of which somebody else is just issued one: what was refused has its place."""
    campaign = await shop.write_campaign(store_cap=2)
    shoppers = await shop.enrol(3)
    low, high, contested = (wish(shop, campaign, shopper) for shopper in shoppers)
    elsewhere = [wish(shop, campaign, shopper, block=1) for shopper in shoppers[:2]]
    hold = (
        "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, business_day,"
        f" issued_at, expires_at) VALUES ('{contested.member_id}', '{contested.id}', '{contested.program_id}',"
        f" '{contested.campaign_id}', 'once', '{contested.store_id}', now(), now(), now(), now() + interval '1 day')"
    )
    wanted = [high, msgspec.structs.replace(contested, id=CouponId(new_id())), low]
    async with gate(database, hold, 2) as arrived:
        first = asyncio.create_task(issue_bare(shop, wanted))
        await arrived(1)
        second = asyncio.create_task(issue_bare(shop, elsewhere))
    told = [await first, await second]
    assert [told[0][coupon.id] for coupon in wanted][1] == "already_issued"
    assert Counter(outcome for each in told for outcome in each.values()) == {"issued": 2, "already_issued": 3}


# For each transaction the wishes (member, period, campaign, store, day) that it carries.
WISHES = st.tuples(
    st.integers(0, MEMBERS - 1), st.sampled_from("ab"), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)
)
BATCHES = st.lists(st.lists(WISHES, min_size=1, max_size=12), min_size=1, max_size=6)
CAP_NAMES = ("cap", "store_cap", "day_cap", "store_day_cap")
CAPS = st.tuples(*(st.none() | st.integers(0, most) for most in (20, 12, 12, 6)))


@given(batches=BATCHES, caps=st.tuples(CAPS, CAPS, CAPS))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_races_the_caps_are_met_and_none_is_passed(
    shop: Shop, batches: list[list[tuple[int, str, int, int, int]]], caps: tuple[tuple[int | None, ...], ...]
) -> None:
    shoppers = await members_of(shop)
    limits: list[dict[str, Any]] = [dict(zip(CAP_NAMES, each, strict=True)) for each in caps]
    campaigns = [await shop.write_campaign(**each) for each in limits]
    wanted = [
        [
            wish(shop, campaigns[c], shoppers[m], period, block=block, day=NOON.date() + timedelta(days=day))
            for m, period, c, block, day in batch
        ]
        for batch in batches
    ]
    answers = await asyncio.gather(*(issue_bare(shop, batch) for batch in wanted))
    outcomes = {coupon_id: outcome for each in answers for coupon_id, outcome in each.items()}
    wishes = [coupon for batch in wanted for coupon in batch]
    assert len(outcomes) == len(wishes)
    issued = [coupon for coupon in wishes if outcomes[coupon.id] == "issued"]
    held = {row["id"] for row in await shop.pool.fetch("SELECT id FROM coupons WHERE id = ANY ($1)", list(outcomes))}
    assert held == {coupon.id for coupon in issued}
    assert len({coupon.key for coupon in issued}) == len(issued)
    taken = Counter(budget for coupon in issued for budget in coupon.budgets)
    counted = await read_issued(shop.pool)
    assert {budget: counted.get(budget.id, 0) for coupon in wishes for budget in coupon.budgets} == {
        budget: taken[budget] for coupon in wishes for budget in coupon.budgets
    }
    keys = {coupon.key for coupon in issued}
    of_ids = {campaign.id: campaign for campaign in campaigns}
    for coupon in wishes:
        full = [budget for budget in coupon.budgets if taken[budget] >= cap_of(of_ids[coupon.campaign_id], budget)]
        assert all(taken[budget] <= cap_of(of_ids[coupon.campaign_id], budget) for budget in coupon.budgets)
        if outcomes[coupon.id] == "cap_reached":  # some cap of it is full at the end, as nothing was given back
            assert full
        elif outcomes[coupon.id] == "already_issued":
            assert coupon.key in keys
    pushed = await shop.pool.fetch("SELECT coupon_id FROM outbox WHERE coupon_id = ANY ($1)", list(outcomes))
    assert {row["coupon_id"] for row in pushed} == held


def cap_of(campaign: Campaign, budget: Budget) -> int:
    name = {(False, False): "cap", (True, False): "store_cap", (False, True): "day_cap", (True, True): "store_day_cap"}
    cap: int = getattr(campaign, name[budget.store_id is not None, budget.day is not None])
    return cap


async def members_of(shop: Shop) -> list[Shopper]:
    """The same members for all examples of a test."""
    rows = await shop.pool.fetch("SELECT member_id, id FROM devices ORDER BY id")
    if len(rows) < MEMBERS:
        return await shop.enrol(MEMBERS)
    return [Shopper(row["member_id"], row["id"], "") for row in rows]
