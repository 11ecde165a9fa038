"""From evidence that a member was at a store to a visit and what it earns: scans, store QRs and dwells share it.

All coupons of a transaction are granted in one call, since the lock order (`server.web.writes`) has them last. So it
comes in two parts: `begin_check_ins` writes visits and points, then the caller grants what the check-ins and all else
have earned, then `finish_check_ins` writes the evidence.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from coupons.triggers import PushTarget, TriggerEvent
from ids import CouponId, DeviceId, MemberId, ProgramId, ScanId, StoreId, TillId
from kit.database import Connection
from members.devices_repository import find_push_addresses
from members.members_repository import find_verified
from purchases.purchase import Purchase
from server.campaigns.grant_offers import TriggerResult, grant_offers
from server.purchases.purchase import earning_event_of
from server.rewards.earn import (
    EarnedRewards,
    EarningEvent,
    FullCard,
    record_completions,
    reward_events,
    trigger_event_of,
)
from server.runtime.snapshot import Snapshot
from visits import visits_repository
from visits.business_days import business_day
from visits.evidence import Evidence
from visits.trust import (
    Doubt,
    EvidenceKind,
    Trust,
    TrustRise,
    assess_trust,
    find_trust_rises,
    is_impossible_travel,
    level,
)
from visits.visit import Visit

# Nobody is anywhere on earth within it: what was seen before says nothing about a journey.
_MAX_TRAVEL_TIME = timedelta(days=1)


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence; a till's or a phone's. `at` is the event's time, `now` ours. `purchase`: written already.

    `doubts`: those that whoever took the evidence knows of.
    """

    id: ScanId
    visit: Visit
    kind: EvidenceKind
    till_id: TillId | None = None
    device_id: DeviceId | None = None
    doubts: Sequence[Doubt] = ()
    at: datetime
    now: datetime
    purchase: Purchase | None = None

    @property
    def actor(self) -> str:
        return f"device:{self.device_id}" if self.till_id is None else f"till:{self.till_id}"


class CheckInOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`scan_id` is its evidence's. `is_first` tells whether it made the visit or only adds evidence to it.

    `points_balance`: after all check-ins of the list; None where nothing was posted.
    """

    scan_id: ScanId
    is_first: bool
    trust: Trust
    coupon_ids: Sequence[CouponId]
    points_earned: int
    points_balance: int | None


class PendingCheckIns(msgspec.Struct, frozen=True):
    """Check-ins whose visits, points and stamps are written. `trigger_events`: what campaigns decide on.

    By id() of each check-in, which must live until the end.
    """

    check_ins: Sequence[CheckIn]
    weighed: Mapping[int, tuple[Sequence[Doubt], Trust]]
    rises: Mapping[int, TrustRise]
    rewards: Mapping[int, Sequence[EarnedRewards]]
    full: Sequence[tuple[CheckIn, FullCard]]
    heard: Sequence[tuple[CheckIn, FullCard | None]]
    trigger_events: Sequence[TriggerEvent]


def make_visit(
    snapshot: Snapshot, program_id: ProgramId, member_id: MemberId, store_id: StoreId, at: datetime
) -> Visit | None:
    """The visit that evidence of that moment belongs to; None where the store is closed for good."""
    store = snapshot.stores.get(store_id)
    if store is None:
        return None
    day = business_day(at.astimezone(store.time_zone), store.day_start_hour)
    return Visit(
        member_id=member_id,
        store_id=store_id,
        business_day=day,
        program_id=program_id,
        first_at=at,
    )


def visit_source_key(visit: Visit) -> str:
    """Under which it earns points and stamps."""
    return f"visit:{visit.store_id}:{visit.business_day}"


async def record_check_ins(
    conn: Connection, snapshot: Snapshot, check_ins: Sequence[CheckIn]
) -> dict[ScanId, CheckInOutcome]:
    """By the check-in's id: visits, points, stamps, coupons, evidence, in the caller's transaction."""
    begun = await begin_check_ins(conn, snapshot, check_ins)
    return await finish_check_ins(conn, begun, await grant_offers(conn, snapshot, begun.trigger_events))


async def begin_check_ins(conn: Connection, snapshot: Snapshot, check_ins: Sequence[CheckIn]) -> PendingCheckIns:
    weighed = await _weigh(conn, check_ins)
    risen, rounds = await _record_visits(conn, check_ins, {place: trust for place, (_, trust) in weighed.items()})
    earning_events = [
        (each, earning_event)
        for each in check_ins
        for earning_event in _earning_events(snapshot, each, risen.get(id(each)), rounds)
    ]
    rewards: dict[int, list[EarnedRewards]] = {id(each): [] for each in check_ins}
    for (each, _), reward in zip(
        earning_events, await reward_events(conn, [earning_event for _, earning_event in earning_events]), strict=True
    ):
        rewards[id(each)].append(reward)
    full = [(each, card) for each in check_ins for reward in rewards[id(each)] for card in reward.full_cards]
    heard, events = await _make_trigger_events(conn, [each for each in check_ins if id(each) in risen], full, risen)
    return PendingCheckIns(check_ins, weighed, risen, rewards, full, heard, events)


async def finish_check_ins(
    conn: Connection, begun: PendingCheckIns, results: Sequence[TriggerResult]
) -> dict[ScanId, CheckInOutcome]:
    """`results`: one for each of `begun.trigger_events`, in order."""
    judged = {(id(each), id(card)): result for (each, card), result in zip(begun.heard, results, strict=True)}
    await record_completions(conn, [(card, judged.get((id(each), id(card)))) for each, card in begun.full])
    coupons: dict[int, list[CouponId]] = {id(each): [] for each in begun.check_ins}
    for (each, _), result in zip(begun.heard, results, strict=True):
        coupons[id(each)] += result.coupon_ids
    none = TriggerResult({}, [])
    await visits_repository.insert_evidence(
        conn,
        [
            _evidence(each, begun.weighed[id(each)], judged.get((id(each), id(None)), none), coupons[id(each)])
            for each in begun.check_ins
        ],
    )
    return {each.id: _tell(begun, each, coupons[id(each)]) for each in begun.check_ins}


async def _weigh(conn: Connection, check_ins: Sequence[CheckIn]) -> dict[int, tuple[Sequence[Doubt], Trust]]:
    """What each piece of evidence comes to by what is known now; what comes later judges no earlier one."""
    seen = await visits_repository.find_other_store_evidence(
        conn, [each.visit for each in check_ins], [each.at - _MAX_TRAVEL_TIME for each in check_ins]
    )
    weighed: dict[int, tuple[Sequence[Doubt], Trust]] = {}
    for each, elsewhere in zip(check_ins, seen, strict=True):
        doubts = list(each.doubts)
        if any(is_impossible_travel(each.at, other) for other in elsewhere):
            doubts.append("impossible_travel")
        weighed[id(each)] = doubts, assess_trust(each.kind, doubts)
    return weighed


async def _record_visits(
    conn: Connection, check_ins: Sequence[CheckIn], trusts: Mapping[int, Trust]
) -> tuple[dict[int, TrustRise], dict[int, int]]:
    """What those that made or raised a visit did to it, and in which round it earns."""
    of_visit: dict[object, list[CheckIn]] = {}
    for each in sorted(check_ins, key=lambda each: each.at):
        of_visit.setdefault(each.visit.key, []).append(each)
    asked = [(group[0].visit, max((trusts[id(each)] for each in group), key=level)) for group in of_visit.values()]
    recorded = await visits_repository.record_visits(conn, asked)
    risen: dict[int, TrustRise] = {}
    rounds: dict[int, int] = {}
    for group in of_visit.values():
        found = recorded.get(group[0].visit.key)
        if found is None:
            continue
        for each, rise in zip(group, find_trust_rises(found.former, [trusts[id(each)] for each in group]), strict=True):
            if rise is not None:
                risen[id(each)], rounds[id(each)] = rise, found.earning_round
    return risen, rounds


def _earning_events(
    snapshot: Snapshot, check_in: CheckIn, rise: TrustRise | None, rounds: Mapping[int, int]
) -> list[EarningEvent]:
    visit = check_in.visit
    earning_events = []
    if rise is not None and rise.newly_reaches(snapshot.visit_rules_of(visit.program_id).min_trust):
        earning_events.append(
            EarningEvent(
                member_id=visit.member_id,
                program_id=visit.program_id,
                store_id=visit.store_id,
                actor=check_in.actor,
                source="visit",
                source_key=visit_source_key(visit),
                at=check_in.at,
                now=check_in.now,
                round=rounds[id(check_in)],
            )
        )
    return [*earning_events, *([earning_event_of(check_in.purchase)] if check_in.purchase else [])]


async def _make_trigger_events(
    conn: Connection,
    visiting: Sequence[CheckIn],
    full: Sequence[tuple[CheckIn, FullCard]],
    risen: Mapping[int, TrustRise],
) -> tuple[list[tuple[CheckIn, FullCard | None]], list[TriggerEvent]]:
    """What campaigns decide on: visits that were made or raised, and cards that are full. One event each, in order."""
    members = {each.visit.member_id for each in (*visiting, *(each for each, _ in full))}
    if not members:
        return [], []
    addresses, verified = await find_push_addresses(conn, sorted(members)), await find_verified(conn, sorted(members))
    targets = {member_id: PushTarget(found.device_id, found.locale) for member_id, found in addresses.items()}
    heard: list[tuple[CheckIn, FullCard | None]] = []
    events: list[TriggerEvent] = []
    for each in visiting:
        member_id = each.visit.member_id
        heard.append((each, None))
        events.append(_visit_event(each, targets.get(member_id), risen[id(each)], is_verified=member_id in verified))
    for each, card in full:
        member_id = each.visit.member_id
        event = trigger_event_of(card, targets.get(member_id), is_verified=member_id in verified)
        if event is not None:
            heard.append((each, card))
            events.append(event)
    return heard, events


def _visit_event(check_in: CheckIn, target: PushTarget | None, rise: TrustRise, *, is_verified: bool) -> TriggerEvent:
    visit = check_in.visit
    return TriggerEvent(
        trigger="visit",
        member_id=visit.member_id,
        program_id=visit.program_id,
        store_id=visit.store_id,
        event_at=check_in.at,
        now=check_in.now,
        is_verified=is_verified,
        push_to=target,
        trust_level=level(rise.trust),
        former_trust_level=None if rise.former is None else level(rise.former),
    )


def _evidence(
    check_in: CheckIn, weighed: tuple[Sequence[Doubt], Trust], result: TriggerResult, coupon_ids: Sequence[CouponId]
) -> Evidence:
    doubts, trust = weighed
    return Evidence(
        id=check_in.id,
        visit=check_in.visit,
        kind=check_in.kind,
        till_id=check_in.till_id,
        device_id=check_in.device_id,
        trust=trust,
        doubts=doubts,
        decisions=result.decisions,
        coupon_ids=coupon_ids,
        at=check_in.at,
    )


def _tell(begun: PendingCheckIns, check_in: CheckIn, coupon_ids: Sequence[CouponId]) -> CheckInOutcome:
    rewards, rise = begun.rewards[id(check_in)], begun.rises.get(id(check_in))
    balances = [reward.balance for reward in rewards if reward.balance is not None]
    return CheckInOutcome(
        scan_id=check_in.id,
        is_first=rise is not None and rise.former is None,
        trust=begun.weighed[id(check_in)][1],
        coupon_ids=coupon_ids,
        points_earned=sum(reward.points for reward in rewards),
        points_balance=balances[-1] if balances else None,
    )
