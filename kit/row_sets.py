"""The rows that a package holds about one subject: read, and erased.

Which rows these are stands in a `.sql` file of the package. Its queries `export_<name>` read them, and those named
`erase_<name>` erase them, in the order in which they stand there: a row goes before what it refers to. The first
argument ($1) of both is the list of ids by which the subject is known. Other queries of the file are run by name.
"""

from collections.abc import Sequence
from uuid import UUID

from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import Queries, load_queries


class RowSets:
    def __init__(self, queries: Queries) -> None:
        self._exports = _select(queries, "export_")
        self._erasures = _select(queries, "erase_")

    def read(self, conn: Connection, ids: Sequence[UUID]) -> dict[str, RowPages]:
        """The rows by the name of their set. To be read one after another, in a transaction."""
        return read_files(conn, self._exports, ids)

    async def erase(self, conn: Connection, ids: Sequence[UUID]) -> None:
        for query in self._erasures.values():
            await conn.execute(query, ids)


def load_row_sets(beside: str, file_name: str) -> RowSets:
    """As `kit.sql.load_queries`, of a file that holds nothing else."""
    return RowSets(load_queries(beside, file_name))


def _select(queries: Queries, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): query for name, query in queries.items() if name.startswith(prefix)}
