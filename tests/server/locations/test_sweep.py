"""The sweeper: what silence brings about in the database, once, whoever looks and however often."""

import asyncio
from datetime import datetime

import msgspec
import pytest_asyncio

from coupons.campaigns.campaign_triggers import Stay
from geo.presences_repository import find_due_presences
from kit.database import Pool
from server.locations.locate import locate
from server.locations.sweep import sweep_all, sweep_batch
from tests.support.shop import NOON, Shop, at, fix, open_shop

FAR_M = 300.0


@pytest_asyncio.fixture
async def shop(pool: Pool) -> Shop:
    opened = await open_shop(pool)
    await pool.execute("UPDATE geofences SET dwell_s = 300")
    return opened


async def kinds(shop: Shop) -> list[tuple[str, str, datetime]]:
    return [(row["kind"], row["cause"], row["event_at"]) for row in await shop.rows("transitions", "received_at, id")]


async def due_at(shop: Shop) -> datetime | None:
    due: datetime | None = await shop.pool.fetchval("SELECT min(next_due_at) FROM presences")
    return due


async def test_a_dwell_comes_without_a_fix_at_its_due_time_and_earns_its_coupon(shop: Shop) -> None:
    campaign = await shop.write_campaign("dwell")
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    assert await due_at(shop) == at(300)
    assert await sweep_all(shop.pool, await shop.keeper(), at(299)) == 0
    assert await sweep_all(shop.pool, await shop.keeper(), at(300.4)) == 1
    assert await kinds(shop) == [("enter", "first_fix", NOON), ("dwell", "silence", at(300))]
    (coupon,) = await shop.rows("coupons")
    assert coupon["campaign_id"] == campaign.id
    assert await sweep_all(shop.pool, await shop.keeper(), at(301)) == 0
    # The swept dwell has moved the watermark: what the phone still held back from before decides nothing.
    assert (await shop.locate(shopper.sends(fix(at(200), away_m=FAR_M), received_at=at(310))))[0].late == 1


async def test_each_length_that_a_campaign_asks_for_is_answered_once_a_stay(shop: Shop) -> None:
    """By silence and by a fix; a stay that a fix outside ends before is not answered."""
    short = await shop.write_campaign(trigger=Stay(minutes=4))
    long = await shop.write_campaign(trigger=Stay(minutes=30))
    await shop.write_campaign(trigger=Stay(minutes=3), store_ids=frozenset())
    silent, talking, hurried = await shop.enrol(3)
    await shop.locate(*(each.sends(fix(NOON)) for each in (silent, talking, hurried)))
    await shop.locate(hurried.sends(fix(at(100), away_m=FAR_M), fix(at(230), away_m=FAR_M), received_at=at(230)))
    assert await due_at(shop) == at(240)
    assert await sweep_all(shop.pool, await shop.keeper(), at(239)) == 0
    assert await sweep_all(shop.pool, await shop.keeper(), at(241)) == 2
    await shop.locate(talking.sends(fix(at(1799)), received_at=at(1799)))
    await shop.locate(talking.sends(fix(at(1810)), received_at=at(1810)))
    await shop.locate(talking.sends(fix(at(1900)), received_at=at(1900)))
    await sweep_all(shop.pool, await shop.keeper(), at(1801))
    assert await sweep_all(shop.pool, await shop.keeper(), at(1900)) == 0
    told = [
        (row["member_id"], row["minutes"], row["event_at"])
        for row in await shop.rows("transitions", "event_at, member_id")
        if row["kind"] == "stay"
    ]
    those = sorted((silent.member_id, talking.member_id))
    assert told == [(each, 4, at(240)) for each in those] + [(each, 30, at(1800)) for each in those]
    coupons = {(row["member_id"], row["campaign_id"]) for row in await shop.rows("coupons")}
    assert coupons == {(each, campaign.id) for each in those for campaign in (short, long)}


async def test_a_phone_that_falls_silent_outside_has_left(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON), fix(at(20), away_m=FAR_M), fix(at(30), away_m=FAR_M)))
    assert await sweep_all(shop.pool, await shop.keeper(), at(139)) == 0
    assert await sweep_all(shop.pool, await shop.keeper(), at(140)) == 1
    assert (await kinds(shop))[1:] == [("exit", "silence", at(20))]
    assert await due_at(shop) is None


