"""Who is held out and who gets which variant: assigned once, in the transaction that decides, whatever comes later."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from coupons.coupons_repository import list_usable_coupons
from coupons.redemptions.benefits import AmountOff, FreeItem, Grant, PercentOff
from coupons.redemptions.conditions import Conditions
from experiments import experiments_repository
from experiments.allocation import is_within
from experiments.assignments_repository import KEPT_FOR, purge_assignments, settle_assignments
from experiments.experiment import Assignment, Experiment, ProgramExperiments, ProgramHoldout
from kit.database import Connection, Pool, in_transaction, open_pool
from programs import programs_repository
from server.experiments.bodies import ExperimentRequest, Variant
from server.experiments.set_up import set_up
from server.issuing.candidates import Candidate
from server.issuing.hold_out import hold_out
from server.messages.offers_of_variants import require_fitting_variants
from server.problems import Problem
from tests.support.gates import gate
from tests.support.merging import becomes
from tests.support.shop import NOON, Shop, Shopper, at, fix

DAY_S = 86_400
MEMBERS = 60


async def tries(shop: Shop, campaign: Campaign, *, now: float = 0, **data: Any) -> Experiment:
    async def work(conn: Connection) -> Experiment:
        await programs_repository.bump_campaign_version(conn, shop.program.id)
        held = await campaigns_repository.find_campaign(conn, shop.program.id, campaign.id)
        assert held is not None
        return await set_up(conn, held, ExperimentRequest(**data), at(now))

    return await in_transaction(shop.pool, work)


async def holds_out(shop: Shop, percent: int, now: float = 0) -> None:
    async def work(conn: Connection) -> None:
        await programs_repository.bump_campaign_version(conn, shop.program.id)
        await experiments_repository.upsert_program_holdout(conn, shop.program.id, percent, bytes(16), at(now))

    await in_transaction(shop.pool, work)


async def steps_in(shop: Shop, shoppers: Sequence[Shopper], day: int = 0) -> list[int]:
    """How many coupons each gets for a step into the fence that day."""
    when = NOON + timedelta(days=day)
    outside = [fix(when - timedelta(seconds=before), away_m=900) for before in (1200, 600)] if day else []
    return [
        len(each.coupons) for each in await shop.locate(*(one.sends(*outside, fix(when)) for one in shoppers))
    ]  # fmt: skip


async def arms(shop: Shop) -> dict[Any, str]:
    return {row["member_id"]: row["arm"] for row in await shop.rows("assignments", "member_id")}


def variant(code: str, share: int, percent: int | None = None) -> Variant:
    return Variant(code=code, share=share, benefit=None if percent is None else PercentOff(percent=percent))


async def test_a_holdout_gets_nothing_and_the_variants_their_own(shop: Shop) -> None:
    grant = Grant(benefit=AmountOff(amount=100), uses=2)
    campaign = await shop.write_campaign(frequency="daily", grant=grant, max_event_age_s=10**7)
    words = {"en": {"title": "Ten off at {store}", "body": "today"}}
    other = msgspec.convert({"code": "ten", "share": 1, "offer": words}, Variant)
    other = replace(other, benefit=PercentOff(percent=10))
    await tries(shop, campaign, holdout_percent=40, variants=(variant("as-is", 1), other))
    shoppers = await shop.enrol(MEMBERS)
    got = await steps_in(shop, shoppers)

    assigned = await arms(shop)
    assert set(assigned.values()) == {"holdout", "as-is", "ten"}
    assert [assigned[each.member_id] != "holdout" for each in shoppers] == [bool(count) for count in got]
    assert Counter(await shop.outcomes()) == {"holdout": got.count(0), "issued": sum(got)}
    (given,) = await shop.rows("variant_offers", "version")
    assert msgspec.json.decode(given["benefit"])["percent"] == 10
    for coupon in await shop.rows("coupons"):
        is_ten = assigned[coupon["member_id"]] == "ten"
        assert (coupon["variant_version"], coupon["uses"]) == (given["version"] if is_ten else None, 2)
    async with shop.pool.acquire() as conn:
        (ten,) = await list_usable_coupons(conn, [next(each for each in assigned if assigned[each] == "ten")], at(60))
    assert (ten.offer["en"].title, ten.grant.benefit) == ("Ten off at {store}", PercentOff(percent=10))
    titles = {row["member_id"]: msgspec.json.decode(row["payload"])["title"] for row in await shop.rows("outbox")}
    assert {assigned[member]: title for member, title in titles.items()} == {
        "as-is": "Welcome to Store 0",
        "ten": "Ten off at Store 0",
    }

    # Other shares hold for newcomers only.
    changed = await tries(shop, campaign, holdout_percent=90, variants=(variant("as-is", 0), other))
    assert changed.version == 2
    assert await steps_in(shop, shoppers, day=1) == got
    newcomers = await shop.enrol(MEMBERS)
    await steps_in(shop, newcomers, day=2)
    after = await arms(shop)
    assert {member: after[member] for member in assigned} == assigned
    assert Counter(after[each.member_id] for each in newcomers)["as-is"] == 0
    rows = {row["member_id"]: row["version"] for row in await shop.rows("assignments", "member_id")}
    assert {rows[each.member_id] for each in newcomers} == {2}


async def test_once_it_has_ended_everybody_gets_the_campaign(shop: Shop) -> None:
    campaign = await shop.write_campaign(frequency="daily", max_event_age_s=10**7)
    await tries(shop, campaign, holdout_percent=90)
    shoppers = await shop.enrol(20)
    assert sum(await steps_in(shop, shoppers)) < 20

    async def end(conn: Connection) -> None:
        await programs_repository.bump_campaign_version(conn, shop.program.id)
        await experiments_repository.end_experiment(conn, campaign.id, at(60))

    await in_transaction(shop.pool, end)
    assert sum(await steps_in(shop, shoppers, day=1)) == 20
    with pytest.raises(Problem) as refused:
        await tries(shop, campaign, holdout_percent=10)
    assert refused.value.slug == "experiment-ended"


async def test_the_program_holds_out_of_every_campaign(shop: Shop) -> None:
    """Who got a campaign before goes on to get it; and when the holdout ends everybody gets everything."""
    first = await shop.write_campaign(frequency="daily", max_event_age_s=10**7)
    await tries(shop, first, variants=(variant("a", 1),))
    shoppers = await shop.enrol(MEMBERS)
    assert sum(await steps_in(shop, shoppers)) == MEMBERS
    await holds_out(shop, 50)
    second = await shop.write_campaign(frequency="daily", max_event_age_s=10**7)
    got = await steps_in(shop, shoppers, day=1)
    rows = await shop.rows("assignments", "member_id")
    of_second = {row["member_id"]: row for row in rows if row["campaign_id"] == second.id}
    assert set(got) == {1, 2}
    assert [of_second[each.member_id]["arm"] == "program_holdout" for each in shoppers] == [one == 1 for one in got]
    assert {(row["version"], row["program_percent"]) for row in of_second.values()} == {(0, 50)}
    await holds_out(shop, 0, now=DAY_S)
    assert await steps_in(shop, shoppers, day=2) == [2] * MEMBERS
    (held,) = await shop.rows("program_holdouts", "program_id")
    assert (held["percent"], held["ended_at"]) == (0, at(DAY_S))


async def test_of_two_that_assign_a_member_at_once_one_decides(shop: Shop, database: str) -> None:
    """They know other shares: who comes second finds what the first has written."""
    campaign = await shop.write_campaign()
    (shopper,) = await shop.enrol()
    pools = [await open_pool(database, max_size=1) for _ in range(2)]

    async def assigns(pool: Pool, arm: str) -> str:
        wanted = Assignment(
            member_id=shopper.member_id,
            campaign_id=campaign.id,
            program_id=shop.program.id,
            version=1,
            program_percent=0,
            arm=arm,
            first_eligible_at=NOON,
        )
        found = await in_transaction(pool, lambda conn: settle_assignments(conn, [wanted]))
        return found[shopper.member_id, campaign.id]

    try:
        async with gate(database, "LOCK TABLE assignments IN SHARE MODE", 2):
            racers = [asyncio.create_task(assigns(pool, arm)) for pool, arm in zip(pools, "ab", strict=True)]
        told = await asyncio.gather(*racers)
    finally:
        for pool in pools:
            pool.terminate()
    (row,) = await shop.rows("assignments", "member_id")
    assert told == [row["arm"]] * 2


async def test_a_person_has_one_assignment(shop: Shop) -> None:
    """Who becomes another member takes along what that one has not."""
    both, only = await shop.write_campaign(), await shop.write_campaign()
    old, new = await shop.enrol(2)

    async def write(shopper: Shopper, campaign: Campaign, arm: str, seconds: float) -> None:
        await shop.pool.execute(
            "INSERT INTO assignments VALUES ($1, $2, $3, 1, 0, $4, $5)",
            shopper.member_id, campaign.id, shop.program.id, arm, at(seconds),
        )  # fmt: skip

    await write(new, both, "a", 0)
    await write(old, both, "holdout", 30)
    await write(new, only, "a", 60)
    await becomes(shop, new, old)
    found = {(row["member_id"], row["campaign_id"]): row["arm"] for row in await shop.rows("assignments", "member_id")}
    assert found == {(old.member_id, both.id): "holdout", (old.member_id, only.id): "a"}


async def test_a_variant_keeps_what_it_gives_until_it_is_changed(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    versions = [
        (await tries(shop, campaign, variants=(variant("ten", share, percent=percent),))).variants[0].offer_version
        for share, percent in ((1, 10), (2, 10), (2, 20))
    ]
    assert versions == [1, 1, 2]


async def test_a_benefit_for_items_needs_to_know_which(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    free = Variant(code="free", share=1, benefit=FreeItem())
    with pytest.raises(Problem) as refused:
        await tries(shop, campaign, variants=(free,))
    assert "item_codes" in str(refused.value.detail)
    some = await shop.write_campaign(grant=Grant(conditions=Conditions(item_codes=["4901"])))
    await tries(shop, some, variants=(free,))
    async with shop.pool.acquire() as conn:
        with pytest.raises(Problem):
            await require_fitting_variants(conn, replace(some, grant=Grant()))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({}, "variants"),
        ({"variants": (variant("a", 0),)}, "share above 0"),
        ({"variants": (variant("a", 1), variant("a", 2))}, "code of its own"),
        ({"variants": (variant("holdout", 1),)}, "holdout"),
        ({"holdout_percent": 10, "variants": ()}, "Keep the variant 'a'"),
    ],
)
async def test_what_makes_no_experiment_is_refused(shop: Shop, data: dict[str, Any], word: str) -> None:
    campaign = await shop.write_campaign()
    if word.startswith("Keep"):
        await tries(shop, campaign, variants=(variant("a", 1),))
        await steps_in(shop, await shop.enrol())
    with pytest.raises(Problem) as refused:
        await tries(shop, campaign, **data)
    assert word in str(refused.value.detail)
    assert await shop.count("experiments") == word.startswith("Keep")


async def test_a_full_card_was_promised_its_reward(shop: Shop) -> None:
    campaign, other = await shop.write_campaign("stamps"), await shop.write_campaign()
    with pytest.raises(Problem) as refused:
        await tries(shop, campaign, holdout_percent=10)
    assert "promised" in str(refused.value.detail)
    (shopper,) = await shop.enrol()
    # A salt by which the member is held out.
    holdout = ProgramHoldout(program_id=shop.program.id, percent=50, salt=bytes(16))
    salts = (replace(holdout, salt=bytes([number] * 16)) for number in range(100))
    holdout = next(each for each in salts if is_within(50, each.salt, shopper.member_id))
    read = (await shop.keeper()).current
    snapshot = replace(read, experiments={shop.program.id: ProgramExperiments(holdout, {})})
    candidates = [candidate(shopper, campaign), candidate(shopper, other)]
    await in_transaction(shop.pool, lambda conn: hold_out(conn, snapshot, candidates))
    assert [each.outcome for each in candidates] == [None, "holdout"]


def candidate(shopper: Shopper, campaign: Campaign) -> Candidate:
    event = TriggerEvent(
        trigger=campaign.trigger.kind,
        member_id=shopper.member_id,
        program_id=campaign.program_id,
        event_at=NOON,
        now=NOON,
        is_verified=True,
    )
    return Candidate(event_index=0, event=event, campaign=campaign, place=None)


async def test_assignments_go_90_days_after_the_campaign(shop: Shop) -> None:
    campaign = await shop.write_campaign(ends_at=at(100 * DAY_S))
    await tries(shop, campaign, holdout_percent=50)
    await steps_in(shop, await shop.enrol(5))
    end = at(100 * DAY_S)
    for now, left in ((at(0), 5), (end, 5), (end + KEPT_FOR, 5), (end + KEPT_FOR + timedelta(seconds=1), 0)):
        await in_transaction(shop.pool, lambda conn, now=now: purge_assignments(conn, now))  # type: ignore[misc]
        assert await shop.count("assignments") == left
    assert await shop.count("closed_analyses") == 1
    # Its end is put off: the analysis goes on.
    await shop.pool.execute("UPDATE campaigns SET ends_at = NULL")
    await in_transaction(shop.pool, lambda conn: purge_assignments(conn, end + KEPT_FOR))
    assert await shop.count("closed_analyses") == 0
