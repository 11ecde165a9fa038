"""A PostgreSQL of one test or bench, to stop, crash and start again."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

import migrations
from devtools import postgres_install
from devtools.cluster import Cluster
from devtools.private_database import database_owner
from devtools.processes import children_of, signal_all

_WAL_WRITER = "FROM pg_stat_activity WHERE backend_type = 'walwriter'"


class OwnCluster:
    """`dsn` is a migrated database on it."""

    def __init__(self, directory: Path) -> None:
        self._prepare(directory)
        self._cluster.ensure_running()
        migrations.upgrade(self.dsn)

    def _prepare(self, directory: Path) -> None:
        self._directory = directory
        self._cluster = Cluster(postgres_install.find_or_install(), directory, database_owner(), is_swept=False)
        self.dsn = self.url("noren")

    @property
    def cluster(self) -> Cluster:
        return self._cluster

    def url(self, database: str) -> str:
        return self._cluster.url(database)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def crash(self) -> None:
        """Every process of it dies at once and nothing is written any more, as in a loss of power."""
        self._signal(signal.SIGKILL)
        while self._processes():
            time.sleep(0.01)

    async def halt_wal_writer(self) -> None:
        """From now on only commits that wait for the disk reach it: a crash loses whatever was acknowledged before.

        It is halted while it waits for work: one that holds a lock of the log would hold up every commit for ever.
        """
        connection = await asyncpg.connect(self.dsn)
        pid = await connection.fetchval(f"SELECT pid {_WAL_WRITER}")
        while not await _is_halted_at_rest(pid, connection):
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.01)
        connection.terminate()

    def start(self) -> None:
        self._cluster.ensure_running()

    def stop(self) -> None:
        self._cluster.stop()

    def freeze(self) -> None:
        """It holds its connections and answers nothing, as behind a disk that hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def demote(self) -> None:
        """Start it as a standby, which waits for a primary's log that never comes, and answers what is read."""
        (self._directory / "data/standby.signal").touch()
        self.start()

    def promote(self) -> None:
        """Make it the primary again, over a restart."""
        self.stop()
        (self._directory / "data/standby.signal").unlink()
        self.start()

    def _signal(self, number: signal.Signals) -> None:
        signal_all(self._processes(), number)

    def _processes(self) -> list[int]:
        """The postmaster and its children."""
        try:
            postmaster = int((self._directory / "data/postmaster.pid").read_text().split("\n", 1)[0])
            return [postmaster, *children_of(postmaster)]
        except OSError:
            return []


async def _is_halted_at_rest(pid: int, connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    os.kill(pid, signal.SIGSTOP)
    while _state(pid) != "T":  # a call that the disk holds up is finished first
        time.sleep(0.001)  # noqa: ASYNC251 - nothing may come between
    try:
        return await connection.fetchval(f"SELECT wait_event = 'WalWriterMain' {_WAL_WRITER}", timeout=1) is True
    except TimeoutError:  # the question itself waits for the lock
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@contextmanager
def own_cluster(within: Path | None = None) -> Iterator[OwnCluster]:
    with cluster_place("noren-own-", within) as place:
        cluster = OwnCluster(place)
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def cluster_place(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """Where a cluster may be made; it is gone at the end."""
    # PostgreSQL's own user must be able to enter it, and a socket's path is short.
    made = (
        tempfile.mkdtemp(prefix=prefix, dir="/var/tmp")
        if within is None
        else tempfile.mkdtemp(prefix=prefix, dir=within)
    )
    place = Path(made)
    place.chmod(0o711)
    try:
        yield place / "pg"
    finally:
        shutil.rmtree(place)
