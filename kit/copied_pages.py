"""A whole table as `COPY` sends it, a page at a time. What a page holds is read by `kit.binary_copy`."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from kit.binary_copy import MARK_SIZE, Page
from kit.database import Connection

R = TypeVar("R")

PAGE_ROWS = 20_000  # a tenth of a second, far from any time-out


async def copy_pages(conn: Connection, query: str, read: Callable[[Page], R]) -> list[R]:
    """What `read` makes of each page, in a thread, while the next one is already on its way. In a transaction.

    The query takes the mark that its rows begin with (bigint), the id that they come behind, and how many to answer.
    At least one page is read; the last one has no rows.
    """
    parts: list[R] = []
    reading: asyncio.Future[R] | None = None
    last: UUID | None = UUID(int=0)
    try:
        while last is not None:
            page = await copy_page(conn, query, last, PAGE_ROWS)
            if reading is not None:
                parts.append(await reading)
            reading = asyncio.ensure_future(asyncio.to_thread(read, page))
            last = page.find_last_id()
        return [*parts, await reading] if reading is not None else parts
    finally:
        if reading is not None:
            await asyncio.wait([reading])  # nothing ends a thread from outside


async def copy_page(conn: Connection, query: str, *arguments: object) -> Page:
    """One of them, with a mark that nobody could put into a row."""
    mark = secrets.token_bytes(MARK_SIZE)
    sent: list[bytes] = []

    async def take(data: bytes) -> None:
        sent.append(data)

    number = int.from_bytes(mark, signed=True)
    await conn.copy_from_query(query.rstrip("; \n"), number, *arguments, output=take, format="binary")
    return Page(b"".join(sent), mark)
