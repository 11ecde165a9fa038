"""Passkeys of the staff (WebAuthn): public keys, none of which is a secret."""

from datetime import datetime

import msgspec

from ids import StaffId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "passkeys.sql")


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    credential_id: bytes
    staff_id: StaffId
    name: str
    public_key: bytes
    sign_count: int
    created_at: datetime
    used_at: datetime | None


async def create_passkey(conn: Connection, passkey: Passkey) -> bool:
    """False where it is there already."""
    created = await conn.fetchval(
        *QUERIES.insert_passkey(
            credential_id=passkey.credential_id,
            staff_id=passkey.staff_id,
            name=passkey.name,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            now=passkey.created_at,
        )
    )
    return created is not None


async def list_passkeys(conn: Connection, staff_id: StaffId) -> list[Passkey]:
    return [Passkey(**row) for row in await conn.fetch(QUERIES.list_passkeys, staff_id)]


async def find_passkey(conn: Connection, credential_id: bytes) -> Passkey | None:
    row = await conn.fetchrow(QUERIES.find_passkey, credential_id)
    return Passkey(**row) if row else None


async def use_passkey(conn: Connection, credential_id: bytes, sign_count: int, now: datetime) -> bool:
    """False where its counter has not risen: somebody may have a copy."""
    return await conn.fetchval(QUERIES.use_passkey, credential_id, sign_count, now) is not None


async def delete_passkey(conn: Connection, staff_id: StaffId, credential_id: bytes) -> bool:
    return await conn.fetchval(QUERIES.delete_passkey, staff_id, credential_id) is not None


async def delete_passkeys(conn: Connection, staff_id: StaffId) -> None:
    await conn.execute(QUERIES.delete_passkeys, staff_id)
