"""The pool and the transaction. What is run again, and what is an outage, is judged in `kit.outages`."""

import asyncio
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeAlias, TypeVar

import asyncpg

from kit import pooler, sessions
from kit.hosts import Hosts, split_hosts
from kit.outages import concerns_all, describe_outage, is_outage, judge
from kit.pooler import STATEMENT_TIMEOUT_S

R = TypeVar("R")

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
_following: ContextVar[list[Callable[[], object]] | None] = ContextVar("following", default=None)
Connection: TypeAlias = sessions.Connection

URL_SETTING = "DATABASE_URL"
ACQUIRE_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 10.0
ALONE_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
MAX_TRIES = 5
MAX_PREPARATIONS = 50
PAGE_ROWS = 1000  # a few milliseconds to decode


class DatabaseUnavailable(Exception):
    """The database could not be reached, or broke off: the outcome is unknown and the request is to be repeated.

    `concerns_all`: whoever asks now meets the same, so there is no use in asking for less.
    """

    retry_after_s = 2

    def __init__(self, cause: str, *, concerns_all: bool = True) -> None:
        super().__init__(cause)
        self.concerns_all = concerns_all


class RunFirst(Exception):
    """Raised in a transaction that lacks what a short one of its own can bring.

    It is rolled back, `work` is run and committed, and then the transaction again. So it holds no lock and no
    connection while `work` waits.
    """

    def __init__(self, work: Callable[["Connection"], Awaitable[object]]) -> None:
        super().__init__("lacks what another transaction is to bring first")
        self.work = work


class UnusablePooler(DatabaseUnavailable):
    """DATABASE_URL leads through a pooler that does not do what is needed, which the message says."""


async def open_pool(
    dsn: str, *, min_size: int = 1, max_size: int = 8, plans_anew: bool = False, setting: str = URL_SETTING
) -> Pool:
    """Open a pool of connections that speak UTC and give up on a statement after 15 s. Raises DatabaseUnavailable,
    which names the setting that the URL came from.

    `plans_anew`: every statement is planned as it is run. Who asks an empty queue again and again gets a plan for an
    empty table, keeps it, and reads the whole queue for each of its rows once a broadcast has filled it.
    """
    settings = {**pooler.ROLE_SETTINGS, "plan_cache_mode": "force_custom_plan" if plans_anew else "auto"}
    with _outages_of(setting):
        try:
            pool = await _open_pool(dsn, min_size, max_size, settings)
        except asyncpg.PostgresError as error:
            if not pooler.refuses_settings(error):
                raise
        else:
            async with pool.acquire() as conn:
                is_pooled = await pooler.stands_between(conn)
            if not is_pooled:
                return pool
            pool.terminate()
        # A statement that is sent whole each time is planned each time, in whichever session it is run.
        pool = await _open_pool(dsn, min_size, max_size, {}, **({"statement_cache_size": 0} if plans_anew else {}))
        await _check_settings(pool, setting)
        return pool


async def _open_pool(dsn: str, min_size: int, max_size: int, settings: Mapping[str, str], **more: Any) -> Pool:
    urls = split_hosts(dsn)
    if len(urls) > 1:
        more["connect"] = Hosts(urls).connect
    pool = asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=STATEMENT_TIMEOUT_S + 5,
        **sessions.OF_A_POOL,
        server_settings={"application_name": "noren", "timezone": "UTC", **settings},
        **more,
    )
    try:
        return await pool
    except BaseException:
        pool.terminate()
        raise


async def check_pooler(dsn: str) -> None:
    """Where a pooler is between, that it keeps prepared statements. Raises UnusablePooler, DatabaseUnavailable."""
    async with connect_alone(dsn) as asking, connect_alone(dsn) as holding:
        if await pooler.stands_between(asking) and not await pooler.keeps_statements(asking, holding):
            raise UnusablePooler(
                "DATABASE_URL leads through a pooler that loses prepared statements: "
                "it must be PgBouncer 1.21 or newer, with max_prepared_statements above 0"
            )


async def _check_settings(pool: Pool, setting: str) -> None:
    async with pool.acquire() as conn:
        missing = await pooler.find_missing_settings(conn)
    if missing:
        pool.terminate()
        raise UnusablePooler(
            f"{setting} leads through a pooler, and its sessions have no {' and no '.join(missing)} of ours: "
            "run './run admin set-role-settings' with the same DATABASE_URL, then RECONNECT on the pooler's console"
        )


async def close_pool(pool: Pool) -> None:
    """Close what is idle and wait a moment for what is not; then cut it off. A frozen server never answers."""
    closing = asyncio.ensure_future(pool.close())
    await asyncio.wait({closing}, timeout=CLOSE_TIMEOUT_S)
    if not closing.done():
        pool.terminate()
        closing.cancel()
        await asyncio.wait({closing}, timeout=CLOSE_TIMEOUT_S)


