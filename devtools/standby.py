"""A standby of a test or bench: it follows a primary of its own by streaming, and can take its place."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from devtools.apt import SetupError
from devtools.own_cluster import OwnCluster, cluster_place

_NAME = "standby"


class Standby(OwnCluster):
    """A copy of the primary when it is made, and behind it by as little as it can from then on."""

    def __init__(self, directory: Path, primary: OwnCluster) -> None:
        self._prepare(directory)
        self._cluster.copy_from(primary.cluster, _NAME)
        self._cluster.ensure_running()

    def promote(self) -> None:
        """It takes writes from now on."""
        self._cluster.promote()


async def be_synchronous(primary: OwnCluster) -> None:
    """From now on a commit is acknowledged once the standby has it on its disk, too."""
    connection = await asyncpg.connect(primary.dsn)
    try:
        await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
        await connection.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(60):
            while await connection.fetchval("SELECT sync_state FROM pg_stat_replication") != "sync":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise SetupError("the standby does not become synchronous") from None
    finally:
        await connection.close()


async def halt_replication(primary: OwnCluster) -> None:
    """Nothing more is sent to the standby, as on a line that is too slow; the primary waits for nobody."""
    connection = await asyncpg.connect(primary.dsn)
    try:
        os.kill(await connection.fetchval("SELECT pid FROM pg_stat_replication"), signal.SIGSTOP)
    finally:
        await connection.close()


def url_of_both(primary: OwnCluster, standby: OwnCluster) -> str:
    """Whoever asks finds the one that takes writes."""
    sockets = quote(f"{primary.cluster.socket},{standby.cluster.socket}")
    return f"postgresql://noren@/noren?host={sockets}&target_session_attrs=read-write"


@contextmanager
def standby_of(primary: OwnCluster) -> Iterator[Standby]:
    with cluster_place("noren-standby-") as place:
        standby = Standby(place, primary)
        try:
            yield standby
        finally:
            standby.stop()
