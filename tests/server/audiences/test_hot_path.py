"""What audiences cost where members pass by: nothing without one, and never a query a rule."""

from collections.abc import Sequence
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery

from audiences import audiences_repository
from audiences import tree as t
from audiences.audience import Audience
from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.triggers import TriggerEvent
from ids import AudienceId
from kit.ids import new_id
from server.issuing.grant_offers import grant_offers
from tests.support.shop import NOON, Shop, Shopper, at, fix

# A leaf of every source: the facts, the coupons, what happened by days.
EVERY_SOURCE = t.AnyOf(
    of=[
        t.PointsHeld(at_least=1),
        t.ConsentIs(purpose="push"),
        t.BirthdayIn(at_most_days=3),
        t.CouponHeld(state="usable"),
        t.VisitCount(at_least=1, within_days=7),
        t.StampsHeld(card="coffee", at_least=1),
    ]
)


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


def enter_by(shop: Shop, shopper: Shopper) -> TriggerEvent:
    return TriggerEvent(
        trigger="enter",
        member_id=shopper.member_id,
        program_id=shop.program.id,
        store_id=shop.stores[0].id,
        event_at=NOON,
        now=NOON,
        is_verified=True,
    )


async def queries_of(shop: Shop, events: Sequence[TriggerEvent]) -> tuple[list[str], list[Any]]:
    snapshot = (await shop.keeper()).current
    sent: list[str] = []

    def note(query: LoggedQuery) -> None:
        sent.append(query.query)

    async with shop.pool.acquire() as conn, conn.transaction():
        conn.add_query_logger(note)
        try:
            results = await grant_offers(conn, snapshot, events)
        finally:
            conn.remove_query_logger(note)
    return sent, [result.decisions for result in results]


@pytest.mark.parametrize("campaigns", [1, 30])
async def test_a_batch_reads_each_source_once_whatever_campaigns_ask(shop: Shop, campaigns: int) -> None:
    audience = await save(shop, EVERY_SOURCE)
    for _ in range(campaigns):
        await shop.write_campaign(audience=audience)
    shoppers = await shop.enrol(5)
    events = [enter_by(shop, shopper) for shopper in shoppers]
    await queries_of(shop, events[:1])  # what the version stands for is read once a process
    sent, decisions = await queries_of(shop, events)
    reading = [query for query in sent if "member_facts" in query or "person" in query]
    assert len(reading) == 3
    assert not any("audience_versions" in query for query in sent)
    assert [len(each) for each in decisions] == [campaigns] * 5


async def test_without_an_audience_nothing_is_read(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    event = enter_by(shop, shopper)
    sent, _ = await queries_of(shop, [event])
    assert not any("member_facts" in query for query in sent)


async def test_more_audiences_than_a_process_holds_are_read_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.issuing.judge_audiences._MAX_HELD", 1)
    audiences = [await save(shop, tree) for tree in (t.PointsHeld(at_least=1), t.CouponHeld(state="issued"))]
    (shopper,) = await shop.enrol()
    event = enter_by(shop, shopper)
    for count, audience in enumerate(audiences, 1):  # the first one is held when the second one is read
        await shop.write_campaign(audience=audience)
        _, (decisions,) = await queries_of(shop, [event])
        assert list(decisions.values()) == ["not_in_audience"] * count


async def test_a_step_is_decided_by_the_facts_before_it(shop: Shop) -> None:
    """`locate` asks for the same audiences as a scan."""
    nothing_yet = await save(shop, t.Not(of=t.CouponHeld(state="issued")))
    first = await shop.write_campaign(audience=nothing_yet)
    second = await shop.write_campaign(audience=await save(shop, t.CouponHeld(state="issued")))
    (shopper,) = await shop.enrol()
    (located,) = await shop.locate(shopper.sends(fix(NOON)))
    assert len(located.coupons) == 1
    decided = {row["campaign_id"]: row["outcome"] for row in await shop.decisions()}
    assert decided == {first.id: "issued", second.id: "not_in_audience"}
    (again,) = await shop.locate(
        shopper.sends(fix(at(3600), away_m=500), fix(at(4200), away_m=500), fix(at(5000), away_m=500), fix(at(6000)))
    )
    assert len(again.coupons) == 1
