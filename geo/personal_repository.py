"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "presences": QUERIES.export_presences,
    "transitions": QUERIES.export_transitions,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Presences stay as empty tombstones with a higher version, so that no upload under way brings them back."""
    for query in (QUERIES.erase_presences, QUERIES.erase_transitions):
        await conn.execute(query, member_ids)


async def delete_presences(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """The tombstones too, when no upload from before the erasure can be under way any more."""
    await conn.execute(QUERIES.delete_presences, member_ids)
