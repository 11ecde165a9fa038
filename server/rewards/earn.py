"""From visits and purchases to points, stamps and ranks: the part that check-ins and `purchase` share.

In the caller's transaction, after the visits and purchases are written and before any coupon is issued (the lock order,
`server.web.writes`). What a full stamp card earns is handed back, for the caller to grant with all else it grants in
one call, and to record then (`record_completions`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from coupons.campaigns.triggers import TriggerEvent
from ids import MemberId, ProgramId, StampCardId, StoreId
from kit.database import Connection
from members.aliases_repository import find_merge_links
from points import postings_repository, rules_repository, stamps_repository
from points.ledger import Account, Memo
from points.ranks_repository import read_rank_rules
from points.rules import PointRules, expires_at, points_for_amount
from points.stamps import CardCompletion, NewStamp, StampCard, StampSource, earns_stamp, full_rounds, reward_period
from server.issuing.grant_offers import TriggerResult
from server.rewards.ranks import write_member_ranks


class EarningEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A visit or a purchase, once a `source_key` and member. `actor` names the till or the device.

    `at` is the event's time, `now` ours: a till may report a visit days later. `round` grows when what it earned was
    taken back: then it may earn again. `is_unpaid`: nobody need ask whether the member was paid for it before, since
    this transaction has made it.
    """

    member_id: MemberId
    program_id: ProgramId
    store_id: StoreId
    actor: str
    source: StampSource
    source_key: str
    at: datetime
    now: datetime
    amount: int = 0
    round: int = 1
    is_unpaid: bool = False

    @property
    def posting_key(self) -> str:
        return posting_key(self.source_key, self.round)


# The member, the stamp card and the round that is full.
FullCardKey: TypeAlias = tuple[MemberId, StampCardId, int]


class FullCard(msgspec.Struct, frozen=True):
    """A stamp card that an earning event has filled for the `round`th time."""

    earning_event: EarningEvent
    card: StampCard
    round: int

    @property
    def key(self) -> FullCardKey:
        return self.earning_event.member_id, self.card.id, self.round


class EarnedRewards(msgspec.Struct, frozen=True):
    """What an earning event earned.

    `balance`: the member's after all earning events of the batch; None in a program without points.
    `held_points`: what stands in the member's account, which is held. None: without points, stamps and ranks in the
    program nothing is opened.
    `of_points_alone`: the program has no stamps and no ranks.
    `is_of_one_member`: nobody became the member, nor they another one.
    """

    points: int
    balance: int | None
    full_cards: list[FullCard]
    held_points: int | None
    of_points_alone: bool = False
    is_of_one_member: bool = False


def posting_key(source_key: str, earning_round: int) -> str:
    """A posting is never changed, so what is earned again has another key; a stamp is restored in its row."""
    return source_key if earning_round == 1 else f"{source_key}:{earning_round}"


async def reward_events(conn: Connection, earning_events: Sequence[EarningEvent]) -> list[EarnedRewards]:
    """Post what they earn; one answer an earning event, in order. One that was posted before earns nothing.

    Who became another one since the till read their card earns for that one.
    """
    if not earning_events:
        return []
    programs = {earning_event.program_id for earning_event in earning_events}
    earning = await rules_repository.read_earning_rules(conn, programs)
    rules = earning.points
    cards = await stamps_repository.read_stamp_cards(conn, earning.with_stamp_cards) if earning.with_stamp_cards else {}
    ranked = await read_rank_rules(conn, earning.with_ranks) if earning.with_ranks else {}
    holders = {
        d.member_id: d.program_id for d in earning_events if d.program_id in rules.keys() | cards.keys() | ranked.keys()
    }
    if not holders:
        return [EarnedRewards(0, None, [], None) for _ in earning_events]
    # The caller holds the persons (`hold_persons`, or a phone's lock of its member): nobody becomes another one now.
    merge_links = await find_merge_links(conn, sorted(holders))
    earning_events = [
        msgspec.structs.replace(
            earning_event, member_id=merge_links.get(earning_event.member_id, earning_event.member_id)
        )
        for earning_event in earning_events
    ]
    holders = {merge_links.get(member_id, member_id): program_id for member_id, program_id in holders.items()}
    accounts = await postings_repository.lock_accounts(conn, holders)
    earned = await _post_points(conn, rules, accounts, earning_events, merge_links)
    full = await _stamp(conn, cards, earning_events)
    now = max(earning_event.now for earning_event in earning_events)
    await write_member_ranks(conn, ranked, holders, now)
    several = {*merge_links, *merge_links.values()}
    return [
        EarnedRewards(
            points,
            accounts[event.member_id].usable_at(event.now) if event.program_id in rules else None,
            full.get(place, []),
            accounts[event.member_id].balance,
            of_points_alone=event.program_id not in cards and event.program_id not in ranked,
            is_of_one_member=event.member_id in holders and event.member_id not in several,
        )
        for place, (event, points) in enumerate(zip(earning_events, earned, strict=True))
    ]


