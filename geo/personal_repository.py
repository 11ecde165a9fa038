"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_sets import RowSets
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")
ROWS = RowSets(QUERIES)


async def delete_presences(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """The tombstones too, when no upload from before the erasure can be under way any more."""
    await conn.execute(QUERIES.delete_presences, member_ids)
