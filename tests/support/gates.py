"""A gate that holds racers at the same statement until all of them are there: then it is a race for certain."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from tests.support.waiting import until

# Whether a session of this database waits for another one. Within a transaction it would be answered of its beginning.
IS_WAITED = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


@asynccontextmanager
async def gate(dsn: str, statement: str, racers: int) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Hold what `statement` locks; open when so many sessions of this database wait for a lock.

    Enter it, start the racers, leave it: leaving waits for them and opens. Where they are to come one after another,
    `await arrived(1)` (`as arrived`) between their starts waits until the first one stands at the gate.
    """
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield partial(_wait_for, connection)
            await _wait_for(connection, racers)
    finally:
        await connection.close()


async def _wait_for(connection: "asyncpg.Connection[asyncpg.Record]", racers: int) -> None:
    async def have_come() -> bool:
        # pg_stat_activity is a snapshot within a transaction.
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        waiting: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return waiting >= racers

    await until(have_come)


async def deadlocks(dsn: str) -> int:
    """How many this database has seen: transactions that met one are run again, so nothing else tells of it.

    Ends all other sessions, for they publish their counts late, but before they end.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        number: int = await connection.fetchval(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return number
    finally:
        await connection.close()
