"""The second step of an erasure: the presences' tombstones go. The first is `erase_…` of `personal.sql`."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")


async def delete_presences(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """The tombstones too, when no upload from before the erasure can be under way any more."""
    await conn.execute(QUERIES.delete_presences, member_ids)
