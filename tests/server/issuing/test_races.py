"""Twenty real connections race for one thing, each in a transaction of its own, all let go at the same moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from coupons.coupon_codes import make_coupon_code
from coupons.redemptions.benefits import Grant
from kit.database import Pool, in_transaction, open_pool
from server.check_ins.scan import ScanCommand, scan
from server.locations.locate import LocateCommand, LocateResult, locate
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.web.idempotency import Answer
from tests.support.answers import expect_located
from tests.support.gates import deadlocks, gate
from tests.support.shop import NOON, Shop, at, fix

RACERS = 20


@pytest_asyncio.fixture
async def race_pool(database: str) -> AsyncIterator[Pool]:
    """A pool with a connection for every racer, all open."""
    opened = await open_pool(database, min_size=RACERS, max_size=RACERS)
    yield opened
    opened.terminate()


async def race(shop: Shop, race_pool: Pool, dsn: str, hold: str, commands: list[LocateCommand]) -> list[LocateResult]:
    """Each command by itself, held at `hold` until all have come there."""
    keeper = await shop.keeper()
    async with gate(dsn, hold, len(commands)):
        runs = [asyncio.create_task(locate(race_pool, keeper, [command])) for command in commands]
    return [expect_located(answer) for (answer,) in await asyncio.gather(*runs)]


async def test_twenty_phones_of_one_member_get_one_coupon(shop: Shop, race_pool: Pool, database: str) -> None:
    campaign = await shop.write_campaign()
    (shopper,) = await shop.enrol()
    phones = await shop.add_devices(shopper, RACERS)
    commands = [phone.sends(fix(NOON)) for phone in phones]
    located = await race(shop, race_pool, database, "LOCK TABLE coupons IN SHARE MODE", commands)
    assert [coupon for each in located for coupon in each.coupons] == [row["id"] for row in await shop.rows("coupons")]
    assert [await shop.count(table) for table in ("transitions", "coupons")] == [RACERS, 1]
    assert await outcomes(shop, str(campaign.id)) == {"issued": 1, "already_issued": RACERS - 1}
    assert await shop.count("outbox") == 1


async def outcomes(shop: Shop, campaign_id: str) -> Counter[str]:
    rows = await shop.pool.fetch("SELECT outcome FROM decisions WHERE $1 = ANY (campaign_ids::text[])", campaign_id)
    return Counter(row["outcome"] for row in rows)


async def test_twenty_members_race_for_a_cap_of_ten(shop: Shop, race_pool: Pool, database: str) -> None:
    campaign = await shop.write_campaign(cap=10)
    commands = [shopper.sends(fix(NOON)) for shopper in await shop.enrol(RACERS)]
    located = await race(shop, race_pool, database, "LOCK TABLE coupons IN SHARE MODE", commands)
    assert sum(len(each.coupons) for each in located) == 10
    assert [await shop.budget(campaign), await shop.count("coupons"), await shop.count("outbox")] == [10, 10, 10]
    assert await outcomes(shop, str(campaign.id)) == {"issued": 10, "cap_reached": RACERS - 10}


async def test_a_capped_coupon_that_was_there_already_takes_no_place(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    campaign = await shop.write_campaign(cap=10)
    shoppers = await shop.enrol(5)
    phones = [phone for shopper in shoppers for phone in await shop.add_devices(shopper, RACERS // 5)]
    commands = [phone.sends(fix(NOON)) for phone in phones]
    await race(shop, race_pool, database, "LOCK TABLE coupons IN SHARE MODE", commands)
    assert [await shop.budget(campaign), await shop.count("coupons")] == [5, 5]
    assert await outcomes(shop, str(campaign.id)) == {"issued": 5, "already_issued": RACERS - 5}


async def test_several_capped_campaigns_at_once_meet_no_deadlock(shop: Shop, race_pool: Pool, database: str) -> None:
    campaigns = [await shop.write_campaign(cap=cap) for cap in (3, 15, 100, 1)]
    commands = [shopper.sends(fix(NOON)) for shopper in await shop.enrol(RACERS)]
    await race(shop, race_pool, database, "LOCK TABLE coupons IN SHARE MODE", commands)
    assert [await shop.budget(campaign) for campaign in campaigns] == [3, 15, RACERS, 1]
    assert await shop.count("coupons") == 3 + 15 + RACERS + 1
    assert await deadlocks(database) == 0


@pytest.mark.parametrize("uses", [1, 3])
async def test_twenty_tills_redeem_one_coupon_at_the_same_moment(
    shop: Shop, race_pool: Pool, database: str, uses: int
) -> None:
    await shop.write_campaign(grant=Grant(uses=uses))
    (shopper,) = await shop.enrol()
    (located,) = await shop.locate(shopper.sends(fix(NOON)))
    code = make_coupon_code(shop.keyring, shopper.member_id, located.coupons[0])
    commands = [RedeemCommand(till, code, None, at(60)) for till, _ in await shop.install_tills(RACERS)]
    async with gate(database, "LOCK TABLE redemptions IN SHARE MODE", RACERS):
        runs = [
            asyncio.create_task(in_transaction(race_pool, partial(redeem, keyring=shop.keyring, commands=[each])))
            for each in commands
        ]
    answers = [answer for (answer,) in await asyncio.gather(*runs)]
    assert [answer.status for answer in answers if isinstance(answer, Answer)] == [201] * uses
    assert {answer.slug for answer in answers if isinstance(answer, Problem)} == {"already-redeemed"}
    assert [row["use_no"] for row in await shop.rows("redemptions", "use_no")] == [*range(1, uses + 1)]
    assert await deadlocks(database) == 0


async def test_twenty_tills_scan_one_card_at_the_same_moment(shop: Shop, race_pool: Pool, database: str) -> None:
    await shop.write_campaign("visit", cap=10)
    (shopper,) = await shop.enrol()
    snapshot = (await shop.keeper()).current
    commands = [
        ScanCommand(
            till=till,
            presented=shopper.number,
            locale="ja",
            idempotency_key=None,
            now=NOON,
        )
        for till, _ in await shop.install_tills(RACERS)
    ]
    async with gate(database, "LOCK TABLE visits IN SHARE MODE", RACERS):
        runs = [
            asyncio.create_task(
                in_transaction(race_pool, partial(scan, keyring=shop.keyring, snapshot=snapshot, commands=[each]))
            )
            for each in commands
        ]
    answers = [answer for (answer,) in await asyncio.gather(*runs)]
    assert all(isinstance(answer, Answer) for answer in answers)
    counts = [await shop.count(table) for table in ("visits", "visit_evidence", "coupons", "outbox")]
    assert counts == [1, RACERS, 1, 1]
