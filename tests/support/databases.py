"""Migrated, empty databases for one test after another.

A clone costs a copy of 17 MB and a checkpoint, and most tests write some dozen rows. So a test's database is emptied
and used again, without the weeks' partitions that a server has made in it. Whoever changed more than rows (a trigger, a
table's name) leaves a database that is dropped.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from devtools import template_database
from devtools.database_server import DatabaseServer, drop_database, quoted
from kit.clock import utc_now
from server.runtime.root_secret import keep_root
from tests.support.waiting import until

# The operator's key in tests, and the root of all keys too: a test may open what a server has sealed.
SECRET_KEY = bytes(range(32))

# What migrations themselves put there.
_FILLED_BY_MIGRATIONS = ("alembic_version", "spatial_ref_sys", "served_revisions")

_OTHER_SESSIONS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)

# A row of the catalogue that is made, changed or deleted changes the count or brings a newer xmin.
_SHAPE = "SELECT " + ", ".join(
    f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {catalogue})"
    for catalogue in ("pg_type", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_proc", "pg_index")
)

# The partitions of weeks; migrations make the default one only.
_WEEKS = (
    "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class"
    " WHERE relispartition AND relkind = 'r' AND pg_get_expr(relpartbound, oid) <> 'DEFAULT'"
)


@dataclass(frozen=True)
class _Clone:
    name: str
    shape: tuple[str, ...]
    emptying: str


class CleanDatabases:
    """The databases of one test run, or of one of its workers."""

    def __init__(self, server: DatabaseServer, template: str) -> None:
        self._server = server
        self._template = template
        self._idle: list[_Clone] = []

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[str]:
        """The DSN of a migrated, empty database that nobody else uses meanwhile."""
        lent = self._idle.pop() if self._idle else await self._make()
        try:
            yield self._server.url(lent.name)
        finally:
            if await self._is_emptied(lent):
                self._idle.append(lent)
            else:
                await drop_database(self._server, lent.name)

    async def drop_all(self) -> None:
        while self._idle:
            await drop_database(self._server, self._idle.pop().name)

    async def _make(self) -> _Clone:
        name = await template_database.clone(self._server, self._template)
        connection = await asyncpg.connect(self._server.url(name))
        try:
            await keep_known_root(connection)
            return _Clone(name, await _read_shape(connection), await _write_emptying(connection))
        finally:
            await connection.close()

    async def _is_emptied(self, clone: _Clone) -> bool:
        """False where it cannot be used again."""
        try:
            connection = await asyncpg.connect(self._server.url(clone.name))
        except asyncpg.PostgresError:
            return False
        try:
            await _end_sessions(connection)
            if weeks := await connection.fetchval(_WEEKS):
                await connection.execute(f"DROP TABLE {weeks}")
            if await _read_shape(connection) != clone.shape:
                return False
            await connection.execute(clone.emptying)
            await keep_known_root(connection)
        except asyncpg.PostgresError:
            return False
        finally:
            await connection.close()
        return True


async def keep_known_root(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await keep_root(connection, SECRET_KEY, SECRET_KEY, utc_now())


async def _read_shape(connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[str, ...]:
    row = await connection.fetchrow(_SHAPE)
    assert row is not None
    return tuple(row)


async def _write_emptying(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """Delete every row and every count, in one transaction. Where no trigger fires, foreign keys ask for no order."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace AND relname <> ALL ($1)",
        _FILLED_BY_MIGRATIONS,
    )
    deletions = "; ".join(f"DELETE FROM {quoted(row['relname'])}" for row in tables)
    return f"SET session_replication_role = replica; {deletions}; SELECT pg_stat_reset()"


async def _end_sessions(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Whatever a test left running: nothing of it may be written into the next test's database."""
    await connection.execute(f"SELECT pg_terminate_backend(pid) {_OTHER_SESSIONS}")
    await until(lambda: connection.fetchval(f"SELECT count(*) = 0 {_OTHER_SESSIONS}"))
