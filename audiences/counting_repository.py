"""How many members an audience has, and who: one statement over all active members of the program."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec
from asyncpg import Record

from audiences.compile_sql import Compiled
from audiences.estimate import Foreseen
from ids import MemberId
from kit.database import Connection, fetch_pages

# A set that is larger than PostgreSQL thinks fit to be hashed is read again for every member: it took minutes where it
# takes a second with more memory. Two counts are made at once.
_WORK_MEMORY = "64MB"
# A plan may be mistaken; then a part of the members is judged instead.
_TIME_MS = 1000
_JUDGED = (
    "FROM member_facts f WHERE f.program_id = $1 AND f.is_active AND ($2::uuid[] IS NULL OR f.home_store_id = ANY ($2))"
)


class AudienceCount(msgspec.Struct, frozen=True, kw_only=True):
    """`unknown_by`: how many are unknown and have an unknown leaf there, by its path; only where there are some."""

    members: int
    matching: int
    unknown: int
    unknown_by: dict[str, int]


async def take_memory(conn: Connection) -> None:
    """For the rest of the transaction."""
    await conn.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")


async def expect_memory(conn: Connection) -> None:
    """Before some members are looked for, for the rest of the transaction. The planner takes pages here and there to
    be on a disk, four times as dear as pages in a row, and would rather read whole tables. And it expects to find some
    early, for which one processor would do; but those who joined last stand at the end.
    """
    await conn.execute("SET LOCAL random_page_cost = 1.1")
    await conn.execute("SET LOCAL parallel_setup_cost = 0")
    await conn.execute("SET LOCAL parallel_tuple_cost = 0")


async def foresee(conn: Connection, compiled: Compiled) -> Foreseen:
    """What the planner says of the count."""
    source, population = compiled.source, compiled.population
    count = f"SELECT count(*) FILTER (WHERE {compiled.condition}) FROM {source} WHERE {population}"
    judged = await _plan(conn, f"SELECT f.member_id {_JUDGED}", *_whom(compiled))
    return Foreseen((await _plan(conn, count, *compiled.arguments))["Total Cost"], judged["Plan Rows"])


async def _plan(conn: Connection, query: str, *arguments: object) -> dict[str, Any]:
    plans = await conn.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
    plan: dict[str, Any] = msgspec.json.decode(plans)[0]["Plan"]
    return plan


async def count_judged(conn: Connection, compiled: Compiled) -> int:
    """How many members there are to be judged, in all parts."""
    members: int = await conn.fetchval(f"SELECT count(*) {_JUDGED}", *_whom(compiled))
    return members


def _whom(compiled: Compiled) -> tuple[object, object]:
    return compiled.arguments[0], compiled.home_stores


async def count_in_time(conn: Connection, compiled: Compiled) -> AudienceCount | None:
    """None where it takes longer than was foreseen. In a transaction, which goes on."""
    try:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL statement_timeout = {_TIME_MS}")
            return await count_audience(conn, compiled)
    except asyncpg.QueryCanceledError:
        return None


async def count_audience(conn: Connection, compiled: Compiled) -> AudienceCount:
    """Of the members who are active. Nothing but counts: these several processors make together."""
    paths = list(compiled.unknowable)
    unknown = "".join(
        f", count(*) FILTER (WHERE ({compiled.unknowable[path]}) IS NULL) AS leaf_{place}"
        for place, path in enumerate(paths)
    )
    query = (
        f"SELECT {compiled.condition} AS verdict, count(*) AS members{unknown}"
        f" FROM {compiled.source} WHERE {compiled.population} GROUP BY 1"
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


async def find_some(conn: Connection, compiled: Compiled, size: int) -> list[MemberId]:
    """So many of the active members who are in it, if there are."""
    query = f"SELECT f.member_id FROM {compiled.source} WHERE {compiled.population} AND {compiled.condition}"
    rows = await conn.fetch(f"{query} LIMIT {int(size)}", *compiled.arguments)
    return [row["member_id"] for row in rows]


async def stream_audience(conn: Connection, compiled: Compiled) -> AsyncIterator[Sequence[Record]]:
    """All of its members, some at a time: facts, name, kana and home_store (its name). After `take_memory`."""
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
