"""Tills: the cash registers of a store, each with a key of its own. Only the key's hash is stored."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from ids import ProgramId, StoreId, TillId
from kit.database import Connection
from kit.ids import digest
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "tills.sql")


class Till(msgspec.Struct, frozen=True):
    """A till of a store, which scans cards and redeems coupons."""

    id: TillId
    """The till."""
    program_id: ProgramId
    """The program that it belongs to."""
    store_id: StoreId
    """The store where it stands."""
    name: str
    """What the staff call it."""
    created_at: datetime
    """When it was added."""
    revoked_at: datetime | None
    """Since when its key is dead."""


class TillPairing(msgspec.Struct, frozen=True, kw_only=True):
    """A till that has just got a key, and where it stands."""

    id: TillId
    program_id: ProgramId
    store_id: StoreId
    name: str
    store_name: str
    time_zone: str


async def create_till(conn: Connection, till: Till, secret: bytes) -> None:
    await conn.execute(
        *QUERIES.insert_till(
            id=till.id,
            program_id=till.program_id,
            store_id=till.store_id,
            name=till.name,
            key_hash=digest(secret),
            created_at=till.created_at,
        )
    )


async def replace_till_key(conn: Connection, program_id: ProgramId, till_id: TillId, secret: bytes) -> bool:
    """The former key stops working at the commit."""
    return await conn.fetchval(QUERIES.replace_till_key, program_id, till_id, digest(secret)) is not None


async def set_pairing_code(
    conn: Connection, program_id: ProgramId, till_id: TillId, code: bytes, expires_at: datetime
) -> bool:
    """The till's former code, if one is still good, ends."""
    query = QUERIES.set_pairing_code(
        program_id=program_id, till_id=till_id, code_hash=digest(code), expires_at=expires_at
    )
    return await conn.fetchval(*query) is not None


async def take_pairing_code(
    conn: Connection, program_code: str, till_id: TillId, code: bytes, secret: bytes, now: datetime
) -> TillPairing | None:
    """The till has the key `secret` from the commit on, and the former key stops working. None: no such code."""
    query = QUERIES.take_pairing_code(
        program_code=program_code, till_id=till_id, code_hash=digest(code), key_hash=digest(secret), now=now
    )
    row = await conn.fetchrow(*query)
    return TillPairing(**row) if row else None


async def revoke_till(conn: Connection, program_id: ProgramId, till_id: TillId, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.revoke_till, program_id, till_id, now) is not None


async def find_till(conn: Connection, program_id: ProgramId, till_id: TillId) -> Till | None:
    row = await conn.fetchrow(QUERIES.find_till, program_id, till_id)
    return Till(**row) if row else None


async def list_tills(
    conn: Connection, program_id: ProgramId, page: PageRequest, stores: Sequence[StoreId] | None
) -> list[Till]:
    """`stores` narrows the list to tills of those stores; None means all of the program."""
    rows = await conn.fetch(QUERIES.list_tills, program_id, page.before, page.fetch_count, stores)
    return [Till(**row) for row in rows]


async def authenticate_tills(conn: Connection, shown: Sequence[tuple[TillId, bytes]]) -> list[Till | None]:
    """Of each (till_id, secret) the till, None where that is not its key."""
    rows = {row["id"]: row for row in await conn.fetch(QUERIES.find_till_credentials, [key[0] for key in shown])}
    return [_authenticate(rows.get(till_id), secret) for till_id, secret in shown]


def _authenticate(row: Any, secret: bytes) -> Till | None:
    if row is None or not hmac.compare_digest(row["key_hash"], digest(secret)):
        return None
    return Till(row["id"], row["program_id"], row["store_id"], row["name"], row["created_at"], None)
