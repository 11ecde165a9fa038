"""docs/running.md does what it says: a backup, restored on another database with its key, serves the same people."""

import asyncio
import base64
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from devtools import postgres_install
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer, create_database, drop_database
from devtools.plain_http import TRUSTS_NOBODY
from devtools.ports import free_port
from kit.database import open_pool
from tests.support.callers import Caller
from tests.support.databases import SECRET_KEY
from tests.support.waiting import until
from tests.support.world import open_world

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


def script(heading: str) -> str:
    """The commands that the page gives under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert isinstance(block, str)
    return block


@pytest_asyncio.fixture
async def other_machine(database_server: DatabaseServer) -> AsyncIterator[str]:
    """A new and empty database with PostGIS."""
    name = f"noren_clone_{os.getpid()}_restored"
    await drop_database(database_server, name)
    dsn = await create_database(database_server, name)
    pool = await open_pool(dsn, max_size=1)
    await pool.execute("CREATE EXTENSION postgis")
    await pool.close()
    yield dsn
    await drop_database(database_server, name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").symlink_to(ROOT / "run")
    return tmp_path


def shell(commands: str, folder: Path, dsn: str, **environ: str) -> "subprocess.Popen[str]":
    found = postgres_install.find()
    assert found is not None
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NOREN_")}
    environ |= {"DATABASE_URL": dsn, "PATH": f"{found.bin_dir}:{clean['PATH']}"}
    return subprocess.Popen(
        ["sh", "-euc", commands], cwd=folder, env=clean | environ, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


async def test_a_backup_is_restored_on_another_machine_and_serves_on(
    database: str, other_machine: str, folder: Path
) -> None:
    async with open_world(database) as world:
        chain = await world.add_chain()
        till = await chain.add_till(await chain.add_store())
        member = await chain.enrol()
        assert (await till.at.post("/v1/scans", {"card": member.card_number})).status_code == 201
    key = base64.b64encode(SECRET_KEY).decode()
    backup = shell(script("Backup"), folder, database, NOREN_SECRET_KEY=key)
    told, _ = await asyncio.to_thread(backup.communicate)
    assert backup.returncode == 0, told

    port = free_port()
    restored = shell(script("Restore"), folder, other_machine, NOREN_PORT=str(port), NOREN_LOG_FORMAT="text")
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=30, verify=TRUSTS_NOBODY, trust_env=False
        ) as http:
            await until(lambda: is_ready(restored, http))
            card = await Caller(http, member.app.token).get("/v1/me/card")
            assert card.json()["number"] == member.card_number
            # The number is found by its keyed hash, so the key is the right one.
            scan = await Caller(http, till.at.token).post("/v1/scans", {"card": member.card_number})
            assert scan.json()["member_id"] == str(member.id), scan.text
    finally:
        os.killpg(restored.pid, signal.SIGTERM)
        restored.communicate()


async def is_ready(serving: "subprocess.Popen[str]", http: httpx.AsyncClient) -> bool:
    assert serving.poll() is None, serving.stdout and serving.stdout.read()
    try:
        return (await http.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here to judge it")
def test_the_unit_is_one_that_systemd_reads() -> None:
    judged = subprocess.run(
        ["systemd-analyze", "verify", str(ROOT / "deploy" / "noren.service")], capture_output=True, text=True
    )
    # It also misses the programs and users that only a machine that serves has.
    told = [line for line in judged.stderr.splitlines() if "noren.service" in line and "not executable" not in line]
    assert told == []
