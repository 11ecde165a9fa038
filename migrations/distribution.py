"""Spreads a migrated database over the nodes of its engine, in one transaction; what is done is not done again."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import asyncpg

from kit.sql import load_queries
from migrations.placing import (
    MEMBER,
    SETTINGS,
    CannotPlace,
    Engine,
    ForeignKey,
    Step,
    plan_places,
    plan_settings,
    refuse_engine,
    summarize,
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
QUERIES = load_queries(__file__, "distribution.sql")

# These ask of what only a database with the engine has, so they are no named queries: those must hold on every one.
_READ_NODES = """
    SELECT citus_is_coordinator() AS is_coordinator,
           EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0 AND isactive) AS knows_itself,
           (SELECT count(*)::int FROM pg_dist_node WHERE isactive AND shouldhaveshards) AS nodes
"""
# A session that sees the catalogue as it is sees the tables of the shards, too.
_READ_SHARDS = "SELECT shard_name(logicalrelid, shardid) AS name FROM pg_dist_shard"
_READ_SETTINGS = "SELECT name, current_setting(name, true) AS setting FROM unnest($1::text[]) AS name"
_READ_PLACED = """
    SELECT c.relname AS name,
           CASE WHEN p.repmodel = 't' THEN 'reference'
                WHEN p.partmethod = 'h' THEN column_to_column_name(p.logicalrelid, p.partkey)
                WHEN p.colocationid = 0 THEN 'local'
                ELSE 'program' END AS place
    FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
    WHERE NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
"""


async def distribute(dsn: str, tell: Callable[[str], None], *, is_plan_only: bool) -> int:
    """Tell what is left to do, and do it unless only the plan is asked for. Returns how many steps it has.

    Raises CannotPlace.
    """
    conn = await asyncpg.connect(dsn)
    try:
        steps = await _plan(conn)
        for line in summarize(steps):
            tell(line)
        if not is_plan_only:
            await _carry_out(conn, steps, tell)
        return len(steps)
    finally:
        await conn.close()


async def _plan(conn: Connection) -> list[Step]:
    engine = await _read_engine(conn)
    refuse_engine(engine)
    shards = {row["name"] for row in await conn.fetch(_READ_SHARDS)}
    found = [row["name"] for row in await conn.fetch(QUERIES.list_tables) if row["name"] not in shards]
    keys = [ForeignKey(**row) for row in await conn.fetch(QUERIES.list_foreign_keys) if row["table"] not in shards]
    placed = {
        row["name"]: "spread" if row["place"] == MEMBER else row["place"] for row in await conn.fetch(_READ_PLACED)
    }
    return plan_settings(engine) + plan_places(found, placed, keys)


async def _carry_out(conn: Connection, steps: Sequence[Step], tell: Callable[[str], None]) -> None:
    """All of it or nothing. Raises CannotPlace."""
    async with conn.transaction():
        # A connection to each node, not one to each shard: what one of them has made, another would not see yet.
        await conn.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        for number, step in enumerate(steps, 1):
            for statement in step.statements:
                try:
                    await conn.execute(statement)
                except asyncpg.PostgresError as error:
                    refusal = f"{step.says}: the engine refuses it, and nothing was done: {error}"
                    raise CannotPlace(refusal) from error
            tell(f"{number} of {len(steps)}: {step.says}")


async def _read_engine(conn: Connection) -> Engine:
    (found,) = await conn.fetch(QUERIES.read_engine)
    if found["version"] is None:
        return Engine(**found, is_coordinator=False, knows_itself=False, nodes=0, settings={})
    (nodes,) = await conn.fetch(_READ_NODES)
    settings = {row["name"]: row["setting"] for row in await conn.fetch(_READ_SETTINGS, list(SETTINGS))}
    return Engine(**found, **nodes, settings=settings)
