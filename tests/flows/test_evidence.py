"""Evidence of all kinds on one visit: in whatever order it comes, and all at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cards.codes import make_coupon_code
from coupons.campaigns import Campaign
from kit.database import Pool, in_transaction, open_pool
from programs import programs_repository
from server.catalogue import Catalogue
from server.flows.locate import locate
from server.flows.redeem import RedeemCommand, redeem
from server.flows.tick import tick_all
from server.flows.undo import Undone
from server.problems import Problem
from tests.flows.gates import deadlocks, gate
from tests.flows.shop import NOON, Shop, at, expect_located, fix
from tests.flows.visiting import (
    arrives,
    display_code,
    expect_reconciled,
    give_display,
    printed_code,
    set_visit_rules,
    undoes,
)
from tests.points.counter import Counter, expect_sound, set_points, set_stamp_card
from visits.trust import TRUSTS, Trust, level

DWELL_S = 300
Step = Literal["number", "code", "printed", "display", "mocked", "dwell", "undo"]
PROVE: dict[Step, Trust] = {
    "number": "low",
    "code": "high",
    "printed": "fair",
    "display": "good",
    "mocked": "doubtful",
    "dwell": "modest",
}


@pytest_asyncio.fixture
async def track(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, min_size=20, max_size=20)
    yield opened
    opened.terminate()


async def open_doors(shop: Shop, least_trust: Trust = "low") -> None:
    """All kinds of evidence make visits here; whoever stays five minutes has dwelled."""
    await set_visit_rules(shop, least_trust=least_trust)
    await give_display(shop)
    async with shop.pool.acquire() as conn, conn.transaction():
        version = await programs_repository.bump_fence_version(conn, shop.program.id)
        await conn.execute("UPDATE geofences SET dwell_s = $1, version = $2", DWELL_S, version)


async def a_counter(shop: Shop, catalogue: Catalogue, pool: Pool) -> Counter:
    (shopper,) = await shop.enrol()
    ((till, _),) = await shop.install_tills(1)
    return Counter(shop, till, shopper, await shop.put_card_on(shopper), catalogue, pool)


class Day:
    """One member's day at one store, and what it must come to. Every scan is a minute later than the one before."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.minute = 0
        self.shown: set[Trust] = set()
        self.scans: list[tuple[UUID, Trust]] = []

    @property
    def trust(self) -> Trust | None:
        return max([*self.shown, *(trust for _, trust in self.scans)], key=level, default=None)

    async def take(self, step: Step) -> None:
        self.minute += 1
        now = at(60 * self.minute)
        if step in ("number", "code"):
            told = await self.counter.scan(now, by_number=step == "number")
            self.scans.append((UUID(told["scan_id"]), PROVE[step]))
        elif step == "undo":
            await self._undo(now)
        elif step == "dwell":
            await self._stay()
            self.shown.add(PROVE[step])
        else:
            await self._arrive(step, now)
            self.shown.add(PROVE[step])

    async def _undo(self, now: datetime) -> None:
        if self.scans:
            scan_id, _ = self.scans.pop()
            counter = self.counter
            await undoes(
                counter.shop, counter.till, counter.shopper.member_id, scan_id, now, catalogue=counter.catalogue
            )

    async def _arrive(self, step: Step, now: datetime) -> None:
        counter = self.counter
        code = display_code(counter.shop, now) if step == "display" else printed_code(counter.shop)
        where = fix(now, mocked=step == "mocked")
        await arrives(counter.shop, counter.shopper, code, where, now, catalogue=counter.catalogue)

    async def _stay(self) -> None:
        """Told when the time comes to it; it was before noon. A second time it is nothing new."""
        counter = self.counter
        stay = counter.shopper.sends(fix(at(-400)), fix(at(-50)), received_at=NOON)
        (answer,) = await locate(counter.shop.pool, await counter.shop.keeper(), [stay])
        assert expect_located(answer).future == 0


async def usable_campaigns(shop: Shop, member_id: UUID) -> set[UUID]:
    rows = await shop.pool.fetch(
        "SELECT c.campaign_id FROM coupons c WHERE c.member_id = $1 AND NOT EXISTS"
        " (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))",
        member_id,
    )
    assert len({row["campaign_id"] for row in rows}) == len(rows)
    return {row["campaign_id"] for row in rows}


