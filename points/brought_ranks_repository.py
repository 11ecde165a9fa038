"""Ranks that members brought along from before: a floor under what they gather here, for a time."""

from collections.abc import Sequence
from datetime import datetime

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries
from points.ranks import BroughtRank

QUERIES = load_queries(__file__, "brought_ranks.sql")


async def upsert_brought_ranks(conn: Connection, ranks: Sequence[tuple[MemberId, BroughtRank]]) -> None:
    await conn.execute(
        QUERIES.upsert_brought_ranks,
        [member_id for member_id, _ in ranks],
        [rank.rank_code for _, rank in ranks],
        [rank.until for _, rank in ranks],
    )


async def read_brought_ranks(
    conn: Connection, member_ids: Sequence[MemberId], now: datetime
) -> dict[MemberId, BroughtRank]:
    """Those that hold now."""
    rows = await conn.fetch(QUERIES.read_brought_ranks, member_ids, now)
    return {row["member_id"]: BroughtRank(row["rank_code"], row["until"]) for row in rows}


async def move_brought_rank(
    conn: Connection, program_id: ProgramId, from_member: MemberId, to_member: MemberId, now: datetime
) -> None:
    """When two members become one: the higher one holds."""
    await conn.execute(QUERIES.move_brought_rank, from_member, to_member, now, program_id)
    await conn.execute(QUERIES.delete_brought_rank, from_member)
