"""What becomes of the pushes of coupons: held by quiet hours, by caps and by the member's word; in real concurrency."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from coupons.coupon_codes import make_coupon_code
from kit.database import Pool, in_transaction, open_pool
from push.deferred_repository import drop_messages
from push.dispatch import DispatchCount, dispatch_once
from push.sink import SinkSender
from server.accounts.merge import merge
from server.issuing.grant_offers import grant_offers
from server.issuing.release_messages import release_messages, release_some
from server.runtime.snapshot import Snapshot
from tests.support.shop import NOON, Shop, Shopper, at, quiet_hours
from tests.support.tallies import expect_counted
from tests.support.verifying import device_of

NIGHT = NOON + timedelta(hours=10)  # 22:00 in Tokyo
MORNING = NOON + timedelta(hours=20)


async def campaigns_of(shop: Shop, count: int) -> list[Campaign]:
    return [await shop.write_campaign("visit", quiet_hours="program") for _ in range(count)]


async def visit(
    pool: Pool, shop: Shop, snapshot: Snapshot, shopper: Shopper, campaign: Campaign, now: datetime
) -> None:
    """A visit that this campaign answers with a coupon."""
    event = TriggerEvent(
        trigger="visit",
        member_id=shopper.member_id,
        program_id=shop.program.id,
        store_id=shop.stores[0].id,
        event_at=now,
        now=now,
        is_verified=True,
        push_to=shopper.device_id,
        trust_level=5,
        campaign_id=campaign.id,
    )
    (result,) = await in_transaction(pool, lambda conn: grant_offers(conn, snapshot, [event]))
    assert list(result.decisions.values()) == ["issued"]


async def earn(shop: Shop, shopper: Shopper, campaigns: list[Campaign], now: datetime) -> None:
    """One after the other."""
    snapshot = (await shop.keeper()).current
    for campaign in campaigns:
        await visit(shop.pool, shop, snapshot, shopper, campaign, now)


async def fates(shop: Shop) -> list[tuple[str, str | None]]:
    return sorted((row["state"], row["failure"] or "") for row in await shop.rows("outbox"))


@pytest_asyncio.fixture(autouse=True)
async def _counted_right(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test does, the campaigns' counts are those of their messages."""
    yield
    await expect_counted(shop.pool)


async def counted(shop: Shop, shopper: Shopper) -> int:
    query = "SELECT cardinality(days) FROM message_counts WHERE member_id = $1"
    number: int | None = await shop.pool.fetchval(query, shopper.member_id)
    return number or 0


async def dispatch(shop: Shop, now: datetime) -> DispatchCount:
    code_of = partial(make_coupon_code, shop.keyring)
    return await dispatch_once(shop.pool, SinkSender(), code_of=code_of, circuits={}, clock=lambda: now)


