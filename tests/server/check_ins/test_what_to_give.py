"""A till's answers say what to give: the offer's words, the cards that are full, and the points that there are."""

from datetime import timedelta

from kit.database import Pool
from tests.support.counter import open_counters, set_points, set_stamp_card
from tests.support.shop import NOON, Shop, at
from tests.support.stage import set_stage
from tests.support.visiting import checks_in_at_store, set_visit_rules
from tests.support.world import Chain


async def test_a_redemption_says_what_to_give_in_the_cashiers_language(chain: Chain) -> None:
    stage = await set_stage(chain)
    till = stage.till.at
    (usable,) = (await till.post("/v1/scans", {"card": stage.member.card_number, "locale": "en"})).json()[
        "usable_coupons"
    ]
    (coupon, *_) = (await stage.member.app.get("/v1/me/coupons", usable="true")).json()["items"]
    given = await till.post("/v1/redemptions", {"coupon": coupon["code"], "locale": "en"})
    assert given.status_code == 201, given.text
    assert (given.json()["title"], given.json()["body"]) == (usable["title"], usable["body"])
    assert usable["body"]


async def test_a_scan_that_earns_nothing_says_how_many_points_there_are(shop: Shop, pool: Pool) -> None:
    await set_visit_rules(shop)
    await set_points(shop, valid_days=1)
    (counter,) = await open_counters(shop, pool)
    for by_number in (False, True):
        told = await counter.scan(at(60), by_number=by_number)
        assert (told["points_earned"], told["points_balance"]) == (0, 10)
    assert (await checks_in_at_store(shop, counter.shopper, now=at(90))).points_balance == 10
    # What has run out is gone, whether or not the worker has come.
    end = NOON + timedelta(days=4)
    await set_points(shop, valid_days=1, visit_points=0)
    assert (await counter.scan(end))["points_balance"] == 0


async def test_no_balance_means_that_the_program_has_no_points(shop: Shop, pool: Pool) -> None:
    await set_stamp_card(shop)
    (counter,) = await open_counters(shop, pool)
    assert (await counter.scan(at(60)))["points_balance"] is None
    assert (await counter.buy(500, "R-1", at(60))).points_balance is None


async def test_a_full_card_is_handed_over_or_its_coupon_is_there(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps")
    await set_stamp_card(shop, stamps_needed=1)
    (counter,) = await open_counters(shop, pool)
    bought = await counter.buy(500, "R-1")
    assert [(card.code, card.round, card.is_reward) for card in bought.full_stamp_cards] == [("coffee-3", 1, True)]
    await set_stamp_card(shop, code="visits-1", source="visit", min_amount=0, stamps_needed=1, campaign_id=campaign.id)
    tomorrow = NOON + timedelta(days=1)
    told = await counter.scan(tomorrow)
    assert [(card["code"], card["round"], card["is_reward"]) for card in told["full_stamp_cards"]] == [
        ("visits-1", 1, False)
    ]
    assert told["coupons_issued"] == 1
    assert (await counter.scan(tomorrow + timedelta(minutes=1)))["full_stamp_cards"] == []
