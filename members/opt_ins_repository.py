"""Opt-ins: who said yes to e-mail and has yet to follow the link in the e-mail that asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "opt_ins.sql")
# Who has not confirmed it by then has changed their mind.
OPT_IN_KEPT = timedelta(days=30)
_SENT_AGAIN_AFTER = timedelta(minutes=10)


async def open_opt_ins(conn: Connection, asked: Sequence[tuple[MemberId, ProgramId, str, datetime]]) -> None:
    """(member, program, the wording that they saw, when) each."""
    if not asked:
        return
    members, programs, versions, times = zip(*asked, strict=True)
    await conn.execute(
        *QUERIES.upsert_opt_in(member_id=members, program_id=programs, text_version=versions, asked_at=times)
    )


async def mark_opt_in_sent(conn: Connection, member_id: MemberId, now: datetime) -> bool:
    """False where there is nothing to ask for, or an e-mail has just gone out."""
    sent = await conn.fetchval(QUERIES.mark_opt_in_sent, member_id, now, _SENT_AGAIN_AFTER.total_seconds())
    return sent is not None


async def take_opt_in(conn: Connection, member_id: MemberId) -> str | None:
    """It is over: confirmed, or withdrawn. Returns the wording that they saw; None where there was none."""
    version: str | None = await conn.fetchval(QUERIES.take_opt_in, member_id)
    return version


async def move_opt_in(conn: Connection, member_id: MemberId, to_member: MemberId) -> None:
    """What the other has asked for themself stands."""
    await conn.execute(QUERIES.move_opt_in, member_id, to_member)
    await take_opt_in(conn, member_id)


async def has_opt_in(conn: Connection, member_id: MemberId) -> bool:
    return await conn.fetchval(QUERIES.find_opt_in, member_id) is not None


async def purge_old_opt_ins(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_opt_ins, now - OPT_IN_KEPT)
