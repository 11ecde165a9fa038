"""From visits and purchases to points, stamps and ranks: the part that check-ins and `purchase` share.

In the caller's transaction, after the visits and purchases are written and before any coupon is issued: accounts are
locked before budgets. What a full stamp card earns is handed back, for the caller to grant with all else it grants in
one call, and to record then (`record_completions`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from kit.database import Connection
from members.aliases_repository import find_kin
from points import postings_repository, rules_repository, stamps_repository
from points.ledger import Account, Memo
from points.rules import PointRules, expires_at, points_for_amount
from points.stamps import StampCard, StampSource, earns_stamp, full_rounds, reward_period
from points.stamps_repository import Completion, NewStamp
from server.campaigns.grant_offers import Happening, PushTarget, Reward, Verdict
from server.rewards.ranks import judge_members, may_have_rank


class Deed(msgspec.Struct, frozen=True):
    """A visit or a purchase, once a `source_key` and member. `actor` names the till or the device.

    `at` is the event's time, `now` ours: a till may report a visit days later. `round` grows when what it earned was
    taken back: then it may earn again.
    """

    member_id: UUID
    program_id: UUID
    store_id: UUID
    actor: str
    source: StampSource
    source_key: str
    at: datetime
    now: datetime
    amount: int = 0
    round: int = 1

    @property
    def posting_key(self) -> str:
        return posting_key(self.source_key, self.round)


class FullCard(msgspec.Struct, frozen=True):
    deed: Deed
    card: StampCard
    round: int


class Rewarded(msgspec.Struct, frozen=True):
    """What a deed earned. `balance` is the member's after all deeds of the batch, None where there are no points."""

    points: int
    balance: int | None
    full_cards: list[FullCard]


def posting_key(source_key: str, earning_round: int) -> str:
    """A posting is never changed, so what is earned anew is posted under a key of its own; stamps are given back."""
    return source_key if earning_round == 1 else f"{source_key}:{earning_round}"


async def reward_deeds(conn: Connection, deeds: Sequence[Deed]) -> list[Rewarded]:
    """Post what they earn; one answer a deed, in order. A deed that was posted before earns nothing.

    Who became another one since the till read their card earns for that one.
    """
    if not deeds:
        return []
    programs = {deed.program_id for deed in deeds}
    rules = await rules_repository.read_point_rules(conn, programs)
    cards = await stamps_repository.read_stamp_cards(conn, programs)
    ranked = await may_have_rank(conn, programs)
    holders = {d.member_id: d.program_id for d in deeds if d.program_id in rules.keys() | cards.keys() | ranked}
    if not holders:
        return [Rewarded(0, None, []) for _ in deeds]
    # Writing the visit or the receipt has waited for a merge under way, and holds back one that comes now.
    kin = await find_kin(conn, sorted(holders))
    deeds = [msgspec.structs.replace(deed, member_id=kin.get(deed.member_id, deed.member_id)) for deed in deeds]
    holders = {kin.get(member_id, member_id): program_id for member_id, program_id in holders.items()}
    accounts = await postings_repository.open_accounts(conn, holders)
    earned = await _post_points(conn, rules, accounts, deeds, kin)
    full = await _stamp(conn, cards, deeds)
    await judge_members(conn, holders, max(deed.now for deed in deeds))
    return [
        Rewarded(
            points,
            accounts[deed.member_id].balance if deed.program_id in rules else None,
            [each for each in full if each.deed is deed],
        )
        for deed, points in zip(deeds, earned, strict=True)
    ]


def happening_of(full: FullCard, push_to: PushTarget | None, *, is_claimed: bool) -> Happening | None:
    """What campaigns shall hear of a full card; None where the card itself is the reward."""
    deed, campaign_id = full.deed, full.card.campaign_id
    if campaign_id is None:
        return None
    reward = Reward(campaign_id, reward_period(full.card, full.round))
    return Happening(
        deed.member_id, deed.program_id, deed.store_id, "stamps", deed.at, deed.now, False, push_to, is_claimed, reward
    )


