"""How many members an audience has, and who: one statement over all active members of the program."""

from collections.abc import AsyncIterator, Sequence

import msgspec
from asyncpg import Record

from audiences.compile_sql import Compiled
from ids import MemberId
from kit.database import Connection, fetch_pages


class AudienceCount(msgspec.Struct, frozen=True, kw_only=True):
    """`unknown_by`: how many are unknown and have an unknown leaf there, by its path; only where there are some."""

    members: int
    matching: int
    unknown: int
    unknown_by: dict[str, int]


async def count_audience(conn: Connection, compiled: Compiled) -> AudienceCount:
    """Of the members who are active."""
    paths = list(compiled.unknowable)
    unknown = "".join(
        f", count(*) FILTER (WHERE ({compiled.unknowable[path]}) IS NULL) AS leaf_{place}"
        for place, path in enumerate(paths)
    )
    query = (
        f"SELECT {compiled.condition} AS verdict, count(*) AS members{unknown} FROM {compiled.source}"
        f" WHERE {compiled.population} GROUP BY 1"
    )
    rows = {row["verdict"]: row for row in await conn.fetch(query, *compiled.arguments)}
    counts = {verdict: row["members"] for verdict, row in rows.items()}
    by_leaf = {path: rows[None][f"leaf_{place}"] for place, path in enumerate(paths)} if None in rows else {}
    return AudienceCount(
        members=sum(counts.values()),
        matching=counts.get(True, 0),
        unknown=counts.get(None, 0),
        unknown_by={path: count for path, count in by_leaf.items() if count},
    )


async def sample_audience(conn: Connection, compiled: Compiled, size: int) -> list[MemberId]:
    """Some of its members: those who joined first."""
    query = f"{_members_of(compiled)} ORDER BY f.program_id, f.member_id LIMIT {int(size)}"
    return [row["member_id"] for row in await conn.fetch(query, *compiled.arguments)]


async def stream_audience(conn: Connection, compiled: Compiled) -> AsyncIterator[Sequence[Record]]:
    """All of its members, some at a time: facts, name, kana and home_store (its name). In a transaction."""
    found = f"SELECT f.* FROM {compiled.source} WHERE {compiled.population} AND {compiled.condition}"
    query = (
        f"SELECT f.*, p.name, p.kana, s.name AS home_store FROM ({found}) f"
        " LEFT JOIN profiles p ON p.member_id = f.member_id LEFT JOIN stores s ON s.id = f.home_store_id"
    )
    async for rows in fetch_pages(conn, query, *compiled.arguments):
        yield rows


async def judge_members(
    conn: Connection, compiled: Compiled, member_ids: Sequence[MemberId]
) -> dict[MemberId, bool | None]:
    """What the statement says of each of them, whether or not they are active. Who has no facts is absent."""
    place = len(compiled.arguments) + 1
    judged = f"SELECT f.member_id, {compiled.condition} AS verdict FROM {compiled.source}"
    query = f"{judged} WHERE f.program_id = $1 AND f.member_id = ANY (${place})"
    rows = await conn.fetch(query, *compiled.arguments, member_ids)
    return {row["member_id"]: row["verdict"] for row in rows}


def _members_of(compiled: Compiled) -> str:
    return f"SELECT f.member_id FROM {compiled.source} WHERE {compiled.population} AND {compiled.condition}"
