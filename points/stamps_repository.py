"""Stamp cards and the stamps on them. A member's stamps change only while their account is locked (`open_accounts`)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ids import MemberId, ProgramId, StampCardId
from kit.database import Connection
from kit.sql import load_queries
from points.rules import Names
from points.stamps import CardCompletion, NewStamp, Progress, ProgressKey, StampCard

QUERIES = load_queries(__file__, "stamps.sql")


async def upsert_stamp_cards(
    conn: Connection, program_id: ProgramId, cards: Sequence[StampCard], now: datetime
) -> None:
    """These and no others are stamped from now on; who has stamps on an ended card keeps them."""
    await conn.execute(QUERIES.end_other_stamp_cards, program_id, [card.code for card in cards], now)
    await conn.execute(
        *QUERIES.upsert_stamp_cards(
            id=[card.id for card in cards],
            program_id=program_id,
            code=[card.code for card in cards],
            name=[msgspec.json.encode(card.name).decode() for card in cards],
            source=[card.source for card in cards],
            min_amount=[card.min_amount for card in cards],
            stamps_needed=[card.stamps_needed for card in cards],
            campaign_id=[card.campaign_id for card in cards],
            now=now,
        )
    )


async def find_stamp_cards(conn: Connection, program_id: ProgramId, codes: Sequence[str]) -> list[StampCard]:
    """Also those that have ended."""
    return [_card(row) for row in await conn.fetch(QUERIES.find_stamp_cards, program_id, codes)]


async def read_stamp_cards(conn: Connection, program_ids: Iterable[ProgramId]) -> dict[ProgramId, list[StampCard]]:
    """Those that are stamped now, by program."""
    cards: dict[ProgramId, list[StampCard]] = {}
    for row in await conn.fetch(QUERIES.read_stamp_cards, list(program_ids)):
        cards.setdefault(row["program_id"], []).append(_card(row))
    return cards


async def insert_stamps(conn: Connection, stamps: Sequence[NewStamp]) -> set[ProgressKey]:
    """Return the (member_id, stamp_card_id) that got a new stamp."""
    rows = await conn.fetch(
        QUERIES.insert_stamps,
        [stamp.member_id for stamp in stamps],
        [stamp.stamp_card_id for stamp in stamps],
        [stamp.source_key for stamp in stamps],
        [stamp.at for stamp in stamps],
    )
    return {(row["member_id"], row["stamp_card_id"]) for row in rows}


async def read_progress(conn: Connection, member_ids: Sequence[MemberId]) -> dict[ProgressKey, Progress]:
    """By (member_id, stamp_card_id); a card without a stamp is absent."""
    rows = await conn.fetch(QUERIES.read_progress, member_ids)
    return {(row["member_id"], row["stamp_card_id"]): Progress(row["stamped"], row["completed"]) for row in rows}


async def insert_completions(conn: Connection, completions: Sequence[CardCompletion]) -> None:
    await conn.execute(
        *QUERIES.insert_completions(
            member_id=[completion.member_id for completion in completions],
            stamp_card_id=[completion.stamp_card_id for completion in completions],
            round=[completion.round for completion in completions],
            completed_at=[completion.completed_at for completion in completions],
            decision=[completion.decision for completion in completions],
            coupon_id=[completion.coupon_id for completion in completions],
        )
    )


async def find_completion(
    conn: Connection, member_id: MemberId, stamp_card_id: StampCardId, number: int
) -> CardCompletion | None:
    row = await conn.fetchrow(QUERIES.find_completion, member_id, stamp_card_id, number)
    return CardCompletion(**row) if row else None


async def remove_completion(conn: Connection, completion: CardCompletion) -> None:
    """The card is not full any more, and nothing came of it."""
    await conn.execute(QUERIES.remove_completion, completion.member_id, completion.stamp_card_id, completion.round)


async def find_stamps(conn: Connection, member_id: MemberId, source_key: str) -> list[StampCardId]:
    """The cards that this source has stamped."""
    return [row["stamp_card_id"] for row in await conn.fetch(QUERIES.find_stamps, member_id, source_key)]


async def revoke_stamps(
    conn: Connection, member_id: MemberId, stamps: Sequence[tuple[StampCardId, str]], now: datetime
) -> None:
    """(stamp_card_id, source_key) each."""
    await conn.execute(QUERIES.revoke_stamps, member_id, [card for card, _ in stamps], [key for _, key in stamps], now)


async def move_running_stamps(conn: Connection, from_member: MemberId, to_member: MemberId, now: datetime) -> int:
    """The stamps of the cards that are being filled, to another member; how many they are. With both accounts locked.

    What stamped a card of both, such as two visits that are one now, is on it once. Full cards stay where they were
    rewarded.
    """
    rows = await conn.fetch(QUERIES.list_running_stamps, from_member)
    if rows:
        moving = [NewStamp(to_member, row["stamp_card_id"], row["source_key"], row["at"]) for row in rows]
        await insert_stamps(conn, moving)
        await revoke_stamps(conn, from_member, [(each.stamp_card_id, each.source_key) for each in moving], now)
    return len(rows)


def _card(row: Any) -> StampCard:
    return StampCard(**{**row, "name": msgspec.json.decode(row["name"], type=Names)})
