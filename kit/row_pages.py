"""Rows as they go into JSON, some at a time, so that a long answer is never held whole."""

from collections.abc import AsyncIterator, Mapping
from typing import TypeAlias

import asyncpg
import msgspec

from kit.database import PAGE_ROWS, Connection

Row: TypeAlias = dict[str, object]
RowPages: TypeAlias = AsyncIterator[list[Row]]


def read_files(conn: Connection, queries: Mapping[str, str], *arguments: object) -> dict[str, RowPages]:
    """For each query, by the name of its file, its rows. To be read one after another, in a transaction."""
    return {name: _read_pages(conn, query, arguments) for name, query in queries.items()}


async def _read_pages(conn: Connection, query: str, arguments: tuple[object, ...]) -> RowPages:
    """Columns of type jsonb come as `msgspec.Raw`, so that they stand in JSON as what they are."""
    statement = await conn.prepare(query)
    documents = [column.name for column in statement.get_attributes() if column.type.name == "jsonb"]
    cursor = await statement.cursor(*arguments)
    while records := await cursor.fetch(PAGE_ROWS):
        yield [_row(record, documents) for record in records]


def _row(record: asyncpg.Record, documents: list[str]) -> Row:
    row: Row = dict(record)
    for column in documents:
        if row[column] is not None:
            row[column] = msgspec.Raw(str(row[column]).encode())
    return row
