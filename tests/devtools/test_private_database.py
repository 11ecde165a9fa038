"""A real private cluster in a directory of its own: started, shared, killed, found again."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import asyncpg
import pytest

from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer, create_database, drop_database
from devtools.private_database import private_database
from tests.support.postgres_processes import postmaster_pid, wait_until_gone
from tests.support.waiting import PATIENCE_S, eventually

# Says that it is up, then holds the cluster until it is told to end. A signal that comes just before a call that waits
# without end would never be heard.
HOLDER = """
import select, sys
from devtools.private_database import private_database
with private_database("trial") as server:
    print(server.url(), flush=True)
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        pass
"""


def start_holder() -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLDER],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().startswith("postgresql://")
    return holder


def fetch(server: DatabaseServer, query: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(server.url())
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(ask())


def remember(server: DatabaseServer, value: int) -> None:
    fetch(server, f"create table remembered as select {value} as value")


def test_it_starts_without_a_port_and_stops_at_the_end(state: Path) -> None:
    with private_database("trial") as server:
        assert server.is_private
        assert fetch(server, "show listen_addresses") == ""
        assert fetch(server, "show fsync") == fetch(server, "show synchronous_commit") == "on"
        assert fetch(server, "show timezone") == "UTC"
        assert fetch(server, "select count(*) from pg_available_extensions where name = 'postgis'") == 1
        assert all(path.stat().st_mode & 0o077 == 0 for path in state.glob("trial-*"))
        assert postmaster_pid(state)
    assert postmaster_pid(state) is None


def test_databases_are_made_copied_and_dropped(state_with_cluster: Path) -> None:
    with private_database("trial") as server:
        asyncio.run(create_database(server, 'first "one"'))
        dsn = asyncio.run(create_database(server, "second", template='first "one"'))
        assert fetch(DatabaseServer(dsn, is_private=True), "select current_database()") == "second"
        asyncio.run(drop_database(server, "second"))
        asyncio.run(drop_database(server, "second"))
        assert fetch(server, "select count(*) from pg_database where datname = 'second'") == 0


def test_two_commands_share_it_and_the_last_one_stops_it(state_with_cluster: Path) -> None:
    holder = start_holder()
    with private_database("trial"):
        first = postmaster_pid(state_with_cluster)
    assert postmaster_pid(state_with_cluster) == first
    holder.communicate("")
    assert holder.returncode == 0
    assert postmaster_pid(state_with_cluster) is None


def test_sigterm_stops_what_was_started(state_with_cluster: Path) -> None:
    holder = start_holder()
    holder.terminate()
    assert holder.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert postmaster_pid(state_with_cluster) is None


def test_a_postmaster_that_a_killed_command_left_is_adopted_and_stopped(state_with_cluster: Path) -> None:
    holder = start_holder()
    left = postmaster_pid(state_with_cluster)
    holder.kill()
    holder.communicate()
    with private_database("trial"):
        assert postmaster_pid(state_with_cluster) == left
    assert postmaster_pid(state_with_cluster) is None


def test_a_killed_postgres_recovers_with_what_was_committed(state_with_cluster: Path) -> None:
    holder = start_holder()
    with private_database("trial") as server:
        remember(server, 7)
        killed = postmaster_pid(state_with_cluster)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_until_gone(killed)
        holder.kill()
        holder.communicate()
    with private_database("trial") as server:
        assert fetch(server, "select value from remembered") == 7


def test_a_cluster_for_tests_waits_for_no_disk_and_is_made_again_after_a_crash(state: Path) -> None:
    with private_database("test") as server:
        assert fetch(server, "show fsync") == "off"
        remember(server, 11)
        killed = postmaster_pid(state)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_until_gone(killed)
    with private_database("test") as server:
        assert fetch(server, "select to_regclass('remembered')") is None


def test_a_backend_that_outlives_its_postmaster_is_waited_for(state_with_cluster: Path) -> None:
    holder = start_holder()
    with private_database("trial") as server:
        remember(server, 10)
        backend = stopped_backend(server)
        killed = postmaster_pid(state_with_cluster)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_until_gone(killed)
        holder.kill()
        holder.communicate()
    log = next(state_with_cluster.glob("trial-*/")) / "log"
    successor = threading.Thread(target=kill_when_told, args=(backend, log, "is still in use"))
    successor.start()
    with private_database("trial") as server:
        assert fetch(server, "select value from remembered") == 10
    successor.join()


def stopped_backend(server: DatabaseServer) -> int:
    """The pid of a session that no longer notices that its client goes, or its postmaster."""

    async def stop() -> int:
        connection = await asyncpg.connect(server.url())
        pid: int = await connection.fetchval("select pg_backend_pid()")
        os.kill(pid, signal.SIGSTOP)
        connection.terminate()
        return pid

    return asyncio.run(stop())


def kill_when_told(pid: int, log: Path, words: str) -> None:
    """End the process as soon as these words are in the log."""
    try:
        eventually(lambda: log.exists() and words in log.read_text(errors="replace"))
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_pid_that_another_program_has_now_is_not_taken_for_a_postmaster(state_with_cluster: Path) -> None:
    with private_database("trial") as server:
        remember(server, 8)
        pid_file = next(state_with_cluster.glob("trial-*/data/postmaster.pid"))
        old = pid_file.read_text()
    owner = pid_file.parent.stat()
    sleeper = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    try:
        pid_file.write_text(old.replace(old.split("\n", 1)[0], str(sleeper.pid), 1))
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with private_database("trial") as server:
            assert fetch(server, "select value from remembered") == 8
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_cluster_that_was_cut_off_in_the_making_is_made_again(state_with_cluster: Path) -> None:
    with private_database("trial"):
        pass
    cluster = next(state_with_cluster.glob("trial-*/"))
    (cluster / "data").rename(cluster / "data.new")
    (cluster / "data.new" / "PG_VERSION").unlink()
    with private_database("trial") as server:
        assert fetch(server, "select 1") == 1


def test_a_cluster_that_will_not_start_is_set_aside_and_made_again(state_with_cluster: Path) -> None:
    with private_database("trial") as server:
        remember(server, 9)
    control = next(state_with_cluster.glob("trial-*/data/global/pg_control"))
    control.unlink()
    with private_database("trial") as server:
        assert fetch(server, "select to_regclass('remembered')") is None
    assert next(state_with_cluster.glob("trial-*/data.old")).is_dir()


def test_the_url_of_the_environment_wins_and_nothing_is_started(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@db.example:5433/shop?sslmode=require")
    with private_database("trial") as server:
        assert not server.is_private
        assert server.url() == "postgresql://somebody:secret@db.example:5433/shop?sslmode=require"
        assert server.url("other") == "postgresql://somebody:secret@db.example:5433/other?sslmode=require"
    assert list(state.iterdir()) == []


def test_a_place_too_long_for_a_socket_is_refused_in_one_line(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOREN_STATE_DIR", str(state / ("long" * 20)))
    with pytest.raises(SetupError, match="too long"), private_database("trial"):
        pass


def test_somebody_elses_directory_is_refused(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = state / "mine"
    mine.mkdir()
    (state / "link").symlink_to(mine)
    monkeypatch.setenv("NOREN_STATE_DIR", str(state / "link"))
    with pytest.raises(SetupError, match="somebody else"), private_database("trial"):
        pass
