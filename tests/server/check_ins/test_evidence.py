"""Evidence of all kinds on one visit, in whatever order it comes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.campaigns.campaign import Campaign
from ids import ScanId
from server.locations.locate import locate
from server.locations.sweep import sweep_all
from tests.support.answers import expect_located
from tests.support.counter import Counter, expect_sound, set_points
from tests.support.evidence import a_counter, open_doors, undo, usable_campaigns
from tests.support.shop import NOON, Shop, at, fix
from tests.support.visiting import (
    checks_in_at_store,
    display_code,
    expect_reconciled,
    printed_code,
    set_visit_rules,
    undoes,
)
from visits.trust import TRUST_LEVELS, Trust, level

Step = Literal["number", "code", "printed", "display", "mocked", "dwell", "undo"]

PROVE: dict[Step, Trust] = {
    "number": "low",
    "code": "high",
    "printed": "fair",
    "display": "good",
    "mocked": "doubtful",
    "dwell": "modest",
}


class Day:
    """One member's day at one store, and what it must come to. Every scan is a minute later than the one before."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.minute = 0
        self.shown: set[Trust] = set()
        self.scans: list[tuple[ScanId, Trust]] = []

    @property
    def trust(self) -> Trust | None:
        return max([*self.shown, *(trust for _, trust in self.scans)], key=level, default=None)

    async def take(self, step: Step) -> None:
        self.minute += 1
        now = at(60 * self.minute)
        if step in ("number", "code"):
            told = await self.counter.scan(now, by_number=step == "number")
            self.scans.append((ScanId(UUID(told["scan_id"])), PROVE[step]))
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
            await undoes(counter.shop, counter.till, counter.shopper.member_id, scan_id, now, snapshot=counter.snapshot)

    async def _arrive(self, step: Step, now: datetime) -> None:
        counter = self.counter
        code = display_code(counter.shop, now) if step == "display" else printed_code(counter.shop)
        where = fix(now, mocked=step == "mocked")
        await checks_in_at_store(counter.shop, counter.shopper, code, where, now, snapshot=counter.snapshot)

    async def _stay(self) -> None:
        """SyncResult when the time comes to it; it was before noon. A second time it is nothing new."""
        counter = self.counter
        stay = counter.shopper.sends(fix(at(-400)), fix(at(-50)), received_at=NOON)
        (answer,) = await locate(counter.shop.pool, await counter.shop.keeper(), [stay])
        assert expect_located(answer).future == 0


@given(
    steps=st.lists(st.sampled_from(["number", "code", "printed", "display", "mocked", "dwell", "undo"]), max_size=8),
    least=st.sampled_from(TRUST_LEVELS),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_comes_and_goes_in_whatever_order_the_visit_and_its_rewards_are_what_stands(
    shop: Shop, steps: Sequence[Step], least: Trust
) -> None:
    await open_doors(shop, least)
    await set_points(shop)
    await shop.pool.execute("UPDATE campaigns SET state = 'ended'")
    campaigns = [
        await shop.write_campaign("visit", min_trust_level=level(trust), cap=9)
        for trust in ("doubtful", "fair", "high")
    ]
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
    found = [TRUST_LEVELS[row["trust"]] for row in visits if row["undone_at"] is None]
    assert found == ([day.trust] if day.trust else [])
    assert await day.counter.balance() == 10 * earns(least)
    expected = {campaign.id for campaign in campaigns if earns(TRUST_LEVELS[campaign.min_trust_level])}
    assert await usable_campaigns(shop, member_id) == expected


async def test_any_order_of_all_kinds_comes_to_the_same(shop: Shop) -> None:
    await open_doors(shop, "fair")
    await set_points(shop)
    await shop.write_campaign("visit", min_trust_level=level("good"))
    snapshot = (await shop.keeper()).current
    kinds: list[Step] = ["number", "code", "printed", "display", "dwell"]
    seen = set()
    for turn in range(len(kinds)):
        for order in (kinds[turn:] + kinds[:turn], (kinds[turn:] + kinds[:turn])[::-1]):
            day = Day(await a_counter(shop, snapshot, shop.pool))
            for step in order:
                await day.take(step)
            member_id = day.counter.shopper.member_id
            (visit,) = await shop.pool.fetch("SELECT trust, first_at FROM visits WHERE member_id = $1", member_id)
            coupons = len(await usable_campaigns(shop, member_id))
            seen.add((visit["trust"], visit["first_at"], coupons, await day.counter.balance()))
    assert seen == {(level("high"), at(-100), 1, 10)}


async def test_a_visit_over_midnight_earns_a_daily_offer_once(shop: Shop) -> None:
    """What raises it further asks no campaign again that has heard of it: another calendar day is the same visit."""
    await open_doors(shop)
    campaign = await shop.write_campaign("visit", frequency="daily")
    counter = await a_counter(shop, (await shop.keeper()).current, shop.pool)
    midnight = NOON + timedelta(hours=12)
    await counter.scan(midnight - timedelta(minutes=10), by_number=True)
    await counter.scan(midnight + timedelta(minutes=10))
    assert [row["campaign_id"] for row in await shop.rows("coupons")] == [campaign.id]
    assert await shop.outcomes() == ["issued"]


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
    await sweep_all(shop.pool, await shop.keeper(), at(3600))
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
    campaign = await shop.write_campaign("visit", allow_anonymous=True)
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

    monkeypatch.setattr("server.locations.recording.begin_check_ins", never)
    await open_doors(shop)
    await set_visit_rules(shop, by_dwell=False)
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(at(-400)), fix(NOON)))
    assert [row["kind"] for row in await shop.rows("transitions", "event_at")] == ["enter", "dwell"]
