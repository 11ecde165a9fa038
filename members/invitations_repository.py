"""Invitations: links by which one person joins at a store, each good once. Only the token's hash is stored."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "invitations.sql")
_KEPT = timedelta(days=7)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`poster`: what the person saw; `call_number_id`: the number that they called."""

    token_hash: bytes
    program_id: ProgramId
    store_id: StoreId
    poster: str
    call_number_id: UUID
    created_at: datetime
    expires_at: datetime


async def create_invitation(conn: Connection, invitation: Invitation) -> None:
    await conn.execute(*QUERIES.insert_invitation(**msgspec.structs.asdict(invitation)))


async def find_open_invitations(
    conn: Connection, token_hashes: Collection[bytes], now: datetime
) -> Mapping[bytes, Invitation]:
    """Those that can be used, by their hashes."""
    rows = await conn.fetch(QUERIES.find_open_invitations, list(token_hashes), now)
    return {row["token_hash"]: Invitation(**row) for row in rows}


async def use_invitations(conn: Connection, used: Sequence[tuple[bytes, MemberId]], now: datetime) -> set[bytes]:
    """The hashes of those that were still good, and lead to these members from now on."""
    hashes, member_ids = [each[0] for each in used], [each[1] for each in used]
    return {row["token_hash"] for row in await conn.fetch(QUERIES.use_invitations, hashes, member_ids, now)}


async def purge_unused_invitations(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_unused_invitations, now - _KEPT)