async def record_completions(conn: Connection, completed: Sequence[tuple[FullCard, Verdict | None]]) -> None:
    """Each full card with the verdict on its `happening_of`. What is for claimed members waits until they are one."""
    rewarded = [_completion(full, verdict) for full, verdict in completed]
    if final := [each for each in rewarded if each.decision != "not_claimed"]:
        await stamps_repository.insert_completions(conn, final)


def _completion(full: FullCard, verdict: Verdict | None) -> Completion:
    decision, coupon_id = "card", None
    if verdict is not None:
        decision = verdict.decisions.get(str(full.card.campaign_id), "not_active")
        coupon_id = verdict.coupon_ids[0] if verdict.coupon_ids else None
    return Completion(full.deed.member_id, full.card.id, full.round, full.deed.at, decision, coupon_id)


async def _post_points(
    conn: Connection,
    rules: Mapping[UUID, PointRules],
    accounts: Mapping[UUID, Account],
    deeds: Sequence[Deed],
    kin: Mapping[UUID, UUID],
) -> list[int]:
    """How many points each deed earned. A visit that one of their `kin` is paid for is paid."""
    worth = [_points(rules.get(deed.program_id), deed) for deed in deeds]
    keys = [(deed.member_id, deed.posting_key) for deed, points in zip(deeds, worth, strict=True) if points]
    posted = set(await postings_repository.find_postings(conn, keys)) if keys else set()
    paid = await _find_paid_visits(conn, deeds, kin) if keys and kin else set()
    earned = []
    for deed, points in zip(deeds, worth, strict=True):
        key = (deed.member_id, deed.posting_key)
        if not points or key in posted or (deed.member_id, deed.source_key) in paid:
            earned.append(0)
            continue
        posted.add(key)
        paid.add((deed.member_id, deed.source_key))
        account = accounts[deed.member_id]
        account.expire(deed.now)
        memo = Memo(deed.source, deed.posting_key, deed.at, deed.store_id, deed.actor)
        account.earn(points, expires_at(rules[deed.program_id], deed.at), memo)
        account.expire(deed.now)  # what a till reports late may have run out already
        earned.append(points)
    await postings_repository.write_accounts(conn, accounts)
    return earned


async def _find_paid_visits(conn: Connection, deeds: Sequence[Deed], kin: Mapping[UUID, UUID]) -> set[tuple[UUID, str]]:
    """By who the person is now. Each of several members has earning rounds of their own, so any round counts."""
    persons = set(kin.values())
    visit_keys = [deed.source_key for deed in deeds if deed.source == "visit" and deed.member_id in persons]
    if not visit_keys:
        return set()
    found = await postings_repository.find_paid_visits(conn, [*persons, *kin], visit_keys)
    return {(kin.get(member_id, member_id), visit_key) for member_id, visit_key in found}


def _points(rules: PointRules | None, deed: Deed) -> int:
    if rules is None:
        return 0
    return rules.visit_points if deed.source == "visit" else points_for_amount(rules, deed.amount)


async def _stamp(conn: Connection, cards: Mapping[UUID, Sequence[StampCard]], deeds: Sequence[Deed]) -> list[FullCard]:
    """Stamp, and tell which cards are full now. Of several deeds of a member the last one filled it."""
    pairs = [
        (deed, card)
        for deed in deeds
        for card in cards.get(deed.program_id, ())
        if earns_stamp(card, deed.source, deed.amount)
    ]
    if not pairs:
        return []
    new = [NewStamp(deed.member_id, card.id, deed.source_key, deed.at) for deed, card in pairs]
    stamped = await stamps_repository.insert_stamps(conn, new)
    progress = await stamps_repository.read_progress(conn, sorted({member_id for member_id, _ in stamped}))
    last = {(deed.member_id, card.id): (deed, card) for deed, card in pairs}
    return [
        FullCard(deed, card, number)
        for key, (deed, card) in last.items()
        if key in stamped
        for number in full_rounds(card, progress[key])
    ]