@given(
    steps=st.lists(st.sampled_from(["number", "code", "printed", "display", "mocked", "dwell", "undo"]), max_size=8),
    least=st.sampled_from(TRUSTS),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_comes_and_goes_in_whatever_order_the_visit_and_its_rewards_are_what_stands(
    shop: Shop, steps: Sequence[Step], least: Trust
) -> None:
    await open_doors(shop, least)
    await set_points(shop)
    await shop.pool.execute("UPDATE campaigns SET state = 'ended'")
    campaigns = [await shop.write_campaign("visit", least_trust=trust, cap=9) for trust in ("doubtful", "fair", "high")]
    day = Day(await a_counter(shop, (await shop.keeper()).current, shop.pool))
    for step in steps:
        await day.take(step)
        await expect_day(shop, day, campaigns, least)
    await expect_reconciled(shop)
    await expect_sound(shop)


async def expect_day(shop: Shop, day: Day, campaigns: Sequence[Campaign], least: Trust) -> None:
    def earns(asked: Trust) -> bool:
        return day.trust is not None and level(day.trust) >= level(asked)

    member_id = day.counter.shopper.member_id
    visits = await shop.pool.fetch("SELECT trust, undone_at FROM visits WHERE member_id = $1", member_id)
    assert len(visits) <= 1
    found = [TRUSTS[row["trust"]] for row in visits if row["undone_at"] is None]
    assert found == ([day.trust] if day.trust else [])
    assert await day.counter.balance() == 10 * earns(least)
    expected = {campaign.id for campaign in campaigns if earns(campaign.least_trust)}
    assert await usable_campaigns(shop, member_id) == expected


async def test_any_order_of_all_kinds_comes_to_the_same(shop: Shop) -> None:
    await open_doors(shop, "fair")
    await set_points(shop)
    await shop.write_campaign("visit", least_trust="good")
    catalogue = (await shop.keeper()).current
    kinds: list[Step] = ["number", "code", "printed", "display", "dwell"]
    seen = set()
    for turn in range(len(kinds)):
        for order in (kinds[turn:] + kinds[:turn], (kinds[turn:] + kinds[:turn])[::-1]):
            day = Day(await a_counter(shop, catalogue, shop.pool))
            for step in order:
                await day.take(step)
            member_id = day.counter.shopper.member_id
            (visit,) = await shop.pool.fetch("SELECT trust, first_at FROM visits WHERE member_id = $1", member_id)
            coupons = len(await usable_campaigns(shop, member_id))
            seen.add((visit["trust"], visit["first_at"], coupons, await day.counter.balance()))
    assert seen == {(level("high"), at(-100), 1, 10)}


async def race(database: str, hold: str, runs: Sequence[Awaitable[Any]], held: int | None = None) -> list[Any]:
    """Hold all of them at `hold`, let them go together; a Problem is an answer."""

    async def answer(run: Awaitable[Any]) -> Any:
        try:
            return await run
        except Problem as problem:
            return problem

    async with gate(database, hold, held or len(runs)):
        tasks = [asyncio.create_task(answer(run)) for run in runs]
    return await asyncio.gather(*tasks)


async def test_a_qr_a_till_and_a_dwell_in_the_same_second(shop: Shop, track: Pool, database: str) -> None:
    await open_doors(shop)
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0)
    campaign = await shop.write_campaign("visit", cap=5)
    keeper = await shop.keeper()
    catalogue = keeper.current
    counter = await a_counter(shop, catalogue, track)
    shopper = counter.shopper
    await locate(shop.pool, keeper, [shopper.sends(fix(at(-400)))])

    async def dwell() -> None:
        (answer,) = await locate(track, keeper, [shopper.sends(fix(NOON))])
        assert expect_located(answer).accepted == 1

    runs: list[Awaitable[Any]] = [dwell(), counter.scan(), counter.scan(by_number=True)]
    runs += [arrives(shop, shopper, display_code(shop), pool=track, catalogue=catalogue) for _ in range(3)]
    await race(database, "LOCK TABLE visits IN SHARE MODE", runs)
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["trust"] == level("high")
    kinds = sorted(row["kind"] for row in await shop.rows("visit_evidence"))
    assert kinds == ["card_number", "dwell", "rotating_code", "rotating_store_qr"]
    assert [await shop.count(table) for table in ("coupons", "point_postings", "stamps")] == [1, 1, 1]
    assert (await counter.balance(), await shop.budget(campaign)) == (10, 1)
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


async def test_ten_undos_of_one_scan_at_once(shop: Shop, track: Pool, database: str) -> None:
    await set_points(shop)
    await shop.write_campaign("visit", cap=5)
    counter = await a_counter(shop, (await shop.keeper()).current, track)
    await counter.scan()
    told: list[Undone] = await race(
        database, "SELECT FROM visit_evidence FOR UPDATE", [undo(shop, counter, track) for _ in range(10)]
    )
    assert len(set(told)) == 1
    assert (told[0].points_taken_back, told[0].coupons_ended) == (10, 1)
    assert [await shop.count(table) for table in ("point_postings", "redemptions")] == [2, 1]
    await expect_reconciled(shop)


