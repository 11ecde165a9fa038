"""Handles: what must be unique across the members of a program and finds its member (card number, push token).

Only a keyed hash of the value is stored: a card number or a phone number could be guessed from a plain one.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from kit.database import Connection
from members.members_repository import QUERIES

HandleKind = Literal["card_number", "push_token"]


async def claim_card_numbers(conn: Connection, claims: Sequence[tuple[UUID, bytes, UUID]]) -> set[UUID]:
    """Claim (program_id, value_hash, member_id) each; return the members whose number was free."""
    programs, hashes, members = zip(*claims, strict=True)
    rows = await conn.fetch(QUERIES.claim_handles, programs, "card_number", hashes, members)
    return {row["member_id"] for row in rows}


async def find_by_card_numbers(conn: Connection, keys: Sequence[tuple[UUID, bytes]]) -> dict[tuple[UUID, bytes], UUID]:
    """The members behind (program_id, value_hash) pairs; what nobody holds is absent."""
    rows = await conn.fetch(
        QUERIES.find_members_by_handles, "card_number", [key[0] for key in keys], [key[1] for key in keys]
    )
    return {(row["program_id"], row["value_hash"]): row["member_id"] for row in rows}


async def move_push_token(
    conn: Connection, program_id: UUID, value_hash: bytes, member_id: UUID, device_id: UUID
) -> tuple[UUID, UUID] | None:
    """Give the push token to this device. Returns the (member_id, device_id) that held it before, if another did."""
    key = (program_id, "push_token", value_hash)
    if await conn.fetchval(QUERIES.claim_handle, *key, member_id, device_id) is not None:
        return None
    holder = await conn.fetchrow(QUERIES.find_handle, *key)
    if holder is None or (holder["member_id"], holder["device_id"]) == (member_id, device_id):
        return None
    await conn.execute(QUERIES.take_handle, *key, member_id, device_id)
    return holder["member_id"], holder["device_id"]
