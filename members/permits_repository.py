"""Permits: codes that the staff tell a member who can show no contact, to change or remove one."""

from datetime import datetime

import msgspec

from ids import MemberId, ProgramId, VerificationId
from kit.database import Connection
from kit.sql import load_queries
from members.verification import KEPT
from members.verification_codes import LIFE, MAX_ATTEMPTS

QUERIES = load_queries(__file__, "permits.sql")


class PermitAttempt(msgspec.Struct, frozen=True):
    """A try that was counted; `attempts` includes it."""

    id: VerificationId
    code_hash: bytes
    attempts: int

    @property
    def tries_left(self) -> int:
        return MAX_ATTEMPTS - self.attempts


async def create_permit(
    conn: Connection,
    member_id: MemberId,
    program_id: ProgramId,
    permit_id: VerificationId,
    code_hash: bytes,
    now: datetime,
) -> datetime:
    """In the place of a former one. Returns until when it is good."""
    expires_at = now + LIFE
    await conn.execute(
        *QUERIES.upsert_permit(
            member_id=member_id,
            id=permit_id,
            program_id=program_id,
            code_hash=code_hash,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return expires_at


async def count_permit_attempt(conn: Connection, member_id: MemberId, now: datetime) -> PermitAttempt | None:
    """None where there is nothing to try: none was given, it has run out, or it was used."""
    row = await conn.fetchrow(QUERIES.count_permit_attempt, member_id, MAX_ATTEMPTS, now)
    return PermitAttempt(**row) if row else None


async def use_permit(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(QUERIES.delete_permit, member_id)


async def purge_old_permits(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_permits, now - KEPT)
