"""Programs' pages of Facebook, with their sealed credentials."""

from datetime import datetime

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "messenger_pages.sql")


class MessengerPageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A program's page as it is kept."""

    program_id: ProgramId
    page_id: str
    sealed_credentials: bytes
    changed_at: datetime


async def upsert_page(conn: Connection, page: MessengerPageRow) -> None:
    await conn.execute(QUERIES.upsert_page, page.program_id, page.page_id, page.sealed_credentials, page.changed_at)


async def find_page(conn: Connection, program_id: ProgramId) -> MessengerPageRow | None:
    row = await conn.fetchrow(QUERIES.find_page, program_id)
    return None if row is None else MessengerPageRow(**row)


async def delete_page(conn: Connection, program_id: ProgramId) -> bool:
    """Whether there was one."""
    return await conn.fetchval(QUERIES.delete_page, program_id) is not None