def trigger_event_of(full: FullCard, *, is_verified: bool) -> TriggerEvent | None:
    """The event that the full card's campaign decides on; None where the card itself is the reward."""
    earning_event, campaign_id = full.earning_event, full.card.campaign_id
    if campaign_id is None:
        return None
    return TriggerEvent(
        trigger="stamps",
        member_id=earning_event.member_id,
        program_id=earning_event.program_id,
        store_id=earning_event.store_id,
        event_at=earning_event.at,
        now=earning_event.now,
        is_verified=is_verified,
        campaign_id=campaign_id,
        period_key=reward_period(full.card, full.round),
        source_id=full.card.id,
    )


async def record_completions(conn: Connection, completed: Sequence[tuple[FullCard, TriggerResult | None]]) -> None:
    """Each full card with what came of its `trigger_event_of`. A coupon for verified members waits."""
    rewarded = [_completion(full, result) for full, result in completed]
    if final := [each for each in rewarded if each.decision != "not_verified"]:
        await stamps_repository.insert_completions(conn, final)


def _completion(full: FullCard, result: TriggerResult | None) -> CardCompletion:
    decision, coupon_id = "card", None
    if result is not None and full.card.campaign_id is not None:
        decision = result.decisions.get(full.card.campaign_id, "not_running")
        coupon_id = result.coupon_ids[0] if result.coupon_ids else None
    return CardCompletion(
        member_id=full.earning_event.member_id,
        stamp_card_id=full.card.id,
        round=full.round,
        completed_at=full.earning_event.at,
        decision=decision,
        coupon_id=coupon_id,
    )


async def _post_points(
    conn: Connection,
    rules: Mapping[ProgramId, PointRules],
    accounts: Mapping[MemberId, Account],
    earning_events: Sequence[EarningEvent],
    merge_links: Mapping[MemberId, MemberId],
) -> list[int]:
    """How many points each earning event earned. A visit that one of their `merge_links` is paid for is paid."""
    worth = [_points(rules.get(earning_event.program_id), earning_event) for earning_event in earning_events]
    several = {*merge_links, *merge_links.values()}
    keys = [
        (event.member_id, event.posting_key)
        for event, points in zip(earning_events, worth, strict=True)
        if points and not (event.is_unpaid and event.member_id not in several)
    ]
    posted = set(await postings_repository.find_postings(conn, keys)) if keys else set()
    paid = await _find_paid_visits(conn, earning_events, merge_links) if any(worth) and merge_links else set()
    earned = []
    for earning_event, points in zip(earning_events, worth, strict=True):
        key = (earning_event.member_id, earning_event.posting_key)
        if not points or key in posted or (earning_event.member_id, earning_event.source_key) in paid:
            earned.append(0)
            continue
        posted.add(key)
        paid.add((earning_event.member_id, earning_event.source_key))
        account = accounts[earning_event.member_id]
        account.expire(earning_event.now)
        memo = Memo(
            cause=earning_event.source,
            source_key=earning_event.posting_key,
            at=earning_event.at,
            store_id=earning_event.store_id,
            actor=earning_event.actor,
        )
        account.earn(points, expires_at(rules[earning_event.program_id], earning_event.at), memo)
        account.expire(earning_event.now)  # what a till reports late may have run out already
        earned.append(points)
    await postings_repository.write_accounts(conn, accounts)
    return earned


async def _find_paid_visits(
    conn: Connection, earning_events: Sequence[EarningEvent], merge_links: Mapping[MemberId, MemberId]
) -> set[tuple[MemberId, str]]:
    """By who the person is now. Each of several members has earning rounds of their own, so any round counts."""
    persons = set(merge_links.values())
    visit_keys = [
        earning_event.source_key
        for earning_event in earning_events
        if earning_event.source == "visit" and earning_event.member_id in persons
    ]
    if not visit_keys:
        return set()
    found = await postings_repository.find_paid_visits(conn, [*persons, *merge_links], visit_keys)
    return {(merge_links.get(member_id, member_id), visit_key) for member_id, visit_key in found}


def _points(rules: PointRules | None, earning_event: EarningEvent) -> int:
    if rules is None:
        return 0
    return rules.visit_points if earning_event.source == "visit" else points_for_amount(rules, earning_event.amount)


async def _stamp(
    conn: Connection, cards: Mapping[ProgramId, Sequence[StampCard]], earning_events: Sequence[EarningEvent]
) -> dict[int, list[FullCard]]:
    """Stamp the cards. Those that are full now, by the place of the earning event that filled them.

    Of several earning events of a member the last one filled the card.
    """
    stamps = [
        (place, card)
        for place, event in enumerate(earning_events)
        for card in cards.get(event.program_id, ())
        if earns_stamp(card, event.source, event.amount)
    ]
    if not stamps:
        return {}
    new = [
        NewStamp(earning_events[place].member_id, card.id, earning_events[place].source_key, earning_events[place].at)
        for place, card in stamps
    ]
    stamped = await stamps_repository.insert_stamps(conn, new)
    progress = await stamps_repository.read_progress(conn, sorted({member_id for member_id, _ in stamped}))
    last = {(earning_events[place].member_id, card.id): (place, card) for place, card in stamps}
    full: dict[int, list[FullCard]] = {}
    for key, (place, card) in last.items():
        if key in stamped:
            rounds = full_rounds(card, progress[key])
            full.setdefault(place, []).extend(FullCard(earning_events[place], card, number) for number in rounds)
    return full
