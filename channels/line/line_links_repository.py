"""Which member has linked which LINE account. One each way: an account is one member's, a member has one account."""

from datetime import datetime

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "line_links.sql")


class LineLink(msgspec.Struct, frozen=True, kw_only=True):
    """`blocked_at`: since then they are no friend of the official account, and nothing arrives.

    `stands_at`: from then on the account signs its member in.
    """

    member_id: MemberId
    program_id: ProgramId
    user_hash: bytes
    sealed_user_id: bytes
    linked_at: datetime
    stands_at: datetime
    blocked_at: datetime | None


async def insert_link(conn: Connection, link: LineLink) -> bool:
    """False where the account is another member's; then the transaction is to be taken back.

    The member has none: see `delete_link`.
    """
    await conn.execute(
        *QUERIES.insert_link(
            member_id=link.member_id,
            program_id=link.program_id,
            user_hash=link.user_hash,
            sealed_user_id=link.sealed_user_id,
            now=link.linked_at,
            stands_at=link.stands_at,
            blocked_at=link.blocked_at,
        )
    )
    holder = await conn.fetchval(QUERIES.insert_account, link.program_id, link.user_hash, link.member_id)
    return holder is not None


async def find_link(conn: Connection, member_id: MemberId) -> LineLink | None:
    row = await conn.fetchrow(QUERIES.find_link, member_id)
    return None if row is None else LineLink(**row)


async def find_link_of_account(conn: Connection, program_id: ProgramId, user_hash: bytes) -> LineLink | None:
    row = await conn.fetchrow(QUERIES.find_link_of_account, program_id, user_hash)
    return None if row is None else LineLink(**row)


async def delete_link(conn: Connection, member_id: MemberId) -> LineLink | None:
    """What it was; None where there was none."""
    row = await conn.fetchrow(QUERIES.delete_link, member_id)
    return None if row is None else LineLink(**row)


async def move_link(conn: Connection, member_id: MemberId, survivor_id: MemberId, stands_at: datetime) -> None:
    """The member becomes the survivor, who keeps an account of their own and else gets this one.

    A moved one signs in from `stands_at` on at the earliest: it was never the survivor's own proof.
    """
    moved = await conn.fetchrow(*QUERIES.move_link(member_id=member_id, survivor_id=survivor_id, stands_at=stands_at))
    await delete_link(conn, member_id)
    await delete_nonce(conn, member_id)
    if moved is not None:
        await conn.execute(QUERIES.insert_account, moved["program_id"], moved["user_hash"], survivor_id)


async def set_friendship(
    conn: Connection, program_id: ProgramId, user_hash: bytes, *, is_friend: bool, at: datetime
) -> None:
    """Nothing happens for an account that nobody has linked, nor where something newer is known."""
    await conn.execute(*QUERIES.set_friendship(program_id=program_id, user_hash=user_hash, is_friend=is_friend, at=at))


async def upsert_nonce(
    conn: Connection, program_id: ProgramId, member_id: MemberId, nonce_hash: bytes, expires_at: datetime
) -> None:
    """It takes the place of the one before."""
    await conn.execute(
        *QUERIES.upsert_nonce(member_id=member_id, program_id=program_id, nonce_hash=nonce_hash, expires_at=expires_at)
    )


async def find_nonce(conn: Connection, program_id: ProgramId, nonce_hash: bytes) -> MemberId | None:
    """Whose it is, good or not."""
    found: MemberId | None = await conn.fetchval(QUERIES.find_nonce, program_id, nonce_hash)
    return found


async def take_nonce(conn: Connection, member_id: MemberId, nonce_hash: bytes, now: datetime) -> bool:
    """Whether it was still good; from now on it is not."""
    return await conn.fetchval(QUERIES.take_nonce, member_id, nonce_hash, now) is not None


async def delete_nonce(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(QUERIES.delete_nonce, member_id)


async def purge_nonces(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_nonces, now)
