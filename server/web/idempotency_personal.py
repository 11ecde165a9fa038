"""What the server itself holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "idempotency_records": QUERIES.export_idempotency_records,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Records that the member's devices left; their answers could be read with the Idempotency-Keys only."""
    await conn.execute(QUERIES.erase_idempotency_records, member_ids)
