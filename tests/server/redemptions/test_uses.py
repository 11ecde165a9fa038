"""A coupon of several uses, and what becomes of those that are left; and the conditions that a till meets."""

from functools import partial
from typing import Any

import pytest

from coupons.coupon_codes import make_coupon_code
from coupons.coupons_repository import list_coupons_of_member
from coupons.redemptions.benefits import Grant, PercentOff
from coupons.redemptions.conditions import Conditions, UseHours
from ids import CouponId, MemberId
from kit.database import in_transaction
from kit.ids import new_id
from kit.pages import parse_page
from members.aliases_repository import history_ids
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from tests.server.redemptions.test_undo_redemption import a_till, undo, used
from tests.support.expectations import expect_problem
from tests.support.merging import becomes, earn, pair, redeems, scans
from tests.support.shop import NOON, Shop, at
from tests.support.stage import walk_in
from tests.support.visiting import undoes
from tests.support.world import Chain, campaign_body


async def left(shop: Shop, member_id: MemberId) -> list[int]:
    """Of each coupon in the wallet."""
    async with shop.pool.acquire() as conn:
        held = await list_coupons_of_member(conn, await history_ids(conn, member_id), parse_page(None, 50), None)
    return [coupon.uses_left for coupon in held]


async def test_each_use_is_made_once_and_one_that_was_undone_again(shop: Shop) -> None:
    await shop.write_campaign(grant=Grant(uses=3))
    (shopper,) = await shop.enrol()
    (coupon_id,) = await earn(shop, shopper)
    till = await a_till(shop)
    first = await used(shop, till, shopper.member_id, coupon_id)
    assert await left(shop, shopper.member_id) == [2]
    assert (await undo(shop, till, shopper, first)).is_coupon_usable
    outcomes = [await redeems(shop, till, shopper.member_id, coupon_id) for _ in range(4)]
    assert outcomes == ["redeemed"] * 3 + ["already-redeemed"]
    assert await left(shop, shopper.member_id) == [0]


async def test_in_one_batch_as_many_as_there_are(shop: Shop) -> None:
    await shop.write_campaign(grant=Grant(uses=2))
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    coupons = await earn(shop, shopper)
    tills = [till for till, _ in await shop.install_tills(3)]
    codes = [make_coupon_code(shop.keyring, shopper.member_id, coupon_id) for coupon_id in coupons]
    commands = [RedeemCommand(till, code, None, NOON) for till in tills for code in codes]
    answers = await in_transaction(shop.pool, partial(redeem, keyring=shop.keyring, commands=commands))
    assert sum(isinstance(answer, Problem) for answer in answers) == 3
    assert await shop.count("redemptions") == 3


@pytest.mark.parametrize(
    ("by_the_one_who_goes", "by_the_one_who_stays", "has_both", "expected"),
    [(0, 0, False, 3), (1, 0, False, 2), (2, 0, False, 1), (3, 0, False, 0), (1, 1, True, 1), (2, 2, True, 0)],
)
async def test_a_persons_uses_are_those_of_one_coupon(
    shop: Shop, by_the_one_who_goes: int, by_the_one_who_stays: int, has_both: bool, expected: int
) -> None:
    await shop.write_campaign(grant=Grant(uses=3))
    old, new = await pair(shop)
    till = await a_till(shop)
    for shopper, times, is_given in ((old, by_the_one_who_stays, has_both), (new, by_the_one_who_goes, True)):
        if is_given:
            (coupon_id,) = await earn(shop, shopper)
            for _ in range(times):
                assert await redeems(shop, till, shopper.member_id, coupon_id) == "redeemed"
    one = await becomes(shop, new, old)
    rows = await shop.pool.fetch("SELECT id FROM coupons WHERE member_id = $1", one.member_id)
    made = 0
    while await redeems(shop, till, one.member_id, CouponId(rows[0]["id"])) == "redeemed":
        made += 1
    assert made == expected
    issued = await shop.pool.fetchval("SELECT count(*) FROM redemptions WHERE till_id IS NOT NULL")
    assert issued == by_the_one_who_goes + by_the_one_who_stays + expected


