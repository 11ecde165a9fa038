"""Through a real PgBouncer in transaction mode: what is needed of it, and that nothing is kept in a session."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from devtools.database_server import DatabaseServer
from devtools.template_database import own_database
from kit.database import (
    Connection,
    DatabaseUnavailable,
    UnusablePooler,
    check_pooler,
    connect,
    connect_alone,
    in_transaction,
    open_pool,
)
from kit.pooler import ROLE_SETTINGS, set_role_settings, stands_between
from tests.support.pgbouncer import pgbouncer_before, require_pgbouncer

STARTUP = "ignore_startup_parameters"


@pytest.fixture(scope="module")
def program() -> str:
    return require_pgbouncer()


@pytest_asyncio.fixture
async def place(database_server: DatabaseServer) -> AsyncIterator[str]:
    """A database whose settings are its own."""
    async with own_database(database_server) as dsn:
        yield dsn


async def test_to_postgresql_itself_nothing_stands_between(database: str) -> None:
    await check_pooler(database)
    async with connect_alone(database) as conn:
        assert not await stands_between(conn)


@pytest.mark.parametrize("ignored", ["", ", ".join([*ROLE_SETTINGS, "plan_cache_mode"])])
async def test_the_role_has_the_settings_that_a_pooler_does_not_pass_on(place: str, program: str, ignored: str) -> None:
    with pgbouncer_before(place, program, **({STARTUP: ignored} if ignored else {})) as bouncer:
        url = bouncer.url_of(place)
        await check_pooler(url)
        with pytest.raises(UnusablePooler, match=r"no statement_timeout.* of ours: run .*set-role-settings"):
            await open_pool(url)
        async with connect_alone(url) as conn:
            assert await stands_between(conn)
            await set_role_settings(conn)
        await bouncer.reconnect()
        pool = await open_pool(url)
        async with connect(pool) as conn:
            assert await conn.fetchval("SHOW statement_timeout") == "15s"
            assert await conn.fetchval("SHOW timezone") == "UTC"
        pool.terminate()


@pytest.mark.parametrize(("mode", "kept", "is_usable"), [("transaction", "0", False), ("session", "0", True)])
async def test_a_pooler_that_loses_statements_is_refused(
    database: str, program: str, mode: str, kept: str, is_usable: bool
) -> None:
    with pgbouncer_before(database, program, pool_mode=mode, max_prepared_statements=kept) as bouncer:
        if is_usable:
            await check_pooler(bouncer.url_of(database))
            return
        with pytest.raises(UnusablePooler, match=r"1\.21 or newer, with max_prepared_statements"):
            await check_pooler(bouncer.url_of(database))


async def test_many_more_than_there_are_sessions_work_at_once_and_are_known_in_each(place: str, program: str) -> None:
    async with connect_alone(place) as conn:
        await set_role_settings(conn)
        await conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)")
        await conn.execute("INSERT INTO t SELECT generate_series(1, 20)")
    with pgbouncer_before(place, program) as bouncer:
        pool = await open_pool(bouncer.url_of(place), min_size=20, max_size=20)
        seen = set()

        async def add(number: int) -> None:
            async def work(conn: Connection) -> None:
                seen.add(await conn.fetchval("SELECT pg_backend_pid()"))
                await conn.execute("UPDATE t SET n = n + 1 WHERE id = $1", number)

            for _ in range(5):
                await in_transaction(pool, work)

        await asyncio.gather(*(add(1 + number % 20) for number in range(40)))
        assert await pool.fetchval("SELECT sum(n) FROM t") == 200
        assert 1 < len(seen) < 20
        pool.terminate()


async def test_who_watches_a_queue_keeps_no_plan_there_either(place: str, program: str) -> None:
    async with connect_alone(place) as conn:
        await set_role_settings(conn)
    with pgbouncer_before(place, program, default_pool_size="1") as bouncer:
        for plans_anew, most in ((True, 0), (False, 99)):
            pool = await open_pool(bouncer.url_of(place), max_size=1, plans_anew=plans_anew)
            for number in range(12):
                await pool.fetchval("SELECT count(*) FROM outbox WHERE attempts = $1", number)
            kept = await pool.fetchval(
                "SELECT coalesce(sum(generic_plans), 0) FROM pg_prepared_statements"
                " WHERE statement LIKE 'SELECT count(%'"
            )
            assert kept <= most
            assert (kept == 0) is plans_anew
            pool.terminate()


async def test_what_a_migration_made_stale_is_planned_anew_once_the_pooler_reconnects(place: str, program: str) -> None:
    """It takes our new statement for the old one, whose words are the same: docs/scale-out.md tells of it."""
    async with connect_alone(place) as conn:
        await set_role_settings(conn)
        await conn.execute("CREATE TABLE t (id int)")

    async def read(conn: Connection) -> list[str]:
        statement = await conn.prepare("SELECT * FROM t")
        await statement.fetch()
        return [column.name for column in statement.get_attributes()]

    with pgbouncer_before(place, program, default_pool_size="1") as bouncer:
        pool = await open_pool(bouncer.url_of(place), max_size=1)
        assert await in_transaction(pool, read) == ["id"]
        async with connect_alone(place) as conn:
            await conn.execute("ALTER TABLE t ADD COLUMN n int")
        with pytest.raises(DatabaseUnavailable, match="InvalidCachedStatementError"):
            await in_transaction(pool, read)
        await bouncer.reconnect()
        assert await in_transaction(pool, read) == ["id", "n"]
        pool.terminate()
