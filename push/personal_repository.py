"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "outbox": QUERIES.export_outbox,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """A push that is being sent at this moment still arrives; its outcome finds no row."""
    await conn.execute(QUERIES.erase_outbox, member_ids)
