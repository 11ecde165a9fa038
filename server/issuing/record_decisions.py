"""The last pass: every decision is a row, written in the transaction that decides."""

from collections.abc import Sequence
from datetime import tzinfo

from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.decision import DecisionRecord
from coupons.issuing.decisions_repository import insert_decisions
from coupons.issuing.inputs import inputs_of
from kit.database import Connection
from kit.ids import new_id
from server.issuing.candidates import Candidate


async def record_decisions(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """One statement for all of them."""
    rows = [_record(each) for each in candidates if each.outcome is not None]
    if rows:
        await insert_decisions(conn, rows)


def _record(candidate: Candidate) -> DecisionRecord:
    event, campaign, outcome = candidate.event, candidate.campaign, candidate.outcome
    assert outcome is not None
    zone: tzinfo = candidate.zone
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
        inputs=candidate.inputs or inputs_of(outcome, campaign, event, zone, candidate.terms),
        coupon_id=candidate.coupon_id,
        variant=None if candidate.variant is None else candidate.variant.code,
    )
