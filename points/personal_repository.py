"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "point_accounts": QUERIES.export_point_accounts,
    "point_lots": QUERIES.export_point_lots,
    "point_postings": QUERIES.export_point_postings,
    "stamps": QUERIES.export_stamps,
    "stamp_completions": QUERIES.export_stamp_completions,
    "member_ranks": QUERIES.export_member_ranks,
    "rank_changes": QUERIES.export_rank_changes,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """Accounts and postings stay, without what tells of visits and without the words of the staff."""
    for query in (
        QUERIES.erase_stamp_completions,
        QUERIES.erase_stamps,
        QUERIES.erase_rank_changes,
        QUERIES.erase_member_ranks,
        QUERIES.erase_point_postings,
        QUERIES.erase_posting_moments,
    ):
        await conn.execute(query, member_ids)
