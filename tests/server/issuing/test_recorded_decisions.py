"""What is told of each decision is what its own row said, before campaigns of one outcome shared a row."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from audiences import tree as t
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.decision import DecisionRecord
from coupons.issuing.decisions_repository import list_decisions
from coupons.issuing.inputs import inputs_of
from kit.database import Connection
from kit.ids import new_id
from server.issuing.candidates import Candidate
from server.issuing.record_decisions import record_decisions
from tests.server.audiences.test_hot_path import save
from tests.support.shop import NOON, Shop, fix

A_DAY = timedelta(days=1)
SATURDAYS = [EventHours([6])]


def of_its_own(candidate: Candidate) -> DecisionRecord:
    """The row of one decision, as it was (docs/decisions/0048)."""
    event, campaign, outcome = candidate.event, candidate.campaign, candidate.outcome
    assert outcome is not None
    return DecisionRecord(
        id=new_id(),
        member_id=event.member_id,
        decided_at=event.now,
        program_id=event.program_id,
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        trigger=event.trigger,
        source=TRIGGERS[event.trigger].recorded_with,
        source_id=event.source_id,
        store_id=event.store_id,
        event_at=event.event_at,
        outcome=outcome,
        inputs=candidate.inputs or inputs_of(outcome, campaign, event, candidate.zone, candidate.terms),
        coupon_id=candidate.coupon_id,
        variant=None if candidate.variant is None else candidate.variant.code,
    )


async def test_each_decision_is_told_as_by_a_row_of_its_own(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rich = await save(shop, t.AllOf(of=[t.ConsentIs(purpose="profiling"), t.PointsHeld(at_least=1)]))
    unheard = await save(shop, t.HomeStoreIs(is_one_of=[shop.stores[0].id]))
    campaigns = [
        await shop.write_campaign(**changes)
        for changes in (
            {},
            {"cap": 1},
            {"hours": SATURDAYS},
            {"hours": SATURDAYS, "except_days": [NOON.date()]},
            {"starts_at": NOON + A_DAY},
            {"ends_at": NOON - A_DAY},
            {"audience": rich},
            {"audience": unheard},
            {"exclusive_group": "g", "priority": 1},
            {"exclusive_group": "g"},
            {"frequency": "daily", "cooldown_s": 3600},
            {"max_event_age_s": 1},
        )
    ]
    decided: list[DecisionRecord] = []

    async def note(conn: Connection, candidates: Sequence[Candidate]) -> None:
        decided.extend(of_its_own(each) for each in candidates)
        await record_decisions(conn, candidates)

    monkeypatch.setattr("server.issuing.grant_offers.record_decisions", note)
    shoppers = her, him = await shop.enrol(2)
    for here in (NOON, NOON + timedelta(hours=2)):
        await shop.locate(*(each.sends(fix(here)) for each in shoppers))
        leaving = [fix(here + timedelta(minutes=10 * number), away_m=900) for number in (1, 2, 3)]
        await shop.locate(*(each.sends(*leaving) for each in shoppers))
    seen = Counter(each.outcome for each in decided)
    assert len(seen) >= 8, seen
    between = (NOON - A_DAY, NOON + A_DAY, NOON + 1000 * A_DAY)
    async with shop.pool.acquire() as conn:
        told = [
            each
            for campaign in campaigns
            for member in (her, him)
            for each in await list_decisions(conn, campaign.id, [member.member_id], None, between, 50)
        ]
    assert sorted(map(without_id, told), key=repr) == sorted(map(without_id, decided), key=repr)


def without_id(record: DecisionRecord) -> DecisionRecord:
    return msgspec.structs.replace(record, id=record.campaign_id)
