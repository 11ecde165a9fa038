"""Decisions are counted once, whoever counts or erases them, and dropped when they are a month old."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

import coupons
from coupons.issuing.decision import KEPT_DAYS, DecisionRecord
from coupons.issuing.decisions_repository import (
    COUNTED_AFTER,
    count_outcomes,
    find_outcomes,
    insert_decisions,
    list_decisions,
    maintain_decisions,
)
from ids import CampaignId, CouponId, MemberId
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from kit.sql import load_queries
from tests.support.shop import NOON, Shop

A_DAY = timedelta(days=1)
PERSONAL = load_queries(coupons.__file__, "personal.sql")


def a_decision(shop: Shop, campaign_id: CampaignId, member_id: MemberId, at: datetime, outcome: str) -> DecisionRecord:
    return DecisionRecord(
        id=new_id(),
        member_id=member_id,
        decided_at=at,
        program_id=shop.program.id,
        campaign_id=campaign_id,
        campaign_version=1,
        trigger="enter",
        source="transition",
        source_id=new_id(),
        store_id=shop.stores[0].id,
        event_at=at,
        outcome=outcome,
        inputs={"local_time": "22:10"} if outcome == "store_closed" else {},
        coupon_id=CouponId(new_id()) if outcome == "issued" else None,
    )


async def write(pool: Pool, rows: Sequence[DecisionRecord]) -> None:
    await in_transaction(pool, lambda conn: insert_decisions(conn, rows))


async def maintain(pool: Pool, now: datetime) -> None:
    await in_transaction(pool, lambda conn: maintain_decisions(conn, now))


async def counts(pool: Pool, campaign_id: CampaignId) -> dict[str, int]:
    async with pool.acquire() as conn:
        return await count_outcomes(conn, campaign_id)


async def erase(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(PERSONAL["erase_decisions"], [member_id])


async def test_a_report_counts_each_decision_once_before_and_after_it_is_dropped(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    (her,) = await shop.enrol()
    await maintain(shop.pool, NOON)
    rows = [
        a_decision(shop, campaign.id, her.member_id, NOON + timedelta(minutes=minutes), outcome)
        for minutes, outcome in ((0, "issued"), (5, "already_issued"), (90, "already_issued"))
    ]
    await write(shop.pool, rows)
    expected = {"issued": 1, "already_issued": 2}
    for since in (timedelta(0), COUNTED_AFTER, COUNTED_AFTER + timedelta(minutes=10), A_DAY, A_DAY * (KEPT_DAYS - 1)):
        await maintain(shop.pool, NOON + since)
        assert await counts(shop.pool, campaign.id) == expected
        assert await shop.count("decisions") == 3
    for _ in range(2):
        await maintain(shop.pool, NOON + A_DAY * (KEPT_DAYS + 2))
        assert await counts(shop.pool, campaign.id) == expected
    assert await shop.count("decisions") == 0


@pytest.mark.parametrize("is_counted", [False, True])
async def test_an_erasure_leaves_the_counts_and_no_row(shop: Shop, is_counted: bool) -> None:
    campaign = await shop.write_campaign()
    her, him = await shop.enrol(2)
    await maintain(shop.pool, NOON)
    await write(
        shop.pool, [a_decision(shop, campaign.id, each.member_id, NOON, "store_closed") for each in (her, him, her)]
    )
    if is_counted:
        await maintain(shop.pool, NOON + A_DAY)
    for _ in range(2):
        await in_transaction(shop.pool, lambda conn: erase(conn, her.member_id))
    assert [row["member_id"] for row in await shop.rows("decisions")] == [him.member_id]
    await maintain(shop.pool, NOON + 2 * A_DAY)
    assert await counts(shop.pool, campaign.id) == {"store_closed": 3}


async def test_who_counts_waits_for_an_erasure_under_way(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    (her,) = await shop.enrol()
    await maintain(shop.pool, NOON)
    await write(shop.pool, [a_decision(shop, campaign.id, her.member_id, NOON, "too_old")])
    async with shop.pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await erase(conn, her.member_id)
        async with shop.pool.acquire() as other:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await other.fetchval("SELECT until FROM counted_decisions FOR UPDATE NOWAIT")
        await transaction.commit()
    await maintain(shop.pool, NOON + A_DAY)
    assert await counts(shop.pool, campaign.id) == {"too_old": 1}


async def test_decisions_are_found_by_what_they_are_about(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    (her,) = await shop.enrol()
    night = a_decision(shop, campaign.id, her.member_id, NOON, "store_closed")
    later = a_decision(shop, campaign.id, her.member_id, NOON + A_DAY, "issued")
    await write(shop.pool, [night, later])
    source_id = night.source_id or UUID(int=0)
    between = (NOON - A_DAY, NOON + 2 * A_DAY, NOON + 2 * A_DAY)
    async with shop.pool.acquire() as conn:
        assert await list_decisions(conn, campaign.id, [her.member_id], None, between, 10) == [later, night]
        assert await list_decisions(conn, campaign.id, [her.member_id], shop.stores[1].id, between, 10) == []
        found = await find_outcomes(conn, [(her.member_id, source_id)], NOON - A_DAY)
    assert found == {source_id: {campaign.id: "store_closed"}}
