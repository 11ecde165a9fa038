"""Links that bring somebody of the staff in once: an invitation, and one that the operator makes. Hashes are stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ids import ProgramId, StaffId
from kit.database import Connection
from kit.ids import digest, new_secret
from kit.sql import load_queries

QUERIES = load_queries(__file__, "staff_links.sql")

LinkPurpose = Literal["invitation", "sign_in"]
LINK_LIVES: Mapping[LinkPurpose, timedelta] = {"invitation": timedelta(days=7), "sign_in": timedelta(minutes=5)}


class StaffLink(msgspec.Struct, frozen=True):
    """Whom it is for."""

    program_id: ProgramId
    staff_id: StaffId
    name: str
    email: str


async def create_staff_link(conn: Connection, staff_id: StaffId, purpose: LinkPurpose, now: datetime) -> bytes:
    """Its secret, which is not stored. The one before is good no more."""
    secret = new_secret()
    await conn.execute(
        *QUERIES.upsert_staff_link(
            staff_id=staff_id,
            purpose=purpose,
            token_hash=digest(secret),
            now=now,
            expires_at=now + LINK_LIVES[purpose],
        )
    )
    return secret


async def find_staff_link(conn: Connection, secret: bytes, purpose: LinkPurpose, now: datetime) -> StaffLink | None:
    row = await conn.fetchrow(QUERIES.find_staff_link, digest(secret), purpose, now)
    return StaffLink(**row) if row else None


async def use_staff_link(conn: Connection, secret: bytes, purpose: LinkPurpose, now: datetime) -> bool:
    """False where it is not, or no longer, good."""
    return await conn.fetchval(QUERIES.use_staff_link, digest(secret), purpose, now) is not None


async def list_invited(conn: Connection, staff_ids: Sequence[StaffId]) -> dict[StaffId, datetime]:
    """Until when the invitation of each is good, of those who have one."""
    rows = await conn.fetch(QUERIES.list_invited, list(staff_ids))
    return {row["staff_id"]: row["expires_at"] for row in rows}


async def purge_staff_links(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_staff_links, now)
