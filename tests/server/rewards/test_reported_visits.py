"""What visits earn that a till reports later: in event time, once, and no more than what still holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit.database import Pool, in_transaction
from points import ranks_repository
from points.ranks import Rank, RankRules
from server.check_ins.report_scans import OfflineScan, OfflineScanResult, report_scans
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_stamp_card
from tests.support.shop import NOON, Shop, at

DAY = 86_400


async def report(counter: Counter, *times: datetime, now: datetime) -> Sequence[OfflineScanResult]:
    scans = [OfflineScan(counter.phone.make_code(each), each) for each in times]
    shop = counter.shop
    return await in_transaction(
        shop.pool, lambda conn: report_scans(conn, shop.keyring, counter.snapshot, counter.till, scans, now)
    )


async def test_a_reported_visit_earns_its_points_once_at_its_own_time(shop: Shop, pool: Pool) -> None:
    await set_points(shop)
    (counter,) = await open_counters(shop, pool)
    times, now = [at(DAY), at(DAY + 60), at(2 * DAY)], at(4 * DAY)
    told = await report(counter, *times, now=now)
    assert [(each.outcome, each.is_first_today) for each in told] == [
        ("counted", True), ("counted", False), ("counted", True),
    ]  # fmt: skip
    await report(counter, *times, now=now)
    assert (await counter.scan(at(2 * DAY + 600)))["points_earned"] == 0, "that day's visit is known"
    assert await counter.balance(now) == 30
    assert [row["at"] for row in await shop.rows("point_postings")] == [NOON, at(DAY), at(2 * DAY)]
    await expect_sound(shop)


async def test_what_has_run_out_since_is_posted_and_gone(shop: Shop, pool: Pool) -> None:
    await set_points(shop, valid_days=1)
    (counter,) = await open_counters(shop, pool)
    await report(counter, at(DAY), now=at(5 * DAY))
    assert await counter.balance(at(5 * DAY)) == 0
    assert [(row["kind"], row["points"]) for row in await shop.rows("point_postings")] == [
        ("earn", 10), ("expire", -10), ("earn", 10), ("expire", -10),
    ]  # fmt: skip
    assert await shop.count("point_lots") == 0
    await expect_sound(shop)


async def test_a_card_that_a_report_fills_brings_its_coupon_as_of_now(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps")
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=2, campaign_id=campaign.id)
    (counter,) = await open_counters(shop, pool)
    (told,) = await report(counter, at(DAY), now=at(4 * DAY))
    assert told.coupons_issued == 1
    (coupon,) = await shop.rows("coupons")
    assert (coupon["event_at"], coupon["issued_at"]) == (at(DAY), at(4 * DAY))
    assert coupon["expires_at"] == at(4 * DAY) + timedelta(days=7)


async def test_a_late_report_judges_the_rank_as_of_now(shop: Shop, pool: Pool) -> None:
    ranks = (Rank("regular", {"en": "Regular"}, 2),)
    rules = RankRules(
        program_id=shop.program.id,
        measure="visits",
        period="rolling",
        rolling_days=3,
        time_zone="Asia/Tokyo",
        ranks=ranks,
        version=0,
    )
    async with shop.pool.acquire() as conn, conn.transaction():
        await ranks_repository.upsert_rank_rules(conn, rules, NOON)
    (counter,) = await open_counters(shop, pool)
    await report(counter, at(DAY), now=at(6 * DAY))
    assert await counter.rank() is None, "the two visits were within three days, which are over"
