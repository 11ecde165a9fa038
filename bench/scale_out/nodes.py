"""The nodes of a cluster on this machine: which hold shards, and how one is killed and started again."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.postmaster import find_postmaster
from devtools.apt import SetupError
from devtools.processes import children_of, signal_all

_LIST = """
    SELECT nodename, nodeport FROM pg_dist_node
    WHERE noderole = 'primary' AND isactive AND shouldhaveshards AND groupid <> 0 ORDER BY nodeport
"""
_IS_SPREAD = "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'members'::regclass)"
_IS_CLUSTER = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
_START_TIMEOUT_S = 600.0  # it replays its log first


@dataclass(frozen=True)
class Node:
    """`command` started it, as `owner` in `place`."""

    host: str
    port: int
    url: str
    pid: int
    command: tuple[str, ...]
    owner: int
    place: str

    def kill(self) -> None:
        """All of its processes at once, as in a loss of power."""
        signal_all([self.pid, *children_of(self.pid)], signal.SIGKILL)

    def start(self) -> None:
        subprocess.Popen(
            self.command,
            cwd=self.place,
            user=self.owner if os.geteuid() != self.owner else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def wait_until_up(self) -> None:
        """Raises SetupError."""
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                while not await _answers(self.url):  # noqa: ASYNC110 - it comes up by itself
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise SetupError(f"the node {self.host}:{self.port} does not come up again") from None


async def find_nodes(dsn: str) -> list[Node]:
    """Those that hold shards, without the coordinator. Raises SetupError where there are fewer than two."""
    connection = await asyncpg.connect(dsn)
    try:
        if not (await connection.fetchval(_IS_CLUSTER) and await connection.fetchval(_IS_SPREAD)):
            raise SetupError("--database is no cluster: it needs Citus, and ./run admin distribute (docs/scale-out.md)")
        rows = await connection.fetch(_LIST)
    finally:
        await connection.close()
    if len(rows) < 2:
        raise SetupError("the cluster has fewer than two nodes that hold shards: nothing could be moved between them")
    return [await _find_node(dsn, row["nodename"], row["nodeport"]) for row in rows]


async def _find_node(dsn: str, host: str, port: int) -> Node:
    parts = urlsplit(dsn)
    who = parts.netloc.rpartition("@")[0]
    url = urlunsplit(parts._replace(netloc=f"{who}@{host}:{port}" if who else f"{host}:{port}", query=""))
    connection = await asyncpg.connect(url)
    try:
        return _read_process(host, port, url, (await find_postmaster(connection)).pid)
    except (OSError, ValueError):
        raise SetupError("a node of the cluster runs elsewhere: this bench kills one, so all must be here") from None
    finally:
        await connection.close()


def _read_process(host: str, port: int, url: str, pid: int) -> Node:
    process = Path(f"/proc/{pid}")
    command = tuple(part.decode() for part in (process / "cmdline").read_bytes().split(b"\0") if part)
    return Node(host, port, url, pid, command, process.stat().st_uid, str((process / "cwd").readlink()))


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=2)
        await connection.close()
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    return True
