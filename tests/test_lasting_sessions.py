"""What a test finds of those before it: their sessions, and nothing that they did in them."""

import asyncio
import socket

import asyncpg
import pytest

from kit.clock import utc_now
from kit.database import Pool, open_pool
from programs.programs_repository import create_program
from tests.support.databases import CleanDatabases
from tests.support.lasting_loop import LastingLoop, run_in_lasting_loop
from tests.support.waiting import until

PID = "SELECT pg_backend_pid()"


async def test_a_pool_takes_the_sessions_of_the_one_before_as_they_began(database: str) -> None:
    first = await open_pool(database)
    async with first.acquire() as session:
        pid = await session.fetchval(PID)
        await session.execute("SET statement_timeout = '7s'; CREATE TEMP TABLE mine (); SELECT pg_advisory_lock(1)")
        await session.execute("LISTEN news")
    first.terminate()
    second = await open_pool(database)
    assert await second.fetchval(PID) == pid
    assert await second.fetchval("SHOW statement_timeout") == "15s"
    assert await second.fetchval("SELECT to_regclass('mine')") is None
    assert await second.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = $1", pid) == 0
    assert await second.fetchval("SELECT count(*) FROM pg_listening_channels()") == 0
    with pytest.raises(asyncpg.InterfaceError):
        await first.fetchval(PID)
    second.terminate()


async def test_who_asks_for_other_settings_gets_a_session_of_their_own(database: str) -> None:
    first = await open_pool(database)
    pid = await first.fetchval(PID)
    first.terminate()
    second = await open_pool(database, plans_anew=True)
    assert await second.fetchval(PID) != pid
    second.terminate()


async def test_what_is_in_use_ends_with_its_pool(database: str, pool: Pool) -> None:
    used = await open_pool(database)
    session = await used.acquire()
    pid = await session.fetchval(PID)
    used.terminate()
    await until(lambda: pool.fetchval("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $1", pid))
    later = await open_pool(database)
    assert await later.fetchval(PID) != pid
    later.terminate()


async def test_the_next_test_has_the_same_session_and_none_of_the_rows(clean_databases: CleanDatabases) -> None:
    pids = []
    for _ in range(2):
        async with clean_databases.lend() as dsn:
            opened = await open_pool(dsn)
            pids.append(await opened.fetchval(PID))
            assert await opened.fetchval("SELECT count(*) FROM programs") == 0
            async with opened.acquire() as session:
                await create_program(session, "chain", "Kissa Sakura", "ja", utc_now())
            opened.terminate()
    assert pids[0] == pids[1]


def test_nothing_that_was_left_in_a_loop_happens_in_the_next_ones_test() -> None:
    happened: list[str] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:

        async def leave() -> LastingLoop:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, LastingLoop)
            loop.add_reader(ours, happened.append, "reader")
            theirs.send(b"x")
            return loop

        async def look() -> LastingLoop:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, LastingLoop)
            await loop.run_in_executor(None, theirs.fileno)  # turns of the loop, and it has threads again
            return loop

        loops = []
        for work in (leave, look):
            happened.clear()
            running = run_in_lasting_loop()
            loops.append(next(running).run(work()))
            assert next(running, None) is None
        assert loops[0] is loops[1]
    assert happened == []
