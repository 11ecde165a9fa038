"""The steps of an erasure around `erase_…` of `personal.sql`: before it, and ten minutes after it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from members.standing import ERASED_AFTER

QUERIES = load_queries(__file__, "personal.sql")

# A transaction that ran when a member was erased has ended long before: each of its statements may take 15 s.
ERASED_AGAIN_AFTER = timedelta(minutes=10)


async def delete_handles_and_verifications(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Call it before any other lock is taken: who requests or confirms a code locks these first, then the members."""
    for query in (
        QUERIES.erase_verification_code_counts,
        QUERIES.erase_contact_verifications,
        QUERIES.erase_alerts,
        QUERIES.erase_contact_permits,
        QUERIES.erase_email_suppressions,
        QUERIES.erase_email_opt_ins,
        QUERIES.erase_erasure_requests,
        QUERIES.erase_handles,
        QUERIES.erase_transfers,
    ):
        await conn.execute(query, member_ids)


async def request_erasure(conn: Connection, member_id: MemberId, program_id: ProgramId, now: datetime) -> datetime:
    """When it is due: a repeated request changes nothing."""
    due_at: datetime = await conn.fetchval(
        QUERIES.insert_erasure_request, member_id, program_id, now, now + ERASED_AFTER
    )
    return due_at


async def find_erasure_due_at(conn: Connection, member_id: MemberId) -> datetime | None:
    due_at: datetime | None = await conn.fetchval(QUERIES.find_erasure_request, member_id)
    return due_at


async def withdraw_erasure_request(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(QUERIES.withdraw_erasure_request, member_id)


async def list_due_erasure_requests(conn: Connection, now: datetime, limit: int) -> list[MemberId]:
    return [row["member_id"] for row in await conn.fetch(QUERIES.list_due_erasure_requests, now, limit)]


async def take_erasure_request(conn: Connection, member_id: MemberId, now: datetime) -> ProgramId | None:
    """The program of one that is due, which is carried out now; None where it was withdrawn."""
    program_id: ProgramId | None = await conn.fetchval(QUERIES.take_erasure_request, member_id, now)
    return program_id


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