async def test_a_coupon_is_issued_at_night_and_its_push_waits_for_the_morning(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await earn(shop, shopper, await campaigns_of(shop, 1), NIGHT)
    (message,) = await shop.rows("outbox")
    assert (message["state"], message["next_attempt_at"], message["deferrals"]) == ("deferred", MORNING, 1)
    assert (message["lane"], message["queue"]) == ("urgent", "deferred")
    assert message["expires_at"] == MORNING + timedelta(seconds=900), "the night does not make it stale"
    assert await dispatch(shop, NIGHT) == DispatchCount()
    assert await release_messages(shop.pool, MORNING - timedelta(seconds=1)) == 0
    assert await release_messages(shop.pool, MORNING) == 1
    (message,) = await shop.rows("outbox")
    assert (message["lane"], message["queue"]) == ("bulk", "push_bulk"), "who is at a door this morning comes first"
    assert await dispatch(shop, MORNING) == DispatchCount(leased=1, sent=1)
    assert await counted(shop, shopper) == 1


CHANGES = {
    "no_consent": "UPDATE members SET push_consent = false",
    "member_closed": "UPDATE members SET state = 'closed'",
    "unreachable": "UPDATE devices SET revoked_at = now(), push_token = NULL, push_token_kind = NULL,"
    " push_token_state = NULL",
    "phone_idle": "UPDATE devices SET last_seen_at = last_seen_at - interval '30 days'",
    "day_cap": "UPDATE programs SET message_day_cap = 0",
    "stale": "UPDATE outbox SET expires_at = next_attempt_at",
    "coupon_used": "INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, had_as,"
    " redeemed_at) SELECT member_id, id, program_id, campaign_id, store_id, member_id, now() FROM coupons",
    "quiet_hours": "UPDATE members SET quiet_start = '09:00', quiet_end = '09:00'",
}


@pytest.mark.parametrize("reason", CHANGES)
async def test_a_deferred_push_passes_every_step_again(shop: Shop, reason: str) -> None:
    (shopper,) = await shop.enrol()
    await earn(shop, shopper, await campaigns_of(shop, 1), NIGHT)
    await shop.pool.execute(CHANGES[reason])
    assert await release_messages(shop.pool, MORNING) == 1
    assert await fates(shop) == [("dropped", reason)]
    assert await counted(shop, shopper) == 0
    assert await dispatch(shop, MORNING) == DispatchCount()


async def test_a_wish_of_the_night_holds_a_push_that_waits_already(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await earn(shop, shopper, await campaigns_of(shop, 1), NIGHT)
    await shop.pool.execute("UPDATE members SET quiet_start = '20:00', quiet_end = '10:00'")
    await release_messages(shop.pool, MORNING)
    (message,) = await shop.rows("outbox")
    assert (message["state"], message["next_attempt_at"]) == ("deferred", MORNING + timedelta(hours=2))
    assert message["deferrals"] == 2


async def test_a_push_that_the_evening_overtakes_goes_back_and_counts_in_the_morning(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    dusk = NOON + timedelta(hours=8, minutes=59)  # 20:59
    await earn(shop, shopper, await campaigns_of(shop, 1), dusk)
    assert await counted(shop, shopper) == 1
    night = dusk + timedelta(minutes=1)
    assert await dispatch(shop, night) == DispatchCount(leased=1, deferred=1)
    assert await counted(shop, shopper) == 0
    await release_messages(shop.pool, night)
    (message,) = await shop.rows("outbox")
    assert (message["state"], message["next_attempt_at"], message["attempts"]) == ("deferred", MORNING, 0)
    await release_messages(shop.pool, MORNING)
    assert await dispatch(shop, MORNING) == DispatchCount(leased=1, sent=1)
    assert await counted(shop, shopper) == 1


async def test_what_is_not_sent_leaves_its_place_to_the_next(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    first, second = await campaigns_of(shop, 2)
    await shop.pool.execute("UPDATE programs SET message_day_cap = 1")
    await earn(shop, shopper, [first], NOON)
    await shop.pool.execute("UPDATE members SET push_consent = false")
    assert await dispatch(shop, NOON) == DispatchCount(leased=1, dropped=1)
    await shop.pool.execute("UPDATE members SET push_consent = true")
    await earn(shop, shopper, [second], NOON)
    assert await fates(shop) == [("dropped", "no_consent"), ("pending", "")]


async def test_the_caps_hold_over_campaigns_and_days(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    campaigns = await campaigns_of(shop, 4)
    await shop.pool.execute("UPDATE programs SET message_day_cap = 2, message_week_cap = 3")
    await earn(shop, shopper, campaigns[:3], NOON)
    await earn(shop, shopper, campaigns[3:], NOON + timedelta(days=1))
    assert await fates(shop) == [("dropped", "day_cap"), *[("pending", "")] * 3]
    more = await campaigns_of(shop, 2)
    await earn(shop, shopper, more[:1], NOON + timedelta(days=6))
    await earn(shop, shopper, more[1:], NOON + timedelta(days=7))
    assert await fates(shop) == [("dropped", "day_cap"), ("dropped", "week_cap"), *[("pending", "")] * 4]


async def test_several_connections_never_send_more_than_the_cap(shop: Shop, database: str) -> None:
    shoppers = await shop.enrol(3)
    campaigns = await campaigns_of(shop, 8)
    snapshot = (await shop.keeper()).current
    pools = [await open_pool(database, max_size=4) for _ in range(2)]
    try:
        await asyncio.gather(
            *(
                visit(pools[number % 2], shop, snapshot, shopper, campaign, NOON)
                for number, campaign in enumerate(campaigns)
                for shopper in shoppers
            )
        )
    finally:
        for pool in pools:
            await pool.close()
    for shopper in shoppers:
        rows = [row for row in await shop.rows("outbox") if row["member_id"] == shopper.member_id]
        assert sorted(row["failure"] or "sent" for row in rows) == ["day_cap"] * 3 + ["sent"] * 5
        assert await counted(shop, shopper) == 5


async def test_several_workers_release_each_message_once_the_higher_priority_first(shop: Shop, database: str) -> None:
    shoppers = await shop.enrol(6)
    campaigns = await campaigns_of(shop, 7)
    for shopper in shoppers:
        await earn(shop, shopper, campaigns, NIGHT)
    last = "SELECT max(id::text)::uuid FROM outbox GROUP BY member_id"
    await shop.pool.execute(f"UPDATE outbox SET priority = 9 WHERE id IN ({last})")
    pools = [await open_pool(database, max_size=2) for _ in range(3)]
    try:
        released = await asyncio.gather(*(release_messages(pool, MORNING) for pool in pools))
    finally:
        for pool in pools:
            await pool.close()
    assert sum(released) == len(shoppers) * len(campaigns)
    for shopper in shoppers:
        rows = [row for row in await shop.rows("outbox") if row["member_id"] == shopper.member_id]
        assert sorted(row["state"] for row in rows) == ["dropped"] * 2 + ["pending"] * 5
        assert [row["state"] for row in rows if row["priority"]] == ["pending"], "the last, but the most important"
        assert await counted(shop, shopper) == 5


async def test_a_worker_that_is_killed_leaves_what_it_had_decided_to_the_next(shop: Shop, database: str) -> None:
    (shopper,) = await shop.enrol()
    await earn(shop, shopper, await campaigns_of(shop, 2), NIGHT)
    doomed = await asyncpg.connect(database)
    await doomed.execute("BEGIN")
    assert await release_some(doomed, MORNING) == 2
    doomed.terminate()
    assert await release_messages(shop.pool, MORNING) == 2
    assert (await fates(shop), await counted(shop, shopper)) == ([("pending", "")] * 2, 2)


async def test_two_who_become_one_have_had_the_messages_of_both(shop: Shop) -> None:
    ours, theirs = await shop.enrol(2)
    campaigns = await campaigns_of(shop, 4)
    await earn(shop, ours, campaigns[:2], NOON)
    await dispatch(shop, at(30))  # what still waited would be dropped, and counts for nobody
    await earn(shop, theirs, campaigns[2:], NOON)
    wish = "UPDATE members SET quiet_start = '20:00', quiet_end = '10:00' WHERE member_id = $1"
    await shop.pool.execute(wish, ours.member_id)
    snapshot, device = (await shop.keeper()).current, await device_of(shop, ours)
    await in_transaction(shop.pool, lambda conn: merge(conn, snapshot, device, theirs.member_id, at(60)))
    assert (await counted(shop, ours), await counted(shop, theirs)) == (0, 4)
    start = await shop.pool.fetchval("SELECT quiet_start FROM members WHERE member_id = $1", theirs.member_id)
    assert start == quiet_hours("20:00", "10:00").start


async def test_undone_coupons_count_to_no_cap(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await earn(shop, shopper, await campaigns_of(shop, 2), NOON)
    first = (await shop.rows("coupons"))[0]
    await in_transaction(shop.pool, lambda conn: drop_messages(conn, shopper.member_id, [first["id"]], "coupon_undone"))
    assert await fates(shop) == [("dropped", "coupon_undone"), ("pending", "")]
    assert await counted(shop, shopper) == 1
