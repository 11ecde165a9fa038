"""Campaigns of one exclusive group: of those that answer one event of a member one gives, the best that can."""

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from coupons.issuing.rules import Decision
from ids import CampaignId
from kit.database import in_transaction
from server.issuing.grant_offers import grant_offers
from tests.support.shop import Shop, Shopper, at


async def come(shop: Shop, *shoppers: Shopper, seconds: float = 0) -> list[dict[CampaignId, Decision]]:
    """What each campaign makes of a step into the first store by each of them, in one batch."""
    snapshot = (await shop.keeper()).current
    events = [
        TriggerEvent(
            trigger="enter",
            member_id=shopper.member_id,
            program_id=shop.program.id,
            store_id=shop.stores[0].id,
            event_at=at(seconds),
            now=at(seconds),
            is_verified=True,
        )
        for shopper in shoppers
    ]
    results = await in_transaction(shop.pool, lambda conn: grant_offers(conn, snapshot, events))
    return [result.decisions for result in results]


def said(decisions: dict[CampaignId, Decision], *campaigns: Campaign) -> list[str | None]:
    return [decisions.get(campaign.id) for campaign in campaigns]


async def test_one_of_a_group_gives_and_the_next_when_the_best_cannot(shop: Shop) -> None:
    best = await shop.write_campaign(exclusive_group="hello", priority=9, cap=2)
    daily = await shop.write_campaign(exclusive_group="hello", priority=5, frequency="daily")
    last = await shop.write_campaign(exclusive_group="hello", store_ids=frozenset([shop.stores[0].id]))
    free, other = await shop.write_campaign(), await shop.write_campaign(exclusive_group="bye")
    one, two, three = await shop.enrol(3)
    lost = ["lost_to_campaign"] * 2
    first, second = await come(shop, one, two)
    assert said(first, best, daily, last) == said(second, best, daily, last) == ["issued", *lost]
    assert said(first, free, other) == ["issued", "issued"], "who is in no group, or in it alone, gives by itself"
    (again,) = await come(shop, one, seconds=60)
    assert said(again, best, daily, last) == ["already_issued", "issued", "lost_to_campaign"]
    (late,) = await come(shop, three, seconds=120)
    assert said(late, best, daily, last) == ["cap_reached", "issued", "lost_to_campaign"]
    (once_more,) = await come(shop, three, seconds=180)
    assert said(once_more, best, daily, last) == ["cap_reached", "already_issued", "issued"]
    (nothing,) = await come(shop, three, seconds=240)
    assert said(nothing, best, daily, last) == ["cap_reached", "already_issued", "already_issued"]
    assert await shop.count("coupons") == 11


async def test_a_campaign_that_the_rules_refuse_stands_in_nobodys_way(shop: Shop) -> None:
    over = await shop.write_campaign(exclusive_group="hello", priority=9, ends_at=at(-1))
    next_best = await shop.write_campaign(exclusive_group="hello")
    (shopper,) = await shop.enrol()
    (decisions,) = await come(shop, shopper)
    assert said(decisions, over, next_best) == ["after_end", "issued"]
