"""Which tags members have. Whoever writes them has locked the members (`lock_taggable`)."""

from collections.abc import Sequence
from datetime import datetime

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "tags.sql")


async def lock_taggable(conn: Connection, program_id: ProgramId, member_ids: Sequence[MemberId]) -> list[MemberId]:
    """Those of them who are of the program, neither merged nor erased; nobody else tags them until the commit."""
    return [row["member_id"] for row in await fetch_by_shard(conn, QUERIES.lock_taggable, member_ids, program_id)]


async def list_tags(conn: Connection, member_id: MemberId) -> list[str]:
    return [row["tag"] for row in await conn.fetch(QUERIES.list_tags, member_id)]


async def add_tags(
    conn: Connection, program_id: ProgramId, member_ids: Sequence[MemberId], tags: Sequence[str], now: datetime
) -> set[MemberId]:
    """By the staff. Those who lacked one of them."""
    rows = await conn.fetch(QUERIES.add_tags, program_id, member_ids, tags, now)
    return {row["member_id"] for row in rows if row["is_new"]}


async def change_tags_of_file(
    conn: Connection,
    program_id: ProgramId,
    gone: Sequence[tuple[MemberId, str]],
    new: Sequence[tuple[MemberId, str]],
    now: datetime,
) -> None:
    """`gone` are taken off where a file has put them on, and no member of the staff since."""
    if gone:
        await conn.execute(QUERIES.remove_tags_of_file, *_apart(gone))
    if new:
        await conn.execute(QUERIES.add_tags_of_file, program_id, *_apart(new), now)


def _apart(tags: Sequence[tuple[MemberId, str]]) -> tuple[list[MemberId], list[str]]:
    return [member_id for member_id, _ in tags], [tag for _, tag in tags]


async def remove_tags(conn: Connection, member_ids: Sequence[MemberId], tags: Sequence[str]) -> set[MemberId]:
    """Those who had one of them."""
    return {row["member_id"] for row in await conn.fetch(QUERIES.remove_tags, member_ids, tags)}


async def find_overtagged(conn: Connection, member_ids: Sequence[MemberId], most: int) -> list[MemberId]:
    """Those who have more tags than that."""
    return [row["member_id"] for row in await conn.fetch(QUERIES.find_overtagged, member_ids, most)]


async def count_tags(conn: Connection, program_id: ProgramId, most: int) -> dict[str, int]:
    """How many members have each of the program's tags, the most frequent first; so many tags at most."""
    return {row["tag"]: row["members"] for row in await conn.fetch(QUERIES.count_tags, program_id, most)}


async def move_tags(conn: Connection, member_id: MemberId, survivor_id: MemberId) -> None:
    """The survivor has the tags of both, however many those are."""
    await conn.execute(QUERIES.move_tags, member_id, survivor_id)