async def test_an_undone_scan_ends_the_uses_that_are_left(shop: Shop) -> None:
    campaign = await shop.write_campaign("visit", grant=Grant(uses=3), cap=5, frequency="daily")
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    outcomes = []
    for times in (0, 1):
        await scans(shop, till, shopper.number, 60 * times)
        (coupon,) = await shop.pool.fetch(
            "SELECT c.id FROM coupons c WHERE NOT EXISTS (SELECT FROM redemptions r WHERE r.coupon_id = c.id)"
        )
        for _ in range(times):
            assert await redeems(shop, till, shopper.member_id, CouponId(coupon["id"])) == "redeemed"
        scan_id = await shop.pool.fetchval("SELECT id FROM visit_evidence ORDER BY id DESC LIMIT 1")
        await undoes(shop, till, shopper.member_id, scan_id, at(60 * times + 30))
        outcomes.append(
            (await redeems(shop, till, shopper.member_id, CouponId(coupon["id"])), await shop.budget(campaign))
        )
    assert outcomes == [("coupon-unknown", 0), ("already-redeemed", 1)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (Conditions(hours=[UseHours([5], "11:00", "13:00")]), None),
        (Conditions(hours=[UseHours([6], "11:00", "13:00")]), ("coupon-conditions-unmet", "outside_hours")),
        (Conditions(usable_from=at(3600)), ("coupon-conditions-unmet", "too_early")),
        (Conditions(ranks=["gold"]), ("coupon-conditions-unmet", "rank_required")),
        (Conditions(min_spend=2000), ("basket-required", None)),
        (Conditions(item_codes=["coffee"]), ("basket-required", None)),
    ],
)
async def test_the_short_way_keeps_to_the_conditions(
    shop: Shop, conditions: Conditions, expected: tuple[str, str | None] | None
) -> None:
    await shop.write_campaign(grant=Grant(benefit=PercentOff(10), conditions=conditions))
    (shopper,) = await shop.enrol()
    (coupon_id,) = await earn(shop, shopper)
    code = make_coupon_code(shop.keyring, shopper.member_id, coupon_id)
    command = RedeemCommand(await a_till(shop), code, None, at(60))
    (answer,) = await in_transaction(shop.pool, partial(redeem, keyring=shop.keyring, commands=[command]))
    told = (answer.slug, answer.extra.get("reason")) if isinstance(answer, Problem) else None
    assert told == expected
    assert await shop.count("redemptions") == (expected is None)


async def test_a_coupon_keeps_what_it_was_issued_with(chain: Chain) -> None:
    """Its worth, its uses and its words, whatever the campaign becomes."""
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    ten = {"benefit": {"kind": "percent_off", "percent": 10}, "coupon_uses": 2}
    campaign_id = await chain.add_campaign(**ten, offer=words("10 %"))
    path = f"/v1/campaigns/{campaign_id}"
    member = await chain.enrol()
    (coupon_id,) = await walk_in(member)
    code = (await member.app.get(f"/v1/me/coupons/{coupon_id}")).json()["code"]
    for changes in (
        ten | {"offer": words("ten")},
        {"benefit": {"kind": "percent_off", "percent": 5}, "offer": words("5 %")},
        {"offer": words("a smile")},
    ):
        changed = await chain.owner.put(path, campaign_body(**changes))
        assert changed.status_code == 200, changed.text
        assert (await chain.owner.get(path)).json() == changed.json()
        coupon = (await member.app.get(f"/v1/me/coupons/{coupon_id}")).json()
        assert (coupon["title"], coupon["uses_left"]) == ("10 %", 2)
    till = await chain.add_till(store_id)
    redeemed = (await till.at.post("/v1/redemptions", {"coupon": code})).json()
    assert redeemed["benefit"] == {"kind": "percent_off", "percent": 10, "max_discount": None}
    assert redeemed["title"] == "10 %"
    newer = await chain.enrol()
    await walk_in(newer)
    (coupon,) = (await newer.app.get("/v1/me/coupons")).json()["items"]
    assert (coupon["title"], coupon["uses"]) == ("a smile", 1)


def words(title: str) -> dict[str, Any]:
    return {"en": {"title": title, "body": "At the till."}}


async def test_a_grant_that_contradicts_itself_is_refused_by_its_field(chain: Chain) -> None:
    item = {"kind": "free_item"}
    for changes, field in (
        ({"benefit": item}, "conditions.item_codes"),
        ({"benefit": {"kind": "percent_off", "percent": 0}}, "benefit.percent"),
        ({"benefit": {"kind": "gift"}}, "benefit"),
        ({"conditions": {"company": "group"}}, "conditions.group"),
        ({"conditions": {"group": "lunch"}}, "conditions.group"),
        ({"conditions": {"ranks": ["diamond"]}}, "conditions.ranks"),
        ({"conditions": {"hours": [{"weekdays": [8]}]}}, "conditions.hours"),
        ({"conditions": {"store_ids": [str(new_id())]}}, "conditions.store_ids"),
        (
            {"conditions": {"usable_from": "2030-01-01T00:00:00Z"}, "coupon_valid_until": "2029-01-01T00:00:00Z"},
            "usable_from",
        ),
        ({"coupon_uses": 101}, "coupon_uses"),
    ):
        refused = await chain.owner.post("/v1/campaigns", campaign_body(**changes))
        assert field in expect_problem(refused)["detail"], changes
