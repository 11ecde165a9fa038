"""From trigger events to coupons: the part that locations, check-ins and stamp cards share.

Candidates go through a line of passes; each pass looks at those that none before it has decided.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import msgspec

from audiences.facts import FactsDelta
from coupons import coupons_repository
from coupons.campaigns.follow_ups_repository import begin_follow_ups
from coupons.campaigns.triggers import TriggerEvent
from coupons.coupon import NewCoupon
from coupons.issuing.budgets import budgets_of
from coupons.issuing.inputs import read_cap
from coupons.issuing.issue_plan import Issuance
from coupons.issuing.rules import CouponTerms, Decision
from ids import CampaignId, CouponId, MemberId
from kit.database import Connection, after_commit
from kit.ids import new_id
from server.issuing.candidates import Candidate, find_candidates
from server.issuing.choose_best import choose_best
from server.issuing.govern_messages import find_recipients, tell_of_coupons
from server.issuing.hold_out import hold_out
from server.issuing.judge_audiences import judge_audiences
from server.issuing.record_decisions import record_decisions
from server.messages.readers import Reader, names_by, read_readers
from server.runtime.metrics import COUPONS
from server.runtime.snapshot import Snapshot

Wish = tuple[Candidate, CouponTerms, NewCoupon]


class TriggerResult(msgspec.Struct, frozen=True):
    """What each campaign that listens decided (by its id), and the coupons that were issued."""

    decisions: dict[CampaignId, Decision]
    coupon_ids: list[CouponId]


async def grant_offers(conn: Connection, snapshot: Snapshot, events: Sequence[TriggerEvent]) -> list[TriggerResult]:
    """Decide every event and issue what is earned, in the caller's transaction. One result each, in order."""
    candidates = find_candidates(snapshot, events)
    await judge_audiences(conn, candidates)
    await choose_best(conn, candidates)
    await hold_out(conn, snapshot, candidates)
    await _issue(conn, [each for each in candidates if each.outcome is None])
    await record_decisions(conn, candidates)
    return _results(candidates, len(events))


async def _issue(conn: Connection, wanted: Iterable[Candidate]) -> None:
    asking = [(each, each.terms, _make_coupon(each, each.terms)) for each in wanted if each.terms is not None]
    if not asking:
        return
    coupons = [coupon for _, _, coupon in asking]
    had = await coupons_repository.find_issued_keys(conn, coupons)
    # Before places are taken, for which others wait near the end of a cap.
    fresh = [each for each, _, coupon in asking if coupon.key not in had]
    recipients = await find_recipients(conn, fresh)
    readers = await _read_readers(conn, fresh)
    async with coupons_repository.references_held(conn, {each.event.member_id for each in fresh}):
        issuance = await coupons_repository.issue_coupons(conn, coupons, had)
        issued = _take_outcomes(asking, issuance)
        await begin_follow_ups(conn, [(coupon, each.campaign) for each, _, coupon in issued])
        await tell_of_coupons(conn, issued, recipients, readers)
    after_commit(partial(COUPONS.inc, len(issued)))


def _take_outcomes(asking: Sequence[Wish], issuance: Issuance) -> list[Wish]:
    """Those that were issued."""
    for each, _, coupon in asking:
        each.outcome = issuance.outcomes[coupon.id]
        if each.outcome == "cap_reached":
            each.inputs = read_cap(each.campaign, issuance.full[coupon.id])
        each.coupon_id = coupon.id if each.outcome == "issued" else None
    return [asked for asked in asking if asked[0].coupon_id is not None]


async def _read_readers(conn: Connection, wanted: Sequence[Candidate]) -> dict[MemberId, Reader]:
    """Of the members whose messages have words that are theirs alone; most campaigns have none."""
    campaigns = {each.campaign.id: each.campaign for each in wanted}
    own = {key: names_by(campaign.messages, campaign.channels) for key, campaign in campaigns.items()}
    asking = [(each, own[each.campaign.id]) for each in wanted if own[each.campaign.id]]
    if not asking:
        return {}
    holders = {each.event.member_id: each.event.program_id for each, _ in asking}
    names = frozenset[str]().union(*(names for _, names in asking))
    return await read_readers(conn, holders, names, asking[0][0].event.now)


def _results(candidates: Sequence[Candidate], event_count: int) -> list[TriggerResult]:
    results = [TriggerResult({}, []) for _ in range(event_count)]
    for each in candidates:
        result = results[each.event_index]
        if each.outcome is not None:
            result.decisions[each.campaign.id] = each.outcome
        if each.coupon_id is not None:
            result.coupon_ids.append(each.coupon_id)
    return results


def count_coupons(
    deltas: dict[MemberId, FactsDelta], events: Iterable[TriggerEvent], results: Iterable[TriggerResult]
) -> None:
    """Add to what a flow adds to the facts of members, and writes last of all."""
    for event, result in zip(events, results, strict=True):
        if result.coupon_ids:
            deltas.setdefault(event.member_id, FactsDelta()).coupons_issued += len(result.coupon_ids)


def _make_coupon(candidate: Candidate, terms: CouponTerms) -> NewCoupon:
    campaign, event = candidate.campaign, candidate.event
    return NewCoupon(
        id=CouponId(new_id()),
        member_id=event.member_id,
        program_id=event.program_id,
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        uses=campaign.grant.uses,
        budgets=budgets_of(campaign, event.store_id, terms.business_day),
        period_key=terms.period_key,
        store_id=event.store_id,
        event_at=event.event_at,
        business_day=terms.business_day,
        issued_at=event.now,
        expires_at=terms.expires_at,
        last_before=terms.last_before,
        variant_version=None if candidate.variant is None else candidate.variant.offer_version,
    )
