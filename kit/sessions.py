"""What a connection begins with, and what it tells of its statements."""

from typing import TypeAlias

import asyncpg

from kit import tracing
from kit.sql import name_of

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

# asyncpg asks each session about each type that it does not know, as a statement first needs it: two or three queries,
# 4 ms of PostgreSQL a type, in the midst of a transaction. These are all arrays that our statements take or answer.
_ARRAYS = ("uuid", "text", "timestamptz", "bytea", "bigint", "int", "smallint", "float8", "jsonb", "bool", "date")
_LEARN_ARRAYS = "SELECT " + ", ".join(f"NULL::{name}[]" for name in _ARRAYS)


async def prepare_session(connection: Connection) -> None:
    # All at once, before anybody waits for it. Not by `prepare`, which leaves the session in an unfinished transaction.
    await connection.fetchrow(_LEARN_ARRAYS)
    if tracing.current_tracer() is not None:
        connection.add_query_logger(_note_statement)


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
