"""The rows that a package holds about one subject: read, and erased.

Which rows these are stands in a `.sql` file of the package. Its queries `export_<name>` read them, and those named
`erase_<name>` erase them, in the order in which they stand there: a row goes before what it refers to. The first
argument ($1) of both is the list of ids by which the subject is known. Where a statement may not read the rows by which
it finds what it erases, `find_<name>` reads them before: each of its columns is one more argument, a list.
Other queries of the file are run by name.
"""

from collections.abc import AsyncIterator, Sequence
from typing import TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from kit.database import PAGE_ROWS, Connection
from kit.sql import Queries, load_queries

# Rows as they go into JSON, some at a time, so that a long answer is never held whole.
Row: TypeAlias = dict[str, object]
RowPages: TypeAlias = AsyncIterator[list[Row]]


class RowSets:
    def __init__(self, queries: Queries) -> None:
        self._exports = _select(queries, "export_")
        self._erasures = _select(queries, "erase_")
        self._findings = _select(queries, "find_")

    def read(self, conn: Connection, ids: Sequence[UUID]) -> dict[str, RowPages]:
        """The rows by the name of their set. To be read one after another, in a transaction."""
        return {name: _read_pages(conn, query, ids) for name, query in self._exports.items()}

    async def erase(self, conn: Connection, ids: Sequence[UUID]) -> None:
        for name, query in self._erasures.items():
            found = await _read_columns(conn, self._findings[name], ids) if name in self._findings else []
            await conn.execute(query, ids, *found)


def load_row_sets(beside: str, file_name: str) -> RowSets:
    """As `kit.sql.load_queries`."""
    return RowSets(load_queries(beside, file_name))


def _select(queries: Queries, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): query for name, query in queries.items() if name.startswith(prefix)}


async def _read_columns(conn: Connection, query: str, ids: Sequence[UUID]) -> list[list[object]]:
    statement = await conn.prepare(query)
    rows = await statement.fetch(ids)
    return [[row[place] for row in rows] for place in range(len(statement.get_attributes()))]


async def _read_pages(conn: Connection, query: str, ids: Sequence[UUID]) -> RowPages:
    """Columns of type jsonb come as `msgspec.Raw`, so that they stand in JSON as what they are."""
    statement = await conn.prepare(query)
    documents = [column.name for column in statement.get_attributes() if column.type.name == "jsonb"]
    cursor = await statement.cursor(ids)
    while records := await cursor.fetch(PAGE_ROWS):
        yield [_row(record, documents) for record in records]


def _row(record: asyncpg.Record, documents: list[str]) -> Row:
    row: Row = dict(record)
    for column in documents:
        if row[column] is not None:
            row[column] = msgspec.Raw(str(row[column]).encode())
    return row
