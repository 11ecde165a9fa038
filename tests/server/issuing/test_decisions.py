"""Decisions are counted once, whoever counts or erases them, and dropped when they are a month old."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

import coupons
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import find_campaign
from coupons.issuing.decision import KEPT_DAYS, DecisionRecord, Outcome
from coupons.issuing.decisions_repository import (
    COUNTED_AFTER,
    count_outcomes,
    count_outcomes_at_store,
    find_outcomes,
    insert_outcomes,
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


def an_outcome(shop: Shop, member_id: MemberId, at: datetime, outcome: str, *campaign_ids: CampaignId) -> Outcome:
    is_closed = outcome == "store_closed"
    return Outcome(
        id=new_id(),
        member_id=member_id,
        decided_at=at,
        program_id=shop.program.id,
        trigger="enter",
        source="transition",
        source_id=new_id(),
        store_id=shop.stores[0].id,
        event_at=at,
        outcome=outcome,
        campaign_ids=campaign_ids,
        campaign_versions=[1 + place for place in range(len(campaign_ids))],
        inputs=[{"local_time": f"22:1{place}"} if is_closed else {} for place, _ in enumerate(campaign_ids)],
        coupon_ids=[CouponId(new_id()) for _ in campaign_ids] if outcome == "issued" else None,
        variants=["b", *[None] * (len(campaign_ids) - 1)] if outcome == "issued" else None,
    )


def told_of(row: Outcome) -> dict[CampaignId, DecisionRecord]:
    """A row a campaign, as decisions were kept before several shared one (docs/decisions/0132)."""
    event = {name: getattr(row, name) for name in DecisionRecord.__struct_fields__ if hasattr(row, name)}
    return {
        campaign_id: DecisionRecord(
            **event
            | {
                "campaign_id": campaign_id,
                "campaign_version": row.campaign_versions[place],
                "inputs": row.inputs[place],
                "coupon_id": None if row.coupon_ids is None else row.coupon_ids[place],
                "variant": None if row.variants is None else row.variants[place],
            }
        )
        for place, campaign_id in enumerate(row.campaign_ids)
    }


async def write(pool: Pool, rows: Sequence[Outcome]) -> None:
    await in_transaction(pool, lambda conn: insert_outcomes(conn, rows))


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
        an_outcome(shop, her.member_id, NOON + timedelta(minutes=minutes), outcome, campaign.id)
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
        shop.pool, [an_outcome(shop, each.member_id, NOON, "store_closed", campaign.id) for each in (her, him, her)]
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
    await write(shop.pool, [an_outcome(shop, her.member_id, NOON, "too_old", campaign.id)])
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
    night = an_outcome(shop, her.member_id, NOON, "store_closed", campaign.id)
    later = an_outcome(shop, her.member_id, NOON + A_DAY, "issued", campaign.id)
    await write(shop.pool, [night, later])
    source_id = night.source_id or UUID(int=0)
    between = (NOON - A_DAY, NOON + 2 * A_DAY, NOON + 2 * A_DAY)
    async with shop.pool.acquire() as conn:
        assert await list_decisions(conn, campaign.id, [her.member_id], None, between, 10) == [
            told_of(each)[campaign.id] for each in (later, night)
        ]
        assert await list_decisions(conn, campaign.id, [her.member_id], shop.stores[1].id, between, 10) == []
        found = await find_outcomes(conn, [(her.member_id, source_id)], NOON - A_DAY)
    assert found == {source_id: {campaign.id: "store_closed"}}


async def test_what_several_campaigns_have_in_one_row_is_told_of_each(shop: Shop) -> None:
    first, second, third = [(await shop.write_campaign()).id for _ in range(3)]
    her, him = await shop.enrol(2)
    await maintain(shop.pool, NOON)
    of_her, of_him = her.member_id, him.member_id
    rows = [
        an_outcome(shop, of_her, NOON, "store_closed", first, second, third),
        an_outcome(shop, of_her, NOON + timedelta(minutes=1), "issued", third, first),
        an_outcome(shop, of_her, NOON + timedelta(minutes=1), "not_in_audience", second),
        an_outcome(shop, of_him, NOON + timedelta(minutes=2), "issued", first, second),
        an_outcome(shop, of_him, NOON + timedelta(hours=30), "store_closed", second, first),
    ]
    await write(shop.pool, rows)
    alone = [record for row in rows for record in told_of(row).values()]
    times = {
        each: Counter(record.outcome for record in alone if record.campaign_id == each)
        for each in (first, second, third)
    }
    for now in (NOON + A_DAY, NOON + 3 * A_DAY):  # a part is counted, then all
        await maintain(shop.pool, now)
        assert {each: await counts(shop.pool, each) for each in times} == times
    between = (NOON - A_DAY, NOON + 2 * A_DAY, NOON + 2 * A_DAY)
    async with shop.pool.acquire() as conn:
        for campaign in [await find(conn, shop, each) for each in times]:
            for member_id in (of_her, of_him):
                expected = [each for each in alone if (each.campaign_id, each.member_id) == (campaign.id, member_id)]
                listed = await list_decisions(conn, campaign.id, [member_id], None, between, 10)
                assert listed == expected[::-1]
            at_store = await count_outcomes_at_store(conn, campaign, shop.stores[0].id, between[:2])
            assert at_store == times[campaign.id]
            assert await count_outcomes_at_store(conn, campaign, shop.stores[1].id, between[:2]) == {}
        found = await find_outcomes(conn, [(row.member_id, row.source_id) for row in rows if row.source_id], NOON)
        assert found == {row.source_id: dict.fromkeys(row.campaign_ids, row.outcome) for row in rows}
        exported = await conn.fetch(PERSONAL["export_decisions"], [of_her])
        fields = ("campaign_id", "campaign_version", "outcome", "coupon_id", "variant", "event_at")
        assert [[row[name] for name in fields] for row in exported] == [
            [getattr(each, name) for name in fields] for each in alone if each.member_id == of_her
        ]
        await erase(conn, of_her)
        await erase(conn, of_him)
    assert {each: await counts(shop.pool, each) for each in times} == times


async def find(conn: Connection, shop: Shop, campaign_id: CampaignId) -> Campaign:
    campaign = await find_campaign(conn, shop.program.id, campaign_id)
    assert campaign is not None
    return campaign


BROKEN: Mapping[str, dict[str, object]] = {
    "campaign_ids": {"campaign_ids": [], "campaign_versions": [], "inputs": [], "coupon_ids": []},
    "campaign_versions": {"campaign_versions": [1]},
    "inputs": {"inputs": [{"period": "once"}]},
    "inputs of another kind": {"inputs": [{"period": "once"}, "once"]},
    "issued": {"outcome": "cap_reached"},
    "coupon_ids": {"coupon_ids": [CouponId(UUID(int=7))]},
    "coupon_ids with a gap": {"coupon_ids": [CouponId(UUID(int=7)), None]},
    "variants": {"variants": ["a"]},
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_the_database_takes_no_list_that_is_not_of_the_campaigns(shop: Shop, broken: str) -> None:
    (her,) = await shop.enrol()
    good = an_outcome(shop, her.member_id, NOON, "issued", CampaignId(new_id()), CampaignId(new_id()))
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await write(shop.pool, [msgspec.structs.replace(good, **BROKEN[broken])])
    assert refused.value.constraint_name == f"decisions_{broken.split(maxsplit=1)[0]}_check"
    await write(shop.pool, [good])
