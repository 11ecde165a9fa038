"""The attributes of a program's own. A removed one stays, with what members have of it."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from ids import ProgramId
from kit.database import Connection
from members.attributes import Attribute
from members.profiles_repository import QUERIES


async def list_attributes(conn: Connection, program_id: ProgramId) -> dict[str, Attribute]:
    """By key, in the order in which they were made; the removed ones too."""
    return {row["key"]: _to_attribute(row) for row in await conn.fetch(QUERIES.list_attributes, program_id)}


async def lock_attribute(conn: Connection, program_id: ProgramId, key: str) -> Attribute | None:
    """Also one that was removed; until the commit."""
    row = await conn.fetchrow(QUERIES.lock_attribute, program_id, key)
    return None if row is None else _to_attribute(row)


async def insert_attribute(conn: Connection, program_id: ProgramId, attribute: Attribute) -> bool:
    """False where the key is taken, be it by one that was removed."""
    return (
        await conn.fetchval(
            *QUERIES.insert_attribute(
                **_columns(program_id, attribute), kind=attribute.kind, created_at=attribute.created_at
            )
        )
        is not None
    )


async def update_attribute(conn: Connection, program_id: ProgramId, attribute: Attribute) -> None:
    """Its kind, and when it was made, stay as they are. One that was removed is in use again."""
    await conn.execute(*QUERIES.update_attribute(**_columns(program_id, attribute)))


async def remove_attribute(conn: Connection, program_id: ProgramId, key: str, now: datetime) -> None:
    await conn.execute(QUERIES.remove_attribute, program_id, key, now)


def _columns(program_id: ProgramId, attribute: Attribute) -> dict[str, Any]:
    return {
        "program_id": program_id,
        "key": attribute.key,
        "label": msgspec.json.encode(attribute.label).decode(),
        "choices": msgspec.json.encode(attribute.choices).decode(),
        "writers": sorted(attribute.writers),
        "is_profiling": attribute.is_profiling,
    }


def _to_attribute(row: asyncpg.Record) -> Attribute:
    documents = {name: msgspec.json.decode(row[name]) for name in ("label", "choices")}
    return msgspec.convert({**row, **documents, "writers": set(row["writers"])}, Attribute)
