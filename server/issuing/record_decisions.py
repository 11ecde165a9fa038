"""The last pass: every decision is kept, written in the transaction that decides."""

from collections.abc import Sequence

from coupons.campaigns.triggers import TRIGGERS
from coupons.issuing.decision import Outcome
from coupons.issuing.decisions_repository import insert_outcomes
from coupons.issuing.inputs import inputs_of
from coupons.issuing.rules import Decision
from ids import CouponId
from kit.database import Connection
from kit.ids import new_id
from server.issuing.candidates import Candidate


async def record_decisions(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """One statement for all of them, and a row for what came to one outcome of one event."""
    alike: dict[tuple[int, Decision], list[Candidate]] = {}
    for each in candidates:
        if each.outcome is not None:
            alike.setdefault((each.event_index, each.outcome), []).append(each)
    if alike:
        await insert_outcomes(conn, [_record(outcome, several) for (_, outcome), several in alike.items()])


def _record(outcome: Decision, candidates: Sequence[Candidate]) -> Outcome:
    """Of one event."""
    event, zone = candidates[0].event, candidates[0].zone
    variants = [None if each.variant is None else each.variant.code for each in candidates]
    return Outcome(
        id=new_id(),
        member_id=event.member_id,
        decided_at=event.now,
        program_id=event.program_id,
        trigger=event.trigger,
        source=TRIGGERS[event.trigger].recorded_with,
        source_id=event.source_id,
        store_id=event.store_id,
        event_at=event.event_at,
        outcome=outcome,
        campaign_ids=[each.campaign.id for each in candidates],
        campaign_versions=[each.campaign.version for each in candidates],
        inputs=[each.inputs or inputs_of(outcome, each.campaign, event, zone, each.terms) for each in candidates],
        coupon_ids=_coupons_of(candidates) or None,
        variants=variants if any(variants) else None,
    )


def _coupons_of(candidates: Sequence[Candidate]) -> list[CouponId]:
    return [each.coupon_id for each in candidates if each.coupon_id is not None]
