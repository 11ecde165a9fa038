"""Rewards of full stamp cards: those that a purchase filled, and those that became full without an earning event."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from members.aliases_repository import history_ids
from members.members_repository import find_verified
from points import stamps_repository
from points.postings_repository import open_accounts
from points.rules import Names
from points.stamps import full_rounds
from server.issuing.grant_offers import grant_offers
from server.rewards.earn import EarningEvent, FullCard, record_completions, trigger_event_of
from server.runtime.snapshot import Snapshot
from visits.behaviour_repository import list_visited_stores


class FullStampCard(msgspec.Struct, frozen=True):
    """A stamp card that is full now."""

    code: str
    """Names the card."""
    name: Names
    """The card's name, by language."""
    round: int
    """Which full card of this kind it is for the member, from 1."""
    is_reward: bool
    """True: the full card itself is the reward, so hand it over now. False: its campaign rewards it with a coupon."""


def view_full_cards(full_cards: Iterable[FullCard]) -> list[FullStampCard]:
    return [
        FullStampCard(full.card.code, full.card.name, full.round, full.card.campaign_id is None) for full in full_cards
    ]


async def grant_full_cards(conn: Connection, snapshot: Snapshot, full_cards: Sequence[FullCard]) -> int:
    """Of one member. How many coupons they earned."""
    if not full_cards:
        return 0
    member_id = full_cards[0].earning_event.member_id
    is_verified = member_id in await find_verified(conn, [member_id])
    events = [trigger_event_of(full, is_verified=is_verified) for full in full_cards]
    results = iter(await grant_offers(conn, snapshot, [event for event in events if event is not None]))
    completed = [
        (full, None if event is None else next(results)) for full, event in zip(full_cards, events, strict=True)
    ]
    await record_completions(conn, completed)
    return sum(len(result.coupon_ids) for _, result in completed if result is not None)


async def complete_cards(
    conn: Connection, snapshot: Snapshot, member_id: MemberId, program_id: ProgramId, now: datetime
) -> int:
    """The cards that are full though nothing has just been stamped: two members' stamps came together, or the reward
    was for verified members and waited. How many coupons they earned. Locks the account.
    """
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, [])
    if not cards:
        return 0
    await open_accounts(conn, {member_id: program_id})
    progress = await stamps_repository.read_progress(conn, [member_id])
    rounds = [
        (card, number)
        for card in cards
        if (member_id, card.id) in progress
        for number in full_rounds(card, progress[member_id, card.id])
    ]
    if not rounds:
        return 0
    visited = await list_visited_stores(conn, await history_ids(conn, member_id))
    store_id = next((store_id for store_id in visited if store_id in snapshot.stores), None)
    if store_id is None:  # no open store that the coupon could name: the next stamp's will
        return 0
    earning_event = EarningEvent(
        member_id=member_id,
        program_id=program_id,
        store_id=store_id,
        actor=f"member:{member_id}",
        source="visit",
        source_key="",
        at=now,
        now=now,
    )
    return await grant_full_cards(conn, snapshot, [FullCard(earning_event, card, number) for card, number in rounds])