async def test_a_phone_with_a_wrong_clock_is_silent_by_its_own_clock(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(at(-3600)), received_at=NOON))
    assert await sweep_all(shop.pool, await shop.keeper(), at(299)) == 0
    assert await sweep_all(shop.pool, await shop.keeper(), at(300)) == 1
    assert (await kinds(shop))[1] == ("dwell", "silence", at(-3300))


async def test_a_wild_fix_before_the_silence_holds_up_no_dwell(shop: Shop) -> None:
    """A phone that lies still sends no more: nothing would ever confirm the jump, or drop it."""
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON), fix(at(20), away_m=5000.0)))
    assert await sweep_all(shop.pool, await shop.keeper(), at(619)) == 0
    assert await sweep_all(shop.pool, await shop.keeper(), at(620)) == 1
    assert (await kinds(shop))[1:] == [("dwell", "silence", at(300))]
    # Hours later it is still in the shop, or by now where the wild fix was: that was no jump back then.
    await shop.locate(shopper.sends(fix(at(9000), away_m=5000.0), fix(at(9200), away_m=5000.0)))
    assert (await kinds(shop))[2:] == [("exit", "fix", at(9000))]


async def test_several_workers_and_an_upload_at_once_tell_a_dwell_once(shop: Shop) -> None:
    await shop.write_campaign("dwell")
    shoppers = await shop.enrol(20)
    await shop.locate(*[shopper.sends(fix(NOON)) for shopper in shoppers])
    keepers = [await shop.keeper() for _ in range(3)]
    uploads = [shopper.sends(fix(at(301))) for shopper in shoppers[:10]]
    swept = [sweep_batch(shop.pool, keeper, at(302)) for keeper in keepers]
    sweeping = asyncio.gather(*swept)
    answers = await locate(shop.pool, keepers[0], uploads)
    await sweeping
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    await sweep_all(shop.pool, keepers[0], at(900))
    assert [kind for kind, _, _ in await kinds(shop)].count("dwell") == len(shoppers)
    assert await shop.count("coupons") == len(shoppers)


async def test_a_removed_fence_ends_a_silent_stay_within_the_hour_and_no_campaign_hears_of_it(shop: Shop) -> None:
    await shop.write_campaign("exit")
    (shopper,) = await shop.enrol()
    keeper = await shop.keeper()
    await shop.locate(shopper.sends(fix(NOON)))
    await sweep_all(shop.pool, keeper, at(300))
    await shop.remove_fence(shop.fences[0])
    # The worker has not heard of it yet; it reads its snapshot again before it believes in a removal.
    assert await sweep_all(shop.pool, keeper, at(300 + 3600)) == 0
    await keeper.refresh()
    assert await sweep_all(shop.pool, keeper, at(300 + 3600 * 3)) == 1
    assert (await kinds(shop))[-1] == ("exit", "fence_removed", at(300))
    assert await shop.count("coupons") == 0


async def test_without_consent_silence_is_not_looked_at(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    await shop.pool.execute("UPDATE members SET location_consent = false")
    assert await sweep_all(shop.pool, await shop.keeper(), at(4000)) == 0
    assert await due_at(shop) is None
    async with shop.pool.acquire() as conn:
        assert await find_due_presences(conn, at(1_000_000), 10) == []


async def test_one_presence_that_cannot_be_read_holds_up_no_other(shop: Shop) -> None:
    broken, whole = await shop.enrol(2)
    await shop.locate(broken.sends(fix(NOON)), whole.sends(fix(NOON)))
    await shop.pool.execute(
        "UPDATE presences SET stays = $2::jsonb WHERE device_id = $1", broken.device_id, '[{"g": "x"}]'
    )
    swept = await sweep_batch(shop.pool, await shop.keeper(), at(300))
    assert msgspec.structs.astuple(swept) == (2, 1, 1)


async def test_a_restart_loses_nothing(shop: Shop) -> None:
    """A worker that was down for hours tells what came due meanwhile at its due time."""
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    assert await sweep_all(shop.pool, await shop.keeper(), at(50_000)) == 1
    assert (await kinds(shop))[1] == ("dwell", "silence", at(300))
