"""Tokens by which somebody of the staff gets a new password. Only their SHA-256 is stored (see `kit.ids`)."""

from datetime import datetime, timedelta

import msgspec

from ids import ProgramId, StaffId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "password_resets.sql")
RESET_LIFE = timedelta(minutes=30)


class PasswordReset(msgspec.Struct, frozen=True):
    program_id: ProgramId
    staff_id: StaffId


async def create_password_reset(conn: Connection, token_hash: bytes, staff_id: StaffId | None, now: datetime) -> None:
    """None: of somebody who is not there. It takes as long, and the token is good for nothing."""
    await conn.execute(QUERIES.insert_password_reset, token_hash, staff_id, now, now + RESET_LIFE)


async def find_password_reset(conn: Connection, token_hash: bytes, now: datetime) -> PasswordReset | None:
    row = await conn.fetchrow(QUERIES.find_password_reset, token_hash, now)
    return PasswordReset(**row) if row else None


async def use_password_reset(conn: Connection, token_hash: bytes, now: datetime) -> bool:
    """False where it is not, or no longer, good."""
    return await conn.fetchval(QUERIES.use_password_reset, token_hash, now) is not None


async def purge_password_resets(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_password_resets, now)
