"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "purchases": QUERIES.export_purchases,
    "refunds": QUERIES.export_refunds,
    "receipts": QUERIES.export_receipts,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Purchases, refunds and receipts stay, without what was bought."""
    await conn.execute(QUERIES.erase_purchases, member_ids)
