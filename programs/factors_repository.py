"""What somebody of the staff shows besides a password: authenticators, recovery codes, and what they have begun.

Secrets are sealed, tokens and recovery codes are hashes (see `kit.ids`); what is good once is used up by one statement.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ids import ProgramId, StaffId
from kit.database import Connection
from kit.ids import digest, new_secret
from kit.sql import load_queries

QUERIES = load_queries(__file__, "factors.sql")
CHALLENGE_LIFE = timedelta(minutes=5)
_COUNTED_FOR = timedelta(hours=1)

ChallengePurpose = Literal["second_factor", "passkey_sign_in", "passkey_registration"]


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has. Recovery codes alone are no factor: they stand in for a lost one."""

    has_authenticator: bool
    recovery_codes: int
    passkeys: int

    @property
    def are_there(self) -> bool:
        return self.has_authenticator or self.passkeys > 0


class Authenticator(msgspec.Struct, frozen=True):
    sealed_secret: bytes
    confirmed_at: datetime | None


class Challenge(msgspec.Struct, frozen=True):
    """What was begun, by whom (None: a passkey will tell)."""

    staff_id: StaffId | None
    challenge: bytes
    program_id: ProgramId | None


async def find_factors(conn: Connection, staff_id: StaffId) -> Factors:
    row = await conn.fetchrow(QUERIES.find_factors, staff_id)
    assert row is not None  # of subqueries only
    return Factors(
        has_authenticator=bool(row["has_authenticator"]),
        recovery_codes=row["recovery_codes"],
        passkeys=row["passkeys"],
    )


async def upsert_authenticator(conn: Connection, staff_id: StaffId, sealed_secret: bytes, now: datetime) -> bool:
    """False where a confirmed one is there."""
    return await conn.fetchval(QUERIES.upsert_authenticator, staff_id, sealed_secret, now) is not None


async def find_authenticator(conn: Connection, staff_id: StaffId) -> Authenticator | None:
    row = await conn.fetchrow(QUERIES.find_authenticator, staff_id)
    return Authenticator(**row) if row else None


async def confirm_authenticator(conn: Connection, staff_id: StaffId, step: int, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.confirm_authenticator, staff_id, step, now) is not None


async def use_authenticator_step(conn: Connection, staff_id: StaffId, step: int) -> bool:
    """False where a code of this step, or of a later one, was used before."""
    return await conn.fetchval(QUERIES.use_authenticator_step, staff_id, step) is not None


async def set_recovery_codes(conn: Connection, staff_id: StaffId, hashes: Sequence[bytes]) -> None:
    """In place of those that there were."""
    await conn.execute(QUERIES.delete_recovery_codes, staff_id)
    await conn.execute(QUERIES.insert_recovery_codes, staff_id, list(hashes))


async def use_recovery_code(conn: Connection, staff_id: StaffId, code_hash: bytes) -> bool:
    return await conn.fetchval(QUERIES.use_recovery_code, staff_id, code_hash) is not None


async def delete_authenticator(conn: Connection, staff_id: StaffId) -> None:
    """With the recovery codes, which stand in for it."""
    await conn.execute(QUERIES.delete_authenticator, staff_id)
    await conn.execute(QUERIES.delete_recovery_codes, staff_id)


async def create_challenge(
    conn: Connection, staff_id: StaffId | None, purpose: ChallengePurpose, challenge: bytes, now: datetime
) -> bytes:
    """The secret by which whoever has begun goes on."""
    secret = new_secret()
    await conn.execute(
        *QUERIES.insert_challenge(
            token_hash=digest(secret),
            staff_id=staff_id,
            purpose=purpose,
            challenge=challenge,
            now=now,
            expires_at=now + CHALLENGE_LIFE,
        )
    )
    return secret


async def find_challenge(conn: Connection, secret: bytes, purpose: ChallengePurpose, now: datetime) -> Challenge | None:
    row = await conn.fetchrow(QUERIES.find_challenge, digest(secret), purpose, now)
    return Challenge(**row) if row else None


async def count_attempt(conn: Connection, secret: bytes, now: datetime) -> bool:
    """An attempt; False where there were five."""
    return await conn.fetchval(QUERIES.count_attempt, digest(secret), now) is not None


async def count_failures_of(conn: Connection, staff_id: StaffId, now: datetime) -> tuple[int, datetime]:
    """Within the last hour, at second factors; and until when the oldest of them count."""
    (row,) = await conn.fetch(QUERIES.count_failures_of, staff_id, now - _COUNTED_FOR)
    return row["failed"], (row["since"] or now) + _COUNTED_FOR


async def use_challenge(conn: Connection, secret: bytes, now: datetime) -> bool:
    """False where somebody was faster."""
    return await conn.fetchval(QUERIES.delete_challenge, digest(secret), now) is not None


async def purge_challenges(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_challenges, now - _COUNTED_FOR)
