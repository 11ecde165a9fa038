"""The steps of an erasure around `erase_…` of `personal.sql`: before it, and ten minutes after it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

# A transaction that ran when a member was erased has ended long before: each of its statements may take 15 s.
ERASED_AGAIN_AFTER = timedelta(minutes=10)


async def delete_handles_and_verifications(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Call it before any other lock is taken: who requests or confirms a code locks these first, then the members."""
    for query in (
        QUERIES.erase_verification_code_counts,
        QUERIES.erase_contact_verifications,
        QUERIES.erase_handles,
        QUERIES.erase_transfers,
    ):
        await conn.execute(query, member_ids)


async def find_program(conn: Connection, member_id: MemberId) -> ProgramId:
    """Of a member that is known to be there."""
    program_id: ProgramId = await conn.fetchval(QUERIES.find_program, member_id)
    return program_id


async def delete_devices(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    await conn.execute(QUERIES.delete_devices, member_ids)


async def schedule_second_erasure(conn: Connection, member_ids: Sequence[MemberId], now: datetime) -> None:
    await conn.execute(QUERIES.schedule_second_erasure, member_ids, now + ERASED_AGAIN_AFTER)


async def find_due_erasures(conn: Connection, now: datetime, limit: int) -> list[MemberId]:
    return [row["member_id"] for row in await conn.fetch(QUERIES.find_due_erasures, now, limit)]


async def delete_erasures(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    await conn.execute(QUERIES.delete_erasures, member_ids)


async def postpone_erasure(conn: Connection, member_id: MemberId, now: datetime) -> None:
    """Of a member whose second erasure has failed."""
    await conn.execute(QUERIES.schedule_another_try, member_id, now + ERASED_AGAIN_AFTER)
