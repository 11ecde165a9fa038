"""First, n-th and every n-th visit: counted from the books, each number once, after undo too."""

import asyncio
from datetime import timedelta
from functools import partial

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import EveryNthVisit, FirstVisit, NthVisit
from kit.database import in_transaction
from server.check_ins.scan import scan
from tests.server.check_ins.test_scan import carry_out, presents
from tests.support.answers import expect_answers
from tests.support.shop import NOON, Shop
from tests.support.visiting import undoes


async def keys(shop: Shop, campaign: Campaign) -> list[str]:
    rows = await shop.rows("coupons", "issued_at")
    return [row["period_key"] for row in rows if row["campaign_id"] == campaign.id]


async def test_visits_are_counted_and_each_number_earns_once(shop: Shop) -> None:
    first = await shop.write_campaign(trigger=FirstVisit())
    second_here = await shop.write_campaign(trigger=NthVisit(n=2), store_ids=frozenset([shop.stores[0].id]))
    every = await shop.write_campaign(trigger=EveryNthVisit(n=2))
    (shopper,) = await shop.enrol()
    (here, _), (there, _) = (await shop.install_tills(1))[0], (await shop.install_tills(1, 1))[0]
    for day, till in enumerate((here, there, here, here, there)):
        await carry_out(shop, presents(till, shopper.number, NOON + timedelta(days=day)))
        await carry_out(shop, presents(till, shopper.number, NOON + timedelta(days=day, hours=1)))
    assert await keys(shop, first) == ["visit-1"]
    assert await keys(shop, second_here) == ["visit-2"]
    assert await keys(shop, every) == ["visit-2", "visit-4"]


async def test_an_undone_visit_gives_its_number_to_the_next(shop: Shop) -> None:
    campaign = await shop.write_campaign(trigger=NthVisit(n=2))
    (shopper,) = await shop.enrol()
    till = (await shop.install_tills(1))[0][0]
    days = [NOON + timedelta(days=day) for day in range(4)]
    await carry_out(shop, presents(till, shopper.number, days[0]))
    (second,) = expect_answers(await carry_out(shop, presents(till, shopper.number, days[1])))
    assert second["coupons_issued"] == 1
    await undoes(shop, till, shopper.member_id, second["scan_id"], days[1] + timedelta(seconds=60))
    told = [expect_answers(await carry_out(shop, presents(till, shopper.number, day)))[0] for day in days[2:]]
    assert [each["coupons_issued"] for each in told] == [1, 0]
    assert len([key for key in await keys(shop, campaign) if key == "visit-2"]) == 1


async def test_visits_at_once_have_numbers_of_their_own(shop: Shop) -> None:
    campaign = await shop.write_campaign(trigger=EveryNthVisit(n=2))
    (shopper,) = await shop.enrol()
    tills = [(await shop.install_tills(1, block))[0][0] for block in range(2)]
    snapshot = (await shop.keeper()).current

    async def scans(place: int) -> None:
        for day in range(4):
            command = presents(tills[place], shopper.number, NOON + timedelta(days=day))
            await in_transaction(shop.pool, partial(scan, keyring=shop.keyring, snapshot=snapshot, commands=[command]))

    await asyncio.gather(*(scans(place) for place in range(2)))
    assert sorted(await keys(shop, campaign)) == ["visit-2", "visit-4", "visit-6", "visit-8"]