@asynccontextmanager
async def connect_alone(dsn: str) -> AsyncIterator[Connection]:
    """One connection of its own, for what is asked before there is a pool. Raises DatabaseUnavailable."""
    with _outages_of(URL_SETTING):
        connect_first = Hosts(split_hosts(dsn)).connect
        connection = await connect_first(dsn, timeout=ALONE_TIMEOUT_S, command_timeout=ALONE_TIMEOUT_S)
        try:
            yield connection
        finally:
            await connection.close(timeout=ALONE_TIMEOUT_S)


@contextmanager
def _outages_of(setting: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_outage(error, at_connect=True):
            raise
        raise DatabaseUnavailable(f"the database of {setting} does not answer: {describe_outage(error)}") from error


@asynccontextmanager
async def connect(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection. Raises DatabaseUnavailable for every kind of outage, also inside the block."""
    is_lent = False
    try:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            is_lent = True
            with _ended_when_silent(connection):
                yield connection
    except Exception as error:
        if not is_outage(error, at_connect=not is_lent):
            raise
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            await pool.expire_connections()  # a session stays as it began; a new one may find the primary
        raise DatabaseUnavailable(type(error).__name__, concerns_all=concerns_all(error)) from error


@contextmanager
def _ended_when_silent(connection: Connection) -> Iterator[None]:
    """PostgreSQL gives up sooner than we do, so it is not there any more: a ROLLBACK would wait as long once more."""
    try:
        yield
    except TimeoutError:
        connection.terminate()
        raise


async def in_transaction(pool: Pool, work: Callable[[Connection], Awaitable[R]]) -> R:
    """Run `work` in one READ COMMITTED transaction and return what it returned, after the commit.

    Deadlocks, serialization failures and plans that a migration made stale are run again with jitter; what raises
    RunFirst, after what it asks for. Raises DatabaseUnavailable in an outage.
    """
    return await in_statement(pool, partial(transact, work=work))


async def transact(connection: Connection, work: Callable[[Connection], Awaitable[R]]) -> R:
    """The transaction alone, for work of `in_statement` that has read on the same connection."""
    following: list[Callable[[], object]] = []
    token = _following.set(following)
    try:
        async with connection.transaction():
            with _ended_when_silent(connection):
                done = await work(connection)
    finally:
        _following.reset(token)
    for act in following:
        act()
    return done


def after_commit(act: Callable[[], object]) -> None:
    """Once, when the transaction that this runs in is committed, and not at all where it is rolled back.

    For what is counted in the process, which must not fail. Outside of `in_transaction`: now.
    """
    following = _following.get()
    if following is None:
        act()
    else:
        following.append(act)


async def in_statement(pool: Pool, work: Callable[[Connection], Awaitable[R]]) -> R:
    """The same for `work` that sends a single statement, which is a transaction by itself: two round trips less. Or
    for several, where the last one alone must not be sent twice.
    """
    failures = preparations = 0
    while True:
        try:
            async with connect(pool) as connection:
                return await work(connection)
        except RunFirst as lacking:
            preparations += 1
            if preparations > MAX_PREPARATIONS:  # others have always taken it before
                raise DatabaseUnavailable(type(lacking).__name__, concerns_all=False) from None
            preparation = lacking.work
        except Exception as error:
            if judge(error) != "repeat":
                raise
            failures += 1
            if failures == MAX_TRIES:
                raise DatabaseUnavailable(type(error).__name__) from None
            await asyncio.sleep(random.uniform(0, 0.01 * 2**failures))  # noqa: S311 - jitter, not a secret
            continue
        await in_transaction(pool, preparation)


async def in_read_only_transaction(pool: Pool, read: Callable[[Connection], Awaitable[R]]) -> R:
    """Run `read` in a transaction that only reads, and sees the same moment in all its statements.

    It may be run again from its beginning, as by `in_transaction`. Raises DatabaseUnavailable in an outage.
    """

    async def transact(connection: Connection) -> R:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await read(connection)

    return await in_statement(pool, transact)


async def fetch_pages(conn: Connection, query: str, *arguments: object) -> AsyncIterator[list[asyncpg.Record]]:
    """The rows of a long answer, some at a time, so that the loop is never busy with all of them. In a transaction."""
    cursor = await conn.cursor(query, *arguments)
    while rows := await cursor.fetch(PAGE_ROWS):
        yield rows
        if len(rows) < PAGE_ROWS:
            return


def in_pages(items: Sequence[R]) -> Iterator[Sequence[R]]:
    """Many arguments, so many at a time that the loop is never busy with encoding all of them."""
    return (items[start : start + PAGE_ROWS] for start in range(0, len(items), PAGE_ROWS))


def describe_failure(error: Exception) -> dict[str, object]:
    """What a log line may say of a failure. A statement's own error text is left out: it may quote the row, and a row
    may hold what never goes into a log.
    """
    if not isinstance(error, asyncpg.PostgresError):
        return {"exc_info": error}
    return {
        "error_type": type(error).__name__,
        "constraint": getattr(error, "constraint_name", None),
        "stack": "".join(traceback.format_tb(error.__traceback__)),
    }