def undo(shop: Shop, counter: Counter, pool: Pool, scan_id: UUID | None = None) -> Awaitable[Undone]:
    scan_id = scan_id or counter.scan_id
    member_id = counter.shopper.member_id
    return undoes(shop, counter.till, member_id, scan_id, at(5), pool=pool, catalogue=counter.catalogue)


@pytest.mark.parametrize("turn", range(4))
async def test_an_undo_and_a_redemption_of_its_coupon(shop: Shop, track: Pool, database: str, turn: int) -> None:
    """One of them has the coupon, whoever comes first; both know who."""
    await shop.write_campaign("visit", cap=5)
    counter = await a_counter(shop, (await shop.keeper()).current, track)
    await counter.scan()
    (coupon,) = await shop.rows("coupons")
    code = make_coupon_code(coupon["member_id"], coupon["id"])
    command = RedeemCommand(counter.till, code, None, at(5))

    async def use() -> bool:
        (answer,) = await in_transaction(track, lambda conn: redeem(conn, [command]))
        return not isinstance(answer, Exception)

    runs: list[Awaitable[Any]] = [undo(shop, counter, track), use()]
    if turn % 2:
        runs.reverse()
    answers = await race(database, "LOCK TABLE redemptions IN SHARE MODE", runs)
    undone, used = answers[::-1] if turn % 2 else answers
    assert (undone.coupons_ended, used) in ((0, True), (1, False))
    assert await shop.count("redemptions") == 1
    await expect_reconciled(shop)
    again = await counter.scan(at(60))
    assert again["coupons_issued"] == undone.coupons_ended


async def test_an_undo_and_other_tills_scans_of_the_same_card(shop: Shop, track: Pool, database: str) -> None:
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=2)
    campaign = await shop.write_campaign("visit", cap=5)
    catalogue = (await shop.keeper()).current
    counter = await a_counter(shop, catalogue, track)
    await counter.scan()
    others = [
        Counter(shop, till, counter.shopper, counter.phone, catalogue, track) for till, _ in await shop.install_tills(5)
    ]
    first = counter.scan_id
    runs = [undo(shop, counter, track, first), *(other.scan(at(1), by_number=True) for other in others)]
    await race(database, "SELECT FROM visits FOR UPDATE", runs)
    (visit,) = await shop.rows("visits", "first_at")
    assert (visit["trust"], visit["undone_at"]) == (level("low"), None)
    assert (await counter.balance(), await shop.budget(campaign)) == (10, 1)
    assert len(await usable_campaigns(shop, counter.shopper.member_id)) == 1
    assert len([row for row in await shop.rows("stamps", "at") if row["revoked_at"] is None]) == 1
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


_ANOTHER_SCAN = """
    INSERT INTO visit_evidence (member_id, id, store_id, business_day, kind, till_id, trust, decisions, at)
    SELECT v.member_id, gen_random_uuid(), v.store_id, v.business_day, 'card_number', t.id, 1, '{}', v.first_at
    FROM (SELECT * FROM visits FOR UPDATE) v
    CROSS JOIN tills t
"""


async def test_an_undo_waits_for_the_evidence_that_is_being_written(shop: Shop, track: Pool, database: str) -> None:
    """Whoever holds the visit has looked at it already: what they write is part of what is left."""
    await set_points(shop)
    counter = await a_counter(shop, (await shop.keeper()).current, track)
    await counter.scan()
    (undone,) = await race(database, _ANOTHER_SCAN, [undo(shop, counter, track)])
    assert (undone.is_visit_undone, undone.points_taken_back) == (False, 0)
    await expect_reconciled(shop)


async def test_a_visit_over_midnight_earns_a_daily_offer_once(shop: Shop) -> None:
    """What raises it further asks no campaign again that has heard of it: another calendar day is the same visit."""
    await open_doors(shop)
    campaign = await shop.write_campaign("visit", frequency="daily")
    counter = await a_counter(shop, (await shop.keeper()).current, shop.pool)
    midnight = NOON + timedelta(hours=12)
    await counter.scan(midnight - timedelta(minutes=10), by_number=True)
    await counter.scan(midnight + timedelta(minutes=10))
    assert [row["campaign_id"] for row in await shop.rows("coupons")] == [campaign.id]
    assert [row["decisions"] for row in await shop.rows("visit_evidence")] == [f'{{"{campaign.id}": "issued"}}', "{}"]


