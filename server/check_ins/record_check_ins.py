"""From evidence that a member was at a store to a visit and what it earns: scans, store QRs and dwells share it.

All coupons of a transaction are granted in one call, since the lock order (`server.web.writes`) has them last. So it
comes in two parts: `begin_check_ins` writes visits and points, then the caller grants what the check-ins and all else
have earned, then `finish_check_ins` writes the evidence. Last of all the caller adds to the facts of members
(`facts_added_by`).
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from coupons.campaigns.triggers import TriggerEvent
from coupons.campaigns.visit_counts import VisitCounts
from ids import CouponId, MemberId, ScanId
from kit.database import Connection
from members.members_repository import find_verified
from points import postings_repository
from server.check_ins.assess_check_ins import Assessment, assess_check_ins
from server.check_ins.check_in import CheckIn, CheckInOutcome, visit_source_key
from server.check_ins.count_visits import count_visits
from server.issuing.grant_offers import TriggerResult, count_coupons, grant_offers
from server.purchases.purchase import earning_event_of
from server.rewards.earn import (
    EarnedRewards,
    EarningEvent,
    FullCard,
    FullCardKey,
    record_completions,
    reward_events,
    trigger_event_of,
)
from server.runtime.snapshot import Snapshot
from visits import visits_repository
from visits.evidence import Evidence
from visits.trust import (
    TrustRise,
    find_trust_rises,
    level,
)
from visits.visit import VisitKey


class RaisedVisit(msgspec.Struct, frozen=True):
    """A visit that a check-in has made, or raised in trust."""

    rise: TrustRise
    earning_round: int
    is_new: bool


# The check-in, and the stamp card that it filled; None: the visit itself.
TriggerKey: TypeAlias = tuple[ScanId, FullCardKey | None]


class PendingCheckIns(msgspec.Struct, frozen=True, kw_only=True):
    """Check-ins whose visits, points and stamps are written, by their ids.

    `trigger_events`: what campaigns decide on; `triggers`: what each of them stands for, in the same order.
    """

    check_ins: Sequence[CheckIn]
    assessments: Mapping[ScanId, Assessment]
    raised: Mapping[ScanId, RaisedVisit]
    rewards: Mapping[ScanId, Sequence[EarnedRewards]]
    triggers: Sequence[TriggerKey]
    trigger_events: Sequence[TriggerEvent]


async def record_check_ins(
    conn: Connection, snapshot: Snapshot, check_ins: Sequence[CheckIn]
) -> dict[ScanId, CheckInOutcome]:
    """By the check-in's id: visits, points, stamps, coupons, evidence, in the caller's transaction."""
    pending = await begin_check_ins(conn, snapshot, check_ins)
    results = await grant_offers(conn, snapshot, pending.trigger_events)
    outcomes = await finish_check_ins(conn, pending, results)
    deltas = facts_added_by(pending)
    count_coupons(deltas, pending.trigger_events, results)
    await add_to_facts(conn, deltas)
    return outcomes


def facts_added_by(pending: PendingCheckIns) -> dict[MemberId, FactsDelta]:
    """To the facts of members, besides coupons: visits that were made, purchases, and what they earned."""
    deltas: dict[MemberId, FactsDelta] = {}
    for each in pending.check_ins:
        raised = pending.raised.get(each.id)
        is_new = raised is not None and raised.rise.former is None
        if not (is_new or each.purchase or pending.rewards[each.id]):
            continue
        delta = deltas.setdefault(each.visit.member_id, FactsDelta())
        rewards = pending.rewards[each.id]
        for reward in rewards:
            delta.note_points(reward.held_points, alone=reward.of_points_alone)
        delta.is_of_one_member = delta.is_of_one_member or any(reward.is_of_one_member for reward in rewards)
        if is_new:
            delta.add_visit(each.visit.business_day)
        if each.purchase is not None:
            delta.add_purchase(each.purchase.basket.amount, each.purchase.purchased_at)
    return deltas


async def complete_balances(
    conn: Connection, check_ins: Sequence[CheckIn], outcomes: Mapping[ScanId, CheckInOutcome]
) -> dict[ScanId, CheckInOutcome]:
    """With the balance also where nothing was posted. None says one thing then: the program has no points."""
    without = {
        each.visit.member_id: each.visit.program_id for each in check_ins if outcomes[each.id].points_balance is None
    }
    if not without:
        return dict(outcomes)
    found = await postings_repository.read_balances(conn, without, max(each.now for each in check_ins))
    return {
        each.id: msgspec.structs.replace(outcomes[each.id], points_balance=found.get(each.visit.member_id))
        if outcomes[each.id].points_balance is None
        else outcomes[each.id]
        for each in check_ins
    }


async def begin_check_ins(conn: Connection, snapshot: Snapshot, check_ins: Sequence[CheckIn]) -> PendingCheckIns:
    assessments = await assess_check_ins(conn, check_ins)
    raised = await _record_visits(conn, check_ins, assessments)
    rises = {check_in_id: each.rise for check_in_id, each in raised.items()}
    counts = await count_visits(conn, snapshot, check_ins, rises)
    sources = [(each.id, event) for each in check_ins for event in _earning_events(snapshot, each, raised.get(each.id))]
    earned = await reward_events(conn, [event for _, event in sources])
    rewards: dict[ScanId, list[EarnedRewards]] = {each.id: [] for each in check_ins}
    for (check_in_id, _), reward in zip(sources, earned, strict=True):
        rewards[check_in_id].append(reward)
    triggers, events = await _make_trigger_events(conn, check_ins, raised, rewards, counts)
    return PendingCheckIns(
        check_ins=check_ins,
        assessments=assessments,
        raised=raised,
        rewards=rewards,
        triggers=triggers,
        trigger_events=events,
    )


async def finish_check_ins(
    conn: Connection, pending: PendingCheckIns, results: Sequence[TriggerResult]
) -> dict[ScanId, CheckInOutcome]:
    """`results`: one for each of `pending.trigger_events`, in order."""
    decided: dict[TriggerKey, TriggerResult] = dict(zip(pending.triggers, results, strict=True))
    full_cards = [
        (card, decided.get((check_in_id, card.key)))
        for check_in_id, rewards in pending.rewards.items()
        for card in _full_cards(rewards)
    ]
    await record_completions(conn, full_cards)
    coupons: dict[ScanId, list[CouponId]] = {each.id: [] for each in pending.check_ins}
    for (check_in_id, _), result in decided.items():
        coupons[check_in_id] += result.coupon_ids
    evidence = [_evidence(each, pending.assessments[each.id], coupons[each.id]) for each in pending.check_ins]
    await visits_repository.insert_evidence(conn, evidence)
    return {each.id: _outcome(pending, each, coupons[each.id]) for each in pending.check_ins}


def _full_cards(rewards: Sequence[EarnedRewards]) -> list[FullCard]:
    return [card for reward in rewards for card in reward.full_cards]


async def _record_visits(
    conn: Connection, check_ins: Sequence[CheckIn], assessments: Mapping[ScanId, Assessment]
) -> dict[ScanId, RaisedVisit]:
    """The visits that these check-ins have made or raised, by the check-in that did."""
    of_visit: dict[VisitKey, list[CheckIn]] = {}
    for each in sorted(check_ins, key=lambda each: each.at):
        of_visit.setdefault(each.visit.key, []).append(each)
    trusts = {key: [assessments[each.id].trust for each in group] for key, group in of_visit.items()}
    recorded = await visits_repository.record_visits(
        conn, [(group[0].visit, max(trusts[key], key=level)) for key, group in of_visit.items()]
    )
    raised: dict[ScanId, RaisedVisit] = {}
    for key, visit in recorded.items():
        for each, rise in zip(of_visit[key], find_trust_rises(visit.former, trusts[key]), strict=True):
            if rise is not None:
                raised[each.id] = RaisedVisit(rise, visit.earning_round, is_new=visit.is_new)
    return raised


def _earning_events(snapshot: Snapshot, check_in: CheckIn, raised: RaisedVisit | None) -> list[EarningEvent]:
    visit = check_in.visit
    events = [] if check_in.purchase is None else [earning_event_of(check_in.purchase)]
    if raised is None or not raised.rise.newly_reaches(snapshot.visit_rules_of(visit.program_id).min_trust):
        return events
    of_visit = EarningEvent(
        member_id=visit.member_id,
        program_id=visit.program_id,
        store_id=visit.store_id,
        actor=check_in.actor,
        source="visit",
        source_key=visit_source_key(visit),
        at=check_in.at,
        now=check_in.now,
        round=raised.earning_round,
        is_unpaid=raised.is_new,
    )
    return [of_visit, *events]


async def _make_trigger_events(
    conn: Connection,
    check_ins: Sequence[CheckIn],
    raised: Mapping[ScanId, RaisedVisit],
    rewards: Mapping[ScanId, Sequence[EarnedRewards]],
    counts: Mapping[ScanId, VisitCounts],
) -> tuple[list[TriggerKey], list[TriggerEvent]]:
    """What campaigns decide on: visits that were made or raised, then cards that are full."""
    visiting = [each for each in check_ins if each.id in raised]
    filling = [(each, card) for each in check_ins for card in _full_cards(rewards[each.id])]
    verified = await _find_verified(conn, [*visiting, *(each for each, _ in filling)])
    keys: list[TriggerKey] = []
    events: list[TriggerEvent] = []
    for each in visiting:
        member_id = each.visit.member_id
        keys.append((each.id, None))
        rise = raised[each.id].rise
        visit = _visit_event(each, rise, is_verified=member_id in verified)
        events.append(msgspec.structs.replace(visit, visits=counts.get(each.id)))
    for each, card in filling:
        event = trigger_event_of(card, is_verified=each.visit.member_id in verified)
        if event is not None:
            keys.append((each.id, card.key))
            events.append(event)
    return keys, events


async def _find_verified(conn: Connection, check_ins: Sequence[CheckIn]) -> set[MemberId]:
    unknown = sorted({each.visit.member_id for each in check_ins if each.is_verified is None})
    found = await find_verified(conn, unknown) if unknown else set()
    return found | {each.visit.member_id for each in check_ins if each.is_verified}


def _visit_event(check_in: CheckIn, rise: TrustRise, *, is_verified: bool) -> TriggerEvent:
    visit = check_in.visit
    return TriggerEvent(
        trigger="visit",
        member_id=visit.member_id,
        program_id=visit.program_id,
        store_id=visit.store_id,
        event_at=check_in.at,
        now=check_in.now,
        is_verified=is_verified,
        trust_level=level(rise.trust),
        former_trust_level=None if rise.former is None else level(rise.former),
        source_id=check_in.id,
    )


def _evidence(check_in: CheckIn, assessment: Assessment, coupon_ids: Sequence[CouponId]) -> Evidence:
    return Evidence(
        id=check_in.id,
        visit=check_in.visit,
        kind=check_in.kind,
        till_id=check_in.till_id,
        device_id=check_in.device_id,
        trust=assessment.trust,
        doubts=assessment.doubts,
        coupon_ids=coupon_ids,
        at=check_in.at,
    )


def _outcome(pending: PendingCheckIns, check_in: CheckIn, coupon_ids: Sequence[CouponId]) -> CheckInOutcome:
    rewards, raised = pending.rewards[check_in.id], pending.raised.get(check_in.id)
    balances = [reward.balance for reward in rewards if reward.balance is not None]
    return CheckInOutcome(
        scan_id=check_in.id,
        is_first=raised is not None and raised.rise.former is None,
        trust=pending.assessments[check_in.id].trust,
        coupon_ids=coupon_ids,
        points_earned=sum(reward.points for reward in rewards),
        points_balance=balances[-1] if balances else None,
        full_cards=_full_cards(rewards),
    )
