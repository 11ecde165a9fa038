"""Several processes on one port: they share the work, tell one count, and end together."""

import asyncio
import os
import re
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from devtools.processes import children_of
from tests.support.databases import SECRET_KEY
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.waiting import until


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Their own folder for what is temporary."""
    made = tmp_path / "temporary"
    made.mkdir()
    return made


@pytest_asyncio.fixture
async def live(database: str, tmp_path: Path, temporary: Path) -> AsyncIterator[Live]:
    served = start(
        database, SECRET_KEY, tmp_path / "log", only="all", NOREN_PROCESSES="2", TMPDIR=str(temporary)
    )  # fmt: skip
    with ended(served):
        await wait_until_ready(served)
        await until(lambda: len(listeners(served)) == 2)
        yield served


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def children(pid: int) -> list[int]:
    """Those that serve."""
    return [child for child in children_of(pid) if b"--child-of" in Path(f"/proc/{child}/cmdline").read_bytes()]


def listeners(live: Live) -> list[str]:
    """The sockets that listen on its port."""
    port = f":{int(live.url.rpartition(':')[2]):04X} "
    rows = Path("/proc/net/tcp").read_text().splitlines()
    return [row for row in rows if port in row and row.split()[3] == "0A"]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


async def test_they_share_the_work_let_nobody_else_in_and_end_well(
    live: Live, database: str, tmp_path: Path, temporary: Path
) -> None:
    await expect_one_count(live)
    expect_no_second_installation(live, database, tmp_path)
    pids = children(live.process.pid)
    assert len(pids) == 2
    assert files(temporary)
    assert live.stop() == 0
    assert not any(is_alive(pid) for pid in pids)
    await until(lambda: not files(temporary))


async def expect_one_count(live: Live) -> None:
    """Whichever process is asked."""

    async def ask() -> None:
        async with live.client() as http:
            assert (await http.get("/v1/me")).status_code == 401

    await asyncio.gather(*(ask() for _ in range(60)))
    counts = set()
    for _ in range(12):
        async with live.client() as http:
            metrics = (await http.get("/metrics")).text
        found = re.findall(r'noren_requests_total\{[^}]*path="/v1/me"[^}]*\} ([\d.]+)', metrics)
        counts.add(sum(map(float, found)))
    assert counts == {60.0}


def expect_no_second_installation(live: Live, database: str, tmp_path: Path) -> None:
    port = int(live.url.rpartition(":")[2])
    second = start(database, SECRET_KEY, tmp_path / "second", port=port, NOREN_PROCESSES="2")
    with ended(second):
        assert second.process.wait() == 1
    assert "is taken" in second.log.read_text()


@pytest.mark.parametrize("which", [0, 1])
async def test_a_killed_child_ends_them_all(live: Live, which: int) -> None:
    pids = children(live.process.pid)
    os.kill(pids[which], signal.SIGKILL)
    assert live.process.wait() == 1
    assert not any(is_alive(pid) for pid in pids)


async def test_a_killed_parent_leaves_no_child_and_no_file_behind(live: Live, temporary: Path) -> None:
    pids = children(live.process.pid)
    assert files(temporary)
    live.kill()
    await until(lambda: not any(is_alive(pid) for pid in pids))
    await until(lambda: not files(temporary))


@pytest.mark.parametrize("which", ["1", "2"])
async def test_a_port_that_somebody_else_has_is_told_in_one_line(database: str, tmp_path: Path, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = start(database, SECRET_KEY, tmp_path / "log", port=port, NOREN_PROCESSES=which)
        with ended(served):
            assert served.process.wait() == 1
    assert served.log.read_text().count("\n") == 1
    assert f"cannot start: port {port} of 127.0.0.1 is taken" in served.log.read_text()