async def test_an_undo_and_a_purchase_with_its_scan(shop: Shop, track: Pool, database: str) -> None:
    """The purchase comes before and is refunded, or after and finds no scan."""
    await set_points(shop, visit_points=0)
    counter = await a_counter(shop, (await shop.keeper()).current, track)
    await counter.scan()
    runs: list[Awaitable[Any]] = [undo(shop, counter, track), counter.buy(1000, "R-1", at(5))]
    undone, bought = await race(database, "SELECT FROM visit_evidence FOR UPDATE", runs)
    assert isinstance(bought, Problem) == (undone.amount_refunded == 0)
    assert [row["amount"] - row["refunded"] for row in await shop.rows("purchases")] in ([], [0])
    assert await counter.balance() == 0
    await expect_sound(shop)


async def test_undos_and_scans_of_many_members_with_one_budget_meet_no_deadlock(
    shop: Shop, track: Pool, database: str
) -> None:
    await set_points(shop)
    campaigns = [await shop.write_campaign("visit", cap=30) for _ in range(3)]
    catalogue = (await shop.keeper()).current
    counters = [await a_counter(shop, catalogue, track) for _ in range(9)]
    for counter in counters:
        await counter.scan()
    runs: list[Awaitable[Any]] = []
    for counter in counters:
        runs += [undo(shop, counter, track, counter.scan_id), counter.scan(at(30))]
    await race(database, "LOCK TABLE budgets IN SHARE MODE", runs, held=9)
    assert {await shop.budget(campaign) for campaign in campaigns} == {9}
    assert {await counter.balance() for counter in counters} == {10}
    await expect_reconciled(shop)
    await expect_sound(shop)
    assert await deadlocks(database) == 0


async def test_a_dwell_is_a_visit_where_the_program_says_so(shop: Shop) -> None:
    await open_doors(shop)
    await set_visit_rules(shop, by_dwell=False)
    await set_points(shop)
    stayer, silent = await shop.enrol(2)
    await shop.locate(stayer.sends(fix(at(-400)), fix(NOON)))
    assert await shop.count("visits") == 0
    await set_visit_rules(shop)
    (phone,) = await shop.add_devices(stayer, 1)
    campaign = await shop.write_campaign("visit")
    (located,) = await shop.locate(phone.sends(fix(at(-300)), fix(at(10))))
    assert len(located.coupons) == 1
    await shop.locate(silent.sends(fix(at(-400))))
    await tick_all(shop.pool, await shop.keeper(), at(3600))
    rows = await shop.rows("visit_evidence")
    assert [(row["member_id"], row["kind"], row["trust"]) for row in rows] == [
        (stayer.member_id, "dwell", level("modest")),
        (silent.member_id, "dwell", level("modest")),
    ]
    visits = {row["member_id"]: row["first_at"] for row in await shop.rows("visits", "first_at")}
    assert visits == {stayer.member_id: NOON, silent.member_id: at(-100)}
    assert await shop.count("point_postings") == 2
    # The campaign heard of the sweeper's too late: an hour and more after it.
    assert {row["campaign_id"] for row in await shop.rows("coupons")} == {campaign.id}
    assert await shop.count("coupons") == 1


@pytest.mark.parametrize("together", [False, True])
async def test_of_two_phones_that_stay_the_earlier_one_begins_the_visit(shop: Shop, *, together: bool) -> None:
    """Whichever is heard first: also when what a till has seen is undone."""
    await open_doors(shop)
    campaign = await shop.write_campaign("visit", for_anonymous=True)
    counter = await a_counter(shop, (await shop.keeper()).current, shop.pool)
    (other,) = await shop.add_devices(counter.shopper, 1)
    late = counter.shopper.sends(fix(at(-400)), fix(at(-50)), received_at=NOON)
    early = other.sends(fix(at(-500)), fix(at(-50)), received_at=NOON)
    for commands in [[late, early]] if together else [[late], [early]]:
        await shop.locate(*commands)
    await counter.scan()
    await undo(shop, counter, shop.pool)
    (evidence, _), (visit,) = await shop.rows("visit_evidence"), await shop.rows("visits", "first_at")
    assert evidence["at"] == visit["first_at"] == at(-200)
    assert [row["campaign_id"] for row in await shop.rows("coupons")] == [campaign.id]
    assert len(evidence["coupon_ids"]) == 1
    await expect_reconciled(shop)


async def test_a_dwell_costs_no_statement_where_no_program_wants_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("asked for visits that nobody wants")

    monkeypatch.setattr("server.flows.recording.begin_check_ins", never)
    await open_doors(shop)
    await set_visit_rules(shop, by_dwell=False)
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(at(-400)), fix(NOON)))
    assert [row["kind"] for row in await shop.rows("transitions", "event_at")] == ["enter", "dwell"]
