"""How a process ends: unready, drained, gone; at once when told twice; and in time when everything hangs."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from devtools.own_cluster import OwnCluster, own_cluster
from server.__main__ import _end_together
from server.runtime.leaving import Leaving
from tests.server.runtime.test_processes import children, is_alive
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.waiting import until

# Of the frozen database; the statements that it was asked alone would hold a process for 20 s each.
DRAIN_S, LONGEST_S = 1, 15


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_it_is_unready_first_and_a_second_signal_ends_it_at_once(
    database: str, tmp_path: Path, processes: str
) -> None:
    live = start(
        database, SECRET_KEY, tmp_path / "log", only="all", NOREN_PROCESSES=processes, NOREN_UNREADY_S="300"
    )  # fmt: skip
    with ended(live):
        await wait_until_ready(live)
        serving = children(live.process.pid)
        live.process.send_signal(signal.SIGTERM)

        async def ask(path: str) -> httpx.Response | None:
            async with live.client() as http:
                with suppress(httpx.ReadError):  # by one of two that was still starting as it was told to end
                    return await http.get(path)
            return None

        async def is_leaving() -> bool:
            answer = await ask("/health/ready")
            if answer is None or answer.status_code != 503:
                return False
            return "told to end" in expect_problem(answer, 503, "not-ready")["detail"]

        await until(is_leaving)
        assert (await until(lambda: ask("/v1/me"))).status_code == 401, "what still comes is answered"
        assert live.process.is_running()
        live.process.send_signal(signal.SIGTERM)
        assert live.process.wait() == (-signal.SIGTERM if processes == "1" else 1)
        assert not any(is_alive(pid) for pid in serving)


async def test_what_hangs_closes_what_it_holds_before_the_loop_ends() -> None:
    """The worker of a database that was stopped left its sessions with providers open."""
    closed: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.to_thread(closed.append, "the session")

    leaving = Leaving(drain_s=-1)  # does not wait before it cancels
    leaving.drains.set()
    assert await _end_together(leaving, [hang()], lambda: None) == 1
    assert closed == ["the session"]


async def test_after_the_first_signal_it_drains_and_leaves_well(database: str, tmp_path: Path) -> None:
    live = start(database, SECRET_KEY, tmp_path / "log", only="all", NOREN_UNREADY_S="1")
    with ended(live):
        await wait_until_ready(live)
        assert live.stop() == 0
    assert '"event": "leaving"' in live.log.read_text()


@pytest.fixture(scope="module")
def cluster() -> Iterator[OwnCluster]:
    with own_cluster() as made:
        yield made


@pytest.mark.parametrize("only", ["all", "worker"])
async def test_a_frozen_database_holds_nobody_beyond_the_deadline(
    cluster: OwnCluster, tmp_path: Path, only: str
) -> None:
    live = start(cluster.dsn, SECRET_KEY, tmp_path / "log", only=only, NOREN_DRAIN_S=str(DRAIN_S))
    with ended(live):
        asked = await wait_and_freeze(live, cluster, only)
        began = time.monotonic()
        try:
            live.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(live.process.wait)
            assert time.monotonic() - began < LONGEST_S
        finally:
            cluster.thaw()
            await asyncio.gather(*asked, return_exceptions=True)


async def wait_and_freeze(live: Live, cluster: OwnCluster, only: str) -> "list[asyncio.Task[httpx.Response]]":
    """Requests in hand, if any are served, that wait for a database that will not answer."""
    if only == "worker":
        watching = await asyncpg.connect(cluster.dsn)
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'noren'"
        await until(lambda: watching.fetchval(f"SELECT ({sessions}) > 2"))
        await watching.close()
        cluster.freeze()
        return []
    await wait_until_ready(live)
    cluster.freeze()

    async def ask() -> httpx.Response:
        async with live.client("noren_s_" + "a" * 43) as http:
            return await http.get("/v1/stores")

    return [asyncio.create_task(ask()) for _ in range(5)]


async def test_a_start_with_too_few_connections_is_told_in_one_line_and_ends(database: str, tmp_path: Path) -> None:
    url = urlsplit(database)
    role = f"{url.path.lstrip('/')}_few"
    owner = await asyncpg.connect(database)
    await owner.execute(f"CREATE ROLE {role} LOGIN IN ROLE noren CONNECTION LIMIT 2")
    try:
        for processes in ("1", "2"):
            log = tmp_path / f"log-{processes}"
            few = database.replace("noren@", f"{role}@", 1)
            live = start(few, SECRET_KEY, log, only="all", NOREN_PROCESSES=processes)
            with ended(live):
                assert await asyncio.to_thread(live.process.wait) == 1
            assert "cannot start: the database of DATABASE_URL does not answer: too many connections" in log.read_text()
            assert "Traceback" not in log.read_text()
    finally:
        await owner.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await owner.close()
