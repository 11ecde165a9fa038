"""Google Wallet's loyalty objects: the live ones, one a member, and the endings that are still to be sent to Google."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cards.google_object import GoogleEnding, GooglePass, PollResult
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.leases import lease_query
from kit.sql import load_queries

QUERIES = load_queries(__file__, "google_passes.sql")
LEASE_GOOGLE_PASSES = lease_query(
    "google_passes",
    key=("member_id",),
    due_at="next_poll_at",
    returning=("member_id", "pass_id", "program_id", "synced_hash", "lease_until", "failures"),
)
LEASE_GOOGLE_ENDINGS = lease_query(
    "google_endings", key=("pass_id",), due_at="next_attempt_at", returning=("pass_id", "lease_until", "failures")
)

# A failure more than that changes no pause.
_MAX_FAILURES = 1000
# What could not be sent for so long never can: the operator no longer uses Google Wallet.
_ENDINGS_KEPT = timedelta(days=30)


async def find_google_pass(conn: Connection, member_id: MemberId) -> GooglePass | None:
    row = await conn.fetchrow(QUERIES.find_google_pass, member_id)
    return GooglePass(**row) if row else None


async def create_google_pass(
    conn: Connection, member_id: MemberId, pass_id: UUID, program_id: ProgramId, next_poll_at: datetime, now: datetime
) -> None:
    """With the card locked, and of a TOTP pass that is there."""
    await conn.execute(
        *QUERIES.insert_google_pass(
            member_id=member_id,
            pass_id=pass_id,
            program_id=program_id,
            next_poll_at=next_poll_at,
            created_at=now,
        )
    )


async def record_synced(conn: Connection, member_id: MemberId, pass_id: UUID, synced_hash: bytes) -> bool:
    """False where the pass has ended by now."""
    return await conn.fetchval(QUERIES.record_synced, member_id, pass_id, synced_hash) is not None


async def lease_google_passes(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[GooglePass]:
    """Lease those that are due for a poll."""
    return [GooglePass(**row) for row in await conn.fetch(LEASE_GOOGLE_PASSES, now, lease_s, limit)]


async def record_polls(conn: Connection, polls: Sequence[PollResult]) -> set[UUID]:
    """The ids of the passes for which it was recorded: neither ended by now, nor leased to another worker."""
    polls = sorted(polls, key=lambda poll: poll.leased.member_id)  # two workers take their locks in one order
    rows = await conn.fetch(
        *QUERIES.record_polls(
            member_id=[poll.leased.member_id for poll in polls],
            pass_id=[poll.leased.pass_id for poll in polls],
            lease_until=[poll.leased.lease_until for poll in polls],
            synced_hash=[poll.synced_hash for poll in polls],
            next_poll_at=[poll.next_poll_at for poll in polls],
            failures=[min(poll.failures, _MAX_FAILURES) for poll in polls],
        )
    )
    return {row["pass_id"] for row in rows}


async def end_google_passes(conn: Connection, member_ids: Sequence[MemberId], now: datetime) -> None:
    """The worker tells Google after the commit. Call it before the TOTP passes are deleted, which they refer to."""
    rows = await conn.fetch(QUERIES.delete_google_passes, member_ids)
    if rows:
        await upsert_google_endings(conn, [row["pass_id"] for row in rows], now)


async def upsert_google_endings(conn: Connection, pass_ids: Sequence[UUID], now: datetime) -> None:
    """Have Google told that these have ended, once more if it was told before."""
    await conn.execute(QUERIES.upsert_google_endings, pass_ids, now)


async def lease_google_endings(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[GoogleEnding]:
    return [GoogleEnding(**row) for row in await conn.fetch(LEASE_GOOGLE_ENDINGS, now, lease_s, limit)]


async def delete_google_ending(conn: Connection, ending: GoogleEnding) -> None:
    await conn.execute(QUERIES.delete_google_ending, ending.pass_id, ending.lease_until)


async def postpone_google_ending(conn: Connection, ending: GoogleEnding, next_attempt_at: datetime) -> None:
    failures = min(ending.failures + 1, _MAX_FAILURES)
    await conn.execute(QUERIES.postpone_google_ending, ending.pass_id, ending.lease_until, next_attempt_at, failures)


async def purge_old_endings(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_google_endings, now - _ENDINGS_KEPT)
