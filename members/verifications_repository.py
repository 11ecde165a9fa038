"""Contact verifications: a member enters a contact as theirs, and proves it with the code that was sent there."""

from datetime import datetime, timedelta

import msgspec

from ids import MemberId, ProgramId, VerificationId
from kit.database import Connection
from kit.sql import load_queries
from members.code_limits import RESEND_AFTER, WINDOW, CodeLimit
from members.verification import KEPT, NewVerification, VerificationAttempt, VerificationPurpose
from members.verification_codes import MAX_ATTEMPTS

QUERIES = load_queries(__file__, "verifications.sql")


class CountedCode(msgspec.Struct, frozen=True):
    """`sent`: in this window so far, this one included. `wait`: zero if it may go."""

    sent: int
    wait: timedelta


async def create_verification(conn: Connection, new: NewVerification) -> bool:
    """Put it in the place of an open one for the same contact. False where another request has just done so."""
    await conn.execute(QUERIES.replace_verifications, new.member_id, new.kind, new.value_hash)
    opened = await conn.fetchval(
        *QUERIES.insert_verification(
            member_id=new.member_id,
            id=new.id,
            program_id=new.program_id,
            kind=new.kind,
            value_hash=new.value_hash,
            sealed_value=new.sealed_value,
            code_hash=new.code_hash,
            purpose=new.purpose,
            is_proved=new.is_proved,
            created_at=new.created_at,
            expires_at=new.expires_at,
        )
    )
    return opened is not None


async def count_attempt(
    conn: Connection,
    member_id: MemberId,
    verification_id: VerificationId,
    now: datetime,
    purpose: VerificationPurpose = "contact",
) -> VerificationAttempt | None:
    """None where there is nothing to try: unknown, expired, replaced, confirmed, or out of tries."""
    row = await conn.fetchrow(
        *QUERIES.count_attempt(
            member_id=member_id,
            id=verification_id,
            now=now,
            max_attempts=MAX_ATTEMPTS,
            purpose=purpose,
        )
    )
    return VerificationAttempt(**row) if row else None


async def is_known(
    conn: Connection, member_id: MemberId, verification_id: VerificationId, purpose: VerificationPurpose = "contact"
) -> bool:
    """Whether the member has, or had today, such a verification."""
    return await conn.fetchval(QUERIES.find_verification_state, member_id, verification_id, purpose) is not None


async def confirm_verification(conn: Connection, member_id: MemberId, verification_id: VerificationId) -> None:
    await conn.execute(QUERIES.confirm_verification, member_id, verification_id)


async def close_verifications(conn: Connection, member_id: MemberId) -> None:
    await conn.execute(QUERIES.close_verifications, member_id)


async def count_code(conn: Connection, program_id: ProgramId, limit: CodeLimit, now: datetime) -> CountedCode:
    """Count a code that is about to go out; where it may not go yet, nothing is counted."""
    counted = await conn.fetchval(
        *QUERIES.count_code(
            program_id=program_id,
            kind=limit.kind,
            value_hash=limit.value_hash,
            now=now,
            pause_from=now - limit.pause if limit.pause else None,
            max_sent=limit.most,
            window_from=now - limit.window,
        )
    )
    if counted is not None:
        return CountedCode(counted, timedelta(0))
    row = await conn.fetchrow(QUERIES.find_code_count, program_id, limit.kind, limit.value_hash)
    if row is None:  # purged in between: it was a day old
        return CountedCode(0, RESEND_AFTER)
    next_at = row["last_sent_at"] + limit.pause
    if row["sent"] >= limit.most:
        next_at = max(next_at, row["window_started_at"] + limit.window)
    return CountedCode(row["sent"], max(next_at - now, timedelta(seconds=1)))


async def purge_old_verifications(conn: Connection, now: datetime) -> None:
    """They hold contacts that may never be confirmed, so they are kept no longer than they are of use."""
    await conn.execute(QUERIES.purge_verifications, now - KEPT)
    await conn.execute(QUERIES.purge_code_counts, now - WINDOW)
