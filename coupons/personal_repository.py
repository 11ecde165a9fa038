"""What this package holds about a person: read for them, and erased."""

from collections.abc import Sequence

from ids import MemberId
from kit.database import Connection
from kit.row_pages import RowPages, read_files
from kit.sql import load_queries

QUERIES = load_queries(__file__, "personal.sql")

FILES = {
    "coupons": QUERIES.export_coupons,
    "redemptions": QUERIES.export_redemptions,
}


def export_member(conn: Connection, member_ids: Sequence[MemberId]) -> dict[str, RowPages]:
    return read_files(conn, FILES, member_ids)


async def erase_member(conn: Connection, member_ids: Sequence[MemberId]) -> None:
    """They stay, ended and coarse, with what was redeemed: the campaigns' counts and the tills' books rest on them."""
    await conn.execute(QUERIES.erase_coupons, member_ids)
    await conn.execute(QUERIES.erase_undone_scans, member_ids)
    await conn.execute(QUERIES.erase_coupon_moments, member_ids)
