"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "audit_entries": QUERIES.export_audit_entries,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """What the staff did stays in the trail, without whom it was about."""
    await conn.execute(QUERIES.erase_audit_entries, member_ids)
