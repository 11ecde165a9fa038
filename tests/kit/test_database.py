"""Transactions: what is run again, what is an outage, and what is told as it is."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import asyncpg
import pytest
import pytest_asyncio

from kit import database as kit_database
from kit.database import (
    MAX_TRIES,
    Connection,
    DatabaseUnavailable,
    Pool,
    connect,
    describe_failure,
    in_read_only_transaction,
    in_statement,
    in_transaction,
    open_pool,
)
from tests.support.waiting import until


@pytest_asyncio.fixture
async def table(pool: Pool) -> AsyncIterator[Pool]:
    await pool.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)")
    await pool.execute("INSERT INTO t (id) VALUES (1), (2)")
    yield pool


async def count(pool: Pool) -> int:
    number: int = await pool.fetchval("SELECT sum(n) FROM t")
    return number


async def test_a_transaction_commits_what_it_answers_and_nothing_of_what_failed(table: Pool) -> None:
    async def work(conn: Connection) -> str:
        return await conn.execute("UPDATE t SET n = n + 1 WHERE id = 1")

    async def fail(conn: Connection) -> None:
        await work(conn)
        raise ZeroDivisionError

    assert await in_transaction(table, work) == "UPDATE 1"
    with pytest.raises(ZeroDivisionError):
        await in_transaction(table, fail)
    assert await count(table) == 1


async def test_a_real_deadlock_is_run_again_and_both_commit(table: Pool) -> None:
    met = asyncio.Barrier(2)
    tries = 0

    def crossing(first: int, second: int) -> Callable[[Connection], Awaitable[None]]:
        async def work(conn: Connection) -> None:
            nonlocal tries
            tries += 1
            await conn.execute("SET LOCAL deadlock_timeout = '20ms'")
            await conn.execute("UPDATE t SET n = n + 1 WHERE id = $1", first)
            if tries <= 2:
                await met.wait()
            await conn.execute("UPDATE t SET n = n + 1 WHERE id = $1", second)

        return work

    both = asyncio.gather(in_transaction(table, crossing(1, 2)), in_transaction(table, crossing(2, 1)))
    await both
    assert (tries, await count(table)) == (3, 4)


async def test_what_never_gets_through_is_answered_as_unavailable(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.database.random.uniform", lambda *_: 0.0)
    tries = 0

    async def work(conn: Connection) -> None:
        nonlocal tries
        tries += 1
        await conn.execute("DO $$ BEGIN RAISE EXCEPTION USING errcode = 'serialization_failure'; END $$")

    with pytest.raises(DatabaseUnavailable):
        await in_transaction(pool, work)
    assert tries == MAX_TRIES


async def test_a_plan_that_a_migration_made_stale_is_made_anew_and_nobody_sees_it(table: Pool) -> None:
    async def read(conn: Connection) -> int:
        return len(await conn.fetch("SELECT * FROM t"))

    ways: list[Callable[[Pool, Callable[[Connection], Awaitable[int]]], Awaitable[int]]] = [
        in_transaction,
        in_read_only_transaction,
        in_statement,
    ]
    for number, way in enumerate(ways):
        assert await way(table, read) == 2
        await table.execute(f"ALTER TABLE t ADD COLUMN added_{number} text")
        assert await way(table, read) == 2


async def test_a_session_that_only_reads_is_given_up(table: Pool) -> None:
    """A standby that has become the primary, or a setting that was taken back, is met by new sessions only."""
    name = await table.fetchval("SELECT current_database()")
    await table.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await table.expire_connections()

    async def write(conn: Connection) -> str:
        return await conn.execute("UPDATE t SET n = n + 1")

    with pytest.raises(DatabaseUnavailable, match="ReadOnlySQLTransactionError"):
        await in_transaction(table, write)
    async with connect(table) as conn:
        await conn.execute("SET default_transaction_read_only = off")
        await conn.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    with contextlib.suppress(DatabaseUnavailable):
        await in_transaction(table, write)
    assert await in_transaction(table, write) == "UPDATE 2"


async def test_a_pool_that_cannot_be_opened_says_why_in_one_line(database: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="does not exist") as refused:
        await open_pool(database.replace("/noren_", "/nowhere_", 1))
    assert "\n" not in str(refused.value)


async def test_a_session_cut_off_in_the_middle_is_an_outage_and_the_pool_mends_itself(table: Pool) -> None:
    async def work(conn: Connection) -> None:
        await conn.execute("UPDATE t SET n = n + 1")
        pid = await conn.fetchval("SELECT pg_backend_pid()")
        await table.execute("SELECT pg_terminate_backend($1)", pid)
        await conn.execute("UPDATE t SET n = n + 1")

    with pytest.raises(DatabaseUnavailable):
        await in_transaction(table, work)
    assert await count(table) == 0


async def test_idle_sessions_that_were_cut_off_are_replaced_unseen(table: Pool) -> None:
    await asyncio.gather(*(table.fetchval("SELECT pg_sleep(0.05)") for _ in range(5)))
    await table.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await until(lambda: table.get_size() == 1)  # the pool has seen that the others are gone
    assert await asyncio.gather(*(count(table) for _ in range(5))) == [0] * 5


@pytest.mark.parametrize("kind", ["no socket", "refused", "refused on both addresses of a name", "no such name"])
async def test_a_server_that_is_not_there_is_an_outage(pool: Pool, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """As the pool meets it that opens another connection."""

    async def fail(*_: object, **__: object) -> None:
        raise {
            "no socket": FileNotFoundError(2, "No such file or directory"),
            "refused": ConnectionRefusedError(111, "Connect call failed"),
            "refused on both addresses of a name": OSError("Multiple exceptions: [Errno 111] …, [Errno 111] …"),
            "no such name": socket.gaierror(-3, "Temporary failure in name resolution"),
        }[kind]

    await pool.expire_connections()
    monkeypatch.setattr(asyncpg.Pool, "_get_new_connection", fail)
    with pytest.raises(DatabaseUnavailable):
        async with connect(pool):
            pytest.fail("there is no connection")


async def test_a_pool_that_is_used_up_is_an_outage_after_a_moment(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_database, "ACQUIRE_TIMEOUT_S", 0.2)
    pool = await open_pool(database, max_size=1)
    async with connect(pool):
        with pytest.raises(DatabaseUnavailable):
            async with connect(pool):
                pytest.fail("there is but one connection")
    await pool.close()


async def test_a_callers_fault_is_told_as_it_is(table: Pool) -> None:
    """No outage: a repetition of the same would fail again."""
    statements: list[tuple[str, tuple[object, ...], type[Exception]]] = [
        ("INSERT INTO t (id) VALUES (1)", (), asyncpg.UniqueViolationError),
        ("SELECT $1::int", (2**40,), asyncpg.DataError),
        ("SELECT $1::text", ("a\0b",), asyncpg.DataError),
        ("SELECT $1::int", ("one",), asyncpg.DataError),
        ("SELECT 1 / 0", (), asyncpg.DivisionByZeroError),
    ]
    for statement, arguments, expected in statements:
        with pytest.raises(expected):
            async with connect(table) as conn:
                await conn.execute(statement, *arguments)


async def test_sessions_speak_utc_and_give_up_on_a_statement(pool: Pool) -> None:
    async with connect(pool) as conn:
        assert await conn.fetchval("SHOW timezone") == "UTC"
        assert await conn.fetchval("SHOW statement_timeout") == "15s"
        assert await conn.fetchval("SHOW idle_in_transaction_session_timeout") == "15s"
    with pytest.raises(DatabaseUnavailable):
        await in_transaction(pool, dawdle)
    now: datetime = await pool.fetchval("SELECT now()")
    assert now.tzinfo == UTC


async def dawdle(conn: Connection) -> None:
    await conn.execute("SET LOCAL statement_timeout = '20ms'")
    await conn.execute("SELECT pg_sleep(60)")


async def test_a_cancelled_caller_rolls_back_and_gives_its_connection_back(database: str) -> None:
    pool = await open_pool(database, max_size=1)
    await pool.execute("CREATE TABLE t (n int)")
    inserted = asyncio.Event()

    async def work(conn: Connection) -> None:
        await conn.execute("INSERT INTO t VALUES (1)")
        inserted.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(in_transaction(pool, work))
    await inserted.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await pool.fetchval("SELECT count(*) FROM t") == 0
    await pool.close()


async def test_a_failed_statement_is_described_without_the_row_that_it_quotes(pool: Pool) -> None:
    statement = "INSERT INTO programs (id, code, name, created_at) VALUES (gen_random_uuid(), $1, 'x', now())"
    private = "Not For A Log"
    with pytest.raises(asyncpg.CheckViolationError) as failure:
        await pool.execute(statement, private)
    assert private in str(failure.value) + str(failure.value.detail), "or this test shows nothing"
    described = describe_failure(failure.value)
    assert described["constraint"] == "programs_code_check"
    assert private not in str(described)


@pytest.mark.parametrize("plans_anew", [True, False])
async def test_who_watches_a_queue_keeps_no_plan_for_when_it_was_empty(database: str, plans_anew: bool) -> None:
    pool = await open_pool(database, max_size=1, plans_anew=plans_anew)
    async with pool.acquire() as conn:
        for number in range(12):
            await conn.fetchval("SELECT count(*) FROM outbox WHERE attempts = $1", number)
        kept: int = await conn.fetchval(
            "SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE 'SELECT count(%'"
        )
    await pool.close()
    assert (kept == 0) is plans_anew


@pytest.mark.parametrize("way", [in_transaction, in_statement])
async def test_a_session_that_gave_no_answer_in_time_is_ended_and_not_asked_to_roll_back(
    database: str, way: Callable[[Pool, Callable[[Connection], Awaitable[None]]], Awaitable[None]]
) -> None:
    """PostgreSQL gives up on a statement sooner than we do: it is gone, and would not answer a ROLLBACK either."""
    pool = await open_pool(database, max_size=1)

    async def wait(conn: Connection) -> None:
        await conn.fetchval("SELECT pg_sleep(600)", timeout=0.01)

    before = await pool.fetchval("SELECT pg_backend_pid()")
    with pytest.raises(DatabaseUnavailable):
        await way(pool, wait)
    assert await pool.fetchval("SELECT pg_backend_pid()") != before
    pool.terminate()
