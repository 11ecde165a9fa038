"""A PostgreSQL of one test or bench, to stop, crash and start again."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import migrations
from devtools import postgres_install
from devtools.cluster import Cluster
from devtools.private_database import database_owner


class OwnCluster:
    """`dsn` is a migrated database on it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._cluster = Cluster(postgres_install.find_or_install(), directory, database_owner(), is_swept=False)
        self.dsn = self.url("noren")
        self._cluster.ensure_running()
        migrations.upgrade(self.dsn)

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

    def halt_wal_writer(self) -> None:
        """From now on only commits that wait for the disk reach it: a crash loses whatever was acknowledged before."""
        for pid in self._processes():
            if b"walwriter" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGSTOP)

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
        for pid in self._processes():
            with suppress(ProcessLookupError):  # some of them come and go
                os.kill(pid, number)

    def _processes(self) -> list[int]:
        """The postmaster and its children."""
        try:
            postmaster = int((self._directory / "data/postmaster.pid").read_text().split("\n", 1)[0])
            children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        except OSError:
            return []
        return [postmaster, *map(int, children)]


@contextmanager
def own_cluster() -> Iterator[OwnCluster]:
    # PostgreSQL's own user must be able to enter it, and a socket's path is short.
    place = Path(tempfile.mkdtemp(prefix="noren-own-", dir="/var/tmp"))
    place.chmod(0o711)
    cluster = OwnCluster(place / "pg")
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(place)
