"""Every test's database is a clone of one migrated template."""

import os
import subprocess
import sys

import asyncpg
import pytest

from devtools import template_database
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer, create_database, drop_database
from kit.database import Pool

ENSURE = """
import asyncio
from devtools.private_database import private_database
from devtools.template_database import ensure_template
with private_database("trial") as server:
    print(asyncio.run(ensure_template(server)))
"""


async def test_a_clone_is_migrated_and_empty(pool: Pool) -> None:
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    assert {"programs", "members", "coupons"} <= {row["tablename"] for row in tables}
    assert await pool.fetchval("select count(*) from members") == 0
    assert await pool.fetchval("select postgis_lib_version()") >= "3"


async def test_what_one_clone_is_told_another_does_not_know(
    pool: Pool, database_server: DatabaseServer, template: str
) -> None:
    await pool.execute("create table t ()")
    name = await template_database.clone(database_server, template)
    connection = await asyncpg.connect(database_server.url(name))
    assert await connection.fetchval("select to_regclass('t')") is None
    await connection.close()
    await drop_database(database_server, name)


@pytest.fixture
def dead_pid() -> int:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


async def test_clones_of_dead_processes_go(database_server: DatabaseServer, dead_pid: int) -> None:
    dead = f"noren_clone_{dead_pid}_1"
    mine = f"noren_clone_{os.getpid()}_999999"
    for name in (dead, mine):
        await create_database(database_server, name)
    await template_database.ensure_template(database_server)
    connection = await asyncpg.connect(database_server.url())
    left = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
    await connection.close()
    await drop_database(database_server, mine)
    assert mine in left
    assert (dead in left) == (not database_server.is_private)


@pytest.mark.usefixtures("state_with_cluster")
def test_processes_that_want_the_template_at_once_get_the_same() -> None:
    command = [sys.executable, "-P", "-c", ENSURE]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    askers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert len({asker.communicate()[0] for asker in askers}) == 1
    assert all(asker.returncode == 0 for asker in askers)
