"""Migrated, empty databases for one test after another.

A clone costs a copy of 17 MB and a checkpoint, and most tests write some dozen rows. So a test's database is emptied
and used again, without the weeks' partitions that a server has made in it. Whoever changed more than rows (a trigger, a
table's name) leaves a database that is dropped.

A new session reads the catalogue of a hundred tables before it empties them, which takes six times as long as emptying
them. So each database has one that stays, in a loop of its own, since every test's loop ends with it.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeAlias, TypeVar

import asyncpg

from devtools import template_database
from devtools.database_server import DatabaseServer, drop_database, quoted
from kit.clock import utc_now
from server.runtime.root_secret import keep_root
from tests.support import lasting_sessions
from tests.support.waiting import until

# The operator's key in tests, and the root of all keys too: a test may open what a server has sealed.
SECRET_KEY = bytes(range(32))

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
T = TypeVar("T")

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


@dataclass
class _Clone:
    """`session` is used in the loop that stays, and only there; a test may have ended it."""

    name: str
    shape: tuple[str, ...]
    emptying: str
    session: Connection


class CleanDatabases:
    """The databases of one test run, or of one of its workers."""

    def __init__(self, server: DatabaseServer, template: str) -> None:
        self._server = server
        self._template = template
        self._idle: list[_Clone] = []
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, name="emptying databases", daemon=True).start()

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[str]:
        """The DSN of a migrated, empty database that nobody else uses meanwhile."""
        lent = self._idle.pop() if self._idle else await self._apart(self._make())
        dsn = self._server.url(lent.name)
        try:
            yield dsn
        finally:
            if await self._apart(self._is_emptied(lent, lasting_sessions.kept_pids(dsn))):
                self._idle.append(lent)
            else:
                lasting_sessions.forget(dsn)
                await drop_database(self._server, lent.name)

    async def drop_all(self) -> None:
        while self._idle:
            clone = self._idle.pop()
            lasting_sessions.forget(self._server.url(clone.name))
            await self._apart(clone.session.close())
            await drop_database(self._server, clone.name)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _apart(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _make(self) -> _Clone:
        name = await template_database.clone(self._server, self._template)
        session = await asyncpg.connect(self._server.url(name))
        await keep_known_root(session)
        lasting_sessions.keep_for(self._server.url(name))
        return _Clone(name, await _read_shape(session), await _write_emptying(session), session)

    async def _is_emptied(self, clone: _Clone, kept: Sequence[int]) -> bool:
        """False where it cannot be used again. `kept`: the pids of sessions that the next test takes."""
        try:
            if not await _is_alive(clone.session):
                clone.session = await asyncpg.connect(self._server.url(clone.name))
            await _empty(clone, kept)
        except (asyncpg.PostgresError, _Reshaped):
            clone.session.terminate()
            return False
        return True


class _Reshaped(Exception):
    """More than rows has changed."""


async def _is_alive(session: Connection) -> bool:
    try:
        await session.execute("SELECT")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True


async def _empty(clone: _Clone, kept: Sequence[int]) -> None:
    """Raises _Reshaped."""
    await _end_sessions(clone.session, kept)
    if weeks := await clone.session.fetchval(_WEEKS):
        await clone.session.execute(f"DROP TABLE {weeks}")
    if await _read_shape(clone.session) != clone.shape:
        raise _Reshaped
    await clone.session.execute(clone.emptying)
    # What this session counted is told before it is forgotten: later it would count for the next test.
    await clone.session.execute("SELECT pg_stat_force_next_flush()")
    await clone.session.execute("SELECT pg_stat_reset()")
    await keep_known_root(clone.session)


async def keep_known_root(connection: Connection) -> None:
    await keep_root(connection, SECRET_KEY, SECRET_KEY, utc_now())


async def _read_shape(connection: Connection) -> tuple[str, ...]:
    row = await connection.fetchrow(_SHAPE)
    assert row is not None
    return tuple(row)


async def _write_emptying(connection: Connection) -> str:
    """Delete every row, in one transaction. Where no trigger fires, foreign keys ask for no order."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace AND relname <> ALL ($1)",
        _FILLED_BY_MIGRATIONS,
    )
    deletions = "; ".join(f"DELETE FROM {quoted(row['relname'])}" for row in tables)
    return f"SET session_replication_role = replica; {deletions}"


async def _end_sessions(connection: Connection, kept: Sequence[int]) -> None:
    """Whatever a test left running: nothing of it may be written into the next test's database.

    Again and again: a session that had just begun does not hear of it the first time.
    """
    query = f"SELECT count(pg_terminate_backend(pid)) = 0 {_OTHER_SESSIONS} AND pid <> ALL ($1)"
    await until(lambda: connection.fetchval(query, kept))
