"""A rehearsal says what the live flow made of the same events; it writes nothing; a sample tells of all."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audiences import audiences_repository
from audiences import tree as t
from audiences.audience import Audience
from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import AudienceVersion, Campaign
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.timed_triggers import Broadcast
from coupons.redemptions.benefits import AmountOff, Grant
from ids import AudienceId
from kit.database import Connection, DatabaseUnavailable, in_transaction
from kit.ids import new_id
from programs import programs_repository
from server.experiments.bodies import ExperimentRequest, Variant
from server.experiments.set_up import set_up
from server.rehearsals import rehearse as rehearsing
from server.rehearsals.past_events import Window
from server.rehearsals.question import Question
from server.rehearsals.rehearsal import Rehearsal
from server.rehearsals.rehearse import rehearse
from tests.support.shop import NOON, Shop, Shopper, at, fix, quiet_hours

MONTH = Window(NOON - timedelta(days=1), NOON + timedelta(days=29))


async def save(shop: Shop, tree: t.Tree) -> AudienceVersion:
    audience = Audience(
        id=AudienceId(new_id()),
        program_id=shop.program.id,
        name="People",
        version=1,
        tree=tree,
        created_at=NOON,
        changed_at=NOON,
    )
    async with shop.pool.acquire() as conn, conn.transaction():
        await audiences_repository.create_audience(conn, audience, {})
    return AudienceVersion(audience.id, 1)


async def try_out(shop: Shop, campaign: Campaign) -> None:
    async def work(conn: Connection) -> None:
        await programs_repository.bump_campaign_version(conn, shop.program.id)
        held = await campaigns_repository.find_campaign(conn, shop.program.id, campaign.id)
        assert held is not None
        variants = (Variant(code="as-is", share=1), Variant(code="more", share=1, benefit=AmountOff(amount=300)))
        await set_up(conn, held, ExperimentRequest(holdout_percent=40, variants=variants), NOON)

    await in_transaction(shop.pool, work)


async def live_for_a_week(shop: Shop, shoppers: Sequence[Shopper], seed: int) -> None:
    """Steps into two stores at all hours, some of which are heard of late."""
    chance = random.Random(seed)
    walks = []
    for day in range(7):
        for shopper in shoppers:
            for hour in chance.sample(range(0, 22, 2), chance.choice([0, 1, 2])):
                when = at(day * 86_400 + hour * 3600 + chance.randrange(600) + 1300)
                walks.append((when + timedelta(seconds=chance.choice([0, 0, 0, 1000])), when, shopper))
    for received_at, when, shopper in sorted(walks, key=lambda walk: walk[0]):
        block = chance.randrange(2)
        outside = [fix(when - timedelta(seconds=before), block, away_m=300) for before in (1200, 600)]
        await shop.locate(shopper.sends(*outside, fix(when, block), received_at=received_at))


async def ask(shop: Shop, campaign: Campaign, time_s: float = 60.0) -> Rehearsal:
    snapshot = (await shop.keeper()).current
    return await rehearse(shop.pool, snapshot, Question(campaign=campaign, window=MONTH), time_s)


def outcomes_of(told: Rehearsal) -> dict[str, int]:
    issued = {"issued": told.coupons.count} if told.coupons.count else {}
    return issued | {each.outcome: each.times for each in told.suppressed}


async def test_it_says_what_the_live_flow_made_of_the_same_events(shop: Shop) -> None:
    twice = Grant(benefit=AmountOff(amount=50), uses=2)
    friends = await save(shop, t.CouponHeld(state="issued"))
    strangers = await save(shop, t.Not(of=t.VisitCount(at_least=1)))
    hours = [EventHours(weekdays=[1, 5, 6], start="09:00", end="02:00")]
    second = frozenset([shop.stores[1].id])
    group: dict[str, Any] = {"frequency": "daily", "exclusive_group": "hello"}
    tried = await shop.write_campaign(frequency="daily", cap=12)
    await try_out(shop, tried)
    campaigns = [
        tried,
        await shop.write_campaign(),
        await shop.write_campaign(frequency="daily", day_cap=3, grant=twice),
        await shop.write_campaign(frequency="daily", cooldown_s=30 * 3600, store_cap=5),
        await shop.write_campaign(frequency="rolling", every_days=3, cap=9, store_ids=second),
        await shop.write_campaign(frequency="weekly", hours=hours),
        await shop.write_campaign(**group, priority=5, cooldown_s=3600, store_day_cap=1),
        await shop.write_campaign(**group, audience=friends),
        await shop.write_campaign(frequency="daily", audience=strangers),
        await shop.write_campaign("exit", frequency="daily", max_event_age_s=2000),
    ]
    shoppers = await shop.enrol(9)
    await live_for_a_week(shop, shoppers, seed=7)

    seen: Counter[str] = Counter()
    for campaign in campaigns:
        rows = await shop.pool.fetch("SELECT * FROM decisions WHERE $1 = ANY (campaign_ids)", campaign.id)
        told = await ask(shop, campaign)
        live = Counter(row["outcome"] for row in rows)
        assert outcomes_of(told) == dict(live)
        issued = [row for row in rows if row["outcome"] == "issued"]
        assert told.members.count == len({row["member_id"] for row in issued})
        at_stores = Counter(row["store_id"] for row in issued)
        assert {each.store_id: each.coupons for each in told.by_store} == dict(at_stores)
        by_hour = Counter((row["event_at"] + timedelta(hours=9)).hour for row in issued)  # Tokyo's
        assert told.by_hour == [by_hour[hour] for hour in range(24)]
        assert (told.sample.judged, told.sample.share) == (9, 1.0)
        seen += live
    assert {"issued", "already_issued", "cooling_down", "cap_reached", "outside_hours", "lost_to_campaign", "too_old",
            "not_in_audience", "audience_unknown", "holdout"} <= set(seen)  # fmt: skip


async def test_messages_are_governed_as_they_were(shop: Shop) -> None:
    campaign = await shop.write_campaign(
        frequency="daily", quiet_hours=quiet_hours("22:00", "10:00"), max_event_age_s=7200, cooldown_s=3600
    )
    await shop.pool.execute("UPDATE programs SET message_day_cap = 1, message_week_cap = 2")
    shoppers = [*await shop.enrol(4), *await shop.enrol(2, push=False)]
    await live_for_a_week(shop, shoppers, seed=3)
    rows = await shop.pool.fetch("SELECT state, failure, count(*) AS times FROM outbox GROUP BY 1, 2")
    (told,) = (await ask(shop, campaign)).messages
    times = {(row["state"], row["failure"]): row["times"] for row in rows}
    assert told.sent == times.pop(("pending", None))
    assert told.deferred == sum(count for (state, _), count in times.items() if state == "deferred")
    assert told.dropped == {reason: count for (state, reason), count in times.items() if state == "dropped"}
    assert {"no_consent", "week_cap"} <= set(told.dropped)
    assert told.deferred


async def test_nothing_is_written_and_nothing_can_be(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = await shop.write_campaign(state="draft", starts_at=NOON + timedelta(days=300))
    await shop.write_campaign(frequency="daily")
    await live_for_a_week(shop, await shop.enrol(3), seed=1)
    tables = [
        row["tablename"] for row in await shop.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]

    async def written() -> list[Any]:
        return [await shop.pool.fetchrow(f"SELECT count(*), max(xmin::text::bigint) FROM {table}") for table in tables]

    before = await written()
    told = await ask(shop, campaign)
    assert told.coupons.count
    assert await written() == before

    async def write(conn: Connection, *_: object) -> None:
        await conn.execute("DELETE FROM decisions")

    monkeypatch.setattr(rehearsing, "_count_former", write)
    with pytest.raises(DatabaseUnavailable, match="ReadOnly"):
        await ask(shop, campaign)


async def test_a_draft_overlaps_with_what_runs_and_costs_what_it_is_worth(shop: Shop) -> None:
    running = await shop.write_campaign(name="Every day", frequency="daily")
    ended = await shop.write_campaign(state="ended", frequency="daily")
    draft = await shop.write_campaign(state="draft", grant=Grant(benefit=AmountOff(amount=80), uses=3))
    await live_for_a_week(shop, await shop.enrol(5), seed=2)
    told = await ask(shop, draft)
    assert told.coupons.count == told.members.count > 1
    (overlap,) = told.overlap
    assert (overlap.campaign_id, overlap.name) == (running.id, "Every day")
    assert overlap.members == told.members.count
    assert 0 < overlap.events <= told.coupons.count
    assert (told.cost.discount_at_most, told.cost.points_at_most) == (told.coupons.count * 240, 0)
    assert (await ask(shop, running)).cost.discount_at_most is None, "what the words promise nobody can tell"
    assert (await ask(shop, ended)).coupons == (await ask(shop, running)).coupons


async def test_a_part_of_the_members_tells_of_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "_BATCH_MEMBERS", 6)
    campaign, capped = await shop.write_campaign(), await shop.write_campaign(cap=8)
    shoppers = {one.member_id: one for one in await shop.enrol(24)}
    # Two of three come, of those who are judged too: the bounds hold in 95 of 100 samples, and this is none of the 5.
    judged = await shop.pool.fetch("SELECT member_id FROM members ORDER BY uuid_hash(member_id), member_id")
    come = [shoppers[row["member_id"]] for number, row in enumerate(judged) if number % 3]
    await shop.locate(*(one.sends(fix(NOON)) for one in come))
    whole, part = await ask(shop, campaign), await ask(shop, campaign, time_s=0)
    assert (part.sample.members, part.sample.judged, part.sample.share) == (24, 6, 0.25)
    assert whole.coupons.at_least == whole.coupons.count == whole.coupons.at_most == 16
    assert part.coupons.count % 4 == 0
    for estimate in (part.coupons, part.members):
        assert estimate.at_least <= 16 <= estimate.at_most
    assert (await ask(shop, capped, time_s=0)).coupons.count == 8, "of a cap there is a part for a part"


async def test_a_broadcast_is_one_run_to_all_who_are_there(shop: Shop) -> None:
    campaign = await shop.write_campaign("broadcast", state="draft")
    assert isinstance(campaign.trigger, Broadcast)
    await shop.enrol(3)
    told = await ask(shop, campaign)
    assert (told.members.count, told.by_store) == (3, [])
    assert sum(told.by_hour) == 3
    local = datetime.fromtimestamp(MONTH.to_at.timestamp(), UTC) + timedelta(hours=9)
    assert told.by_hour[local.hour] == 3
