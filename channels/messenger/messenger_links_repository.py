"""Which member writes to a program's page as whom, and when they wrote last."""

from datetime import datetime

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "messenger_links.sql")


class MessengerLink(msgspec.Struct, frozen=True, kw_only=True):
    """`last_wrote_at`: Meta takes an answer for 24 hours after it."""

    member_id: MemberId
    program_id: ProgramId
    user_hash: bytes
    sealed_user_id: bytes
    linked_at: datetime
    last_wrote_at: datetime


async def insert_link(conn: Connection, link: MessengerLink) -> bool:
    """False where the person is another member by now; then the transaction is to be taken back."""
    await conn.execute(*QUERIES.insert_link(**msgspec.structs.asdict(link)))
    holder = await conn.fetchval(QUERIES.insert_account, link.program_id, link.user_hash, link.member_id)
    return holder is not None


async def find_link(conn: Connection, member_id: MemberId) -> MessengerLink | None:
    row = await conn.fetchrow(QUERIES.find_link, member_id)
    return None if row is None else MessengerLink(**row)


async def find_link_of_account(conn: Connection, program_id: ProgramId, user_hash: bytes) -> MessengerLink | None:
    row = await conn.fetchrow(QUERIES.find_link_of_account, program_id, user_hash)
    return None if row is None else MessengerLink(**row)


async def delete_link(conn: Connection, member_id: MemberId) -> None:
    """A link under way ends too."""
    await conn.execute(QUERIES.delete_nonce, member_id)
    await conn.execute(QUERIES.delete_link, member_id)


async def move_link(conn: Connection, member_id: MemberId, survivor_id: MemberId) -> None:
    """The member becomes the survivor, who keeps a link of their own and else gets this one."""
    moved = await conn.fetchrow(QUERIES.move_link, member_id, survivor_id)
    await delete_link(conn, member_id)
    if moved is not None:
        await conn.execute(QUERIES.insert_account, moved["program_id"], moved["user_hash"], survivor_id)


async def note_message(conn: Connection, program_id: ProgramId, user_hash: bytes, at: datetime) -> None:
    await conn.execute(QUERIES.note_message, program_id, user_hash, at)


async def upsert_nonce(
    conn: Connection, program_id: ProgramId, member_id: MemberId, nonce_hash: bytes, expires_at: datetime
) -> None:
    """It takes the place of the one before."""
    await conn.execute(QUERIES.upsert_nonce, member_id, program_id, nonce_hash, expires_at)


async def find_nonce(conn: Connection, program_id: ProgramId, nonce_hash: bytes) -> MemberId | None:
    """Whose it is, good or not."""
    found: MemberId | None = await conn.fetchval(QUERIES.find_nonce, program_id, nonce_hash)
    return found


async def take_nonce(conn: Connection, member_id: MemberId, nonce_hash: bytes, now: datetime) -> bool:
    """Whether it was still good; from now on it is not."""
    return await conn.fetchval(QUERIES.take_nonce, member_id, nonce_hash, now) is not None


async def purge_nonces(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_nonces, now)
