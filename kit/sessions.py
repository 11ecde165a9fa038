"""What a connection begins with, what it knows of its database, and what it tells of its statements."""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeAlias

import asyncpg

from kit import tracing
from kit.shards import ONE_SHARD, Shards
from kit.sql import name_of, whole_text

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

# asyncpg asks each session about each type that it does not know, as a statement first needs it: two or three queries,
# 4 ms of PostgreSQL a type, in the midst of a transaction. These are all arrays that our statements take or answer.
_ARRAYS = ("uuid", "text", "timestamptz", "bytea", "bigint", "int", "smallint", "float8", "jsonb", "bool", "date")
_LEARN = "SELECT to_regclass('pg_dist_shard') IS NOT NULL, " + ", ".join(f"NULL::{name}[]" for name in _ARRAYS)
_LOWS = """
SELECT array(SELECT shardminvalue::int
             FROM pg_dist_shard
             WHERE logicalrelid = 'members'::regclass AND shardminvalue IS NOT NULL
             ORDER BY 1)
"""


class Session(asyncpg.Connection):  # at run time it takes no argument
    """`shards`: over which Citus has spread the database. They move from node to node, and their ranges stay."""

    __slots__ = ("shards",)

    shards: Shards

    def _get_statement(self, query: str, timeout: float | None, **asked: Any) -> Awaitable[Any]:
        """Each statement with arguments comes by here, however it was sent, and its text is the key of those that are
        prepared."""
        text = query if shards_of(self) is ONE_SHARD else whole_text(query)
        statement: Awaitable[Any] = super()._get_statement(text, timeout, **asked)  # type: ignore[misc]
        return statement


async def prepare_session(connection: Connection) -> None:
    # All at once, before anybody waits for it. Not by `prepare`, which leaves the session in an unfinished transaction.
    is_cluster = await connection.fetchval(_LEARN)
    if isinstance(connection, Session):
        lows = await connection.fetchval(_LOWS) if is_cluster else []
        connection.shards = Shards(lows) if lows else ONE_SHARD
    if tracing.current_tracer() is not None:
        connection.add_query_logger(_note_statement)


def shards_of(connection: Connection) -> Shards:
    """Of a connection that no pool of ours has opened: one shard."""
    shards: Shards = getattr(connection, "shards", ONE_SHARD)
    return shards


def _note_statement(statement: asyncpg.connection.LoggedQuery) -> None:
    """asyncpg calls it soon after the end of each, in the context of who ran it. Its arguments are left alone."""
    tracer = tracing.current_tracer()
    if tracer is None:
        return
    failure = statement.exception
    sqlstate = getattr(failure, "sqlstate", None) or (None if failure is None else type(failure).__name__)
    tracer.note_statement(name_of(statement.query), statement.elapsed, sqlstate)


async def keep_session(_: object) -> None:
    """We set nothing in a session, so nothing is to be set back: a round trip less for each loan of a connection."""


OF_A_POOL: Mapping[str, Any] = {"connection_class": Session, "init": prepare_session, "reset": keep_session}
