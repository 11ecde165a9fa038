"""What breaks, and is mended again: processes killed, sessions cut, the database away, frozen, crashed or refusing."""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress

import asyncpg

from bench.chaos.history import History
from bench.chaos.servers import Servers
from devtools.own_cluster import OwnCluster

_HALF_SENT = 300
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'noren' AND pid <> pg_backend_pid()"

Fault = Callable[[], Awaitable[None]]


class Faults:
    def __init__(self, cluster: OwnCluster, servers: Servers, history: History, chance: random.Random) -> None:
        self._cluster, self._servers, self._history, self._chance = cluster, servers, history, chance
        self._kinds: Mapping[str, Fault] = {
            "API process killed": self._kill_api,
            "worker killed": self._kill_worker,
            "sessions cut": self._cut,
            "database crashed": self._crash,
            "connections refused": self._refuse,
            "database frozen": self._freeze,
            "requests half sent": self._send_halves,
        }

    async def strike(self, stop: asyncio.Event) -> None:
        """One after another until `stop`; each kind comes before any comes again."""
        while not stop.is_set():
            for name in self._chance.sample(list(self._kinds), len(self._kinds)):
                if stop.is_set():
                    return
                self._history.faults.append(name)
                await self._kinds[name]()
                await asyncio.sleep(self._chance.uniform(0.5, 2.5))

    async def _kill_api(self) -> None:
        await self._servers.kill_api(self._chance.randrange(self._servers.api_count))

    async def _kill_worker(self) -> None:
        await self._servers.kill_worker()

    async def _cut(self) -> None:
        for _ in range(3):
            await self._on_database(_CUT)
            await asyncio.sleep(self._chance.uniform(0, 0.3))

    async def _crash(self) -> None:
        await asyncio.to_thread(self._cluster.crash)
        await asyncio.sleep(self._chance.uniform(0, 1))
        await asyncio.to_thread(self._cluster.start)

    async def _refuse(self) -> None:
        await self._on_database("ALTER DATABASE noren WITH ALLOW_CONNECTIONS false")
        await self._on_database(_CUT)
        await asyncio.sleep(self._chance.uniform(0.5, 2))
        await self._on_database("ALTER DATABASE noren WITH ALLOW_CONNECTIONS true")

    async def _freeze(self) -> None:
        with self._cluster.frozen():
            await asyncio.sleep(self._chance.uniform(0.5, 3))

    async def _send_halves(self) -> None:
        """As a slow line does, or somebody who means no good."""
        with ExitStack() as stack, suppress(OSError):  # it may be away just then
            for _ in range(_HALF_SENT):
                half = stack.enter_context(socket.create_connection(("127.0.0.1", self._servers.ports[0]), timeout=5))
                half.sendall(b"POST /v1/locations HTTP/1.1\r\nHost: noren\r\nContent-Le")
            await asyncio.sleep(self._chance.uniform(1, 3))

    async def _on_database(self, statement: str) -> None:
        connection = await asyncpg.connect(self._cluster.url("postgres"), timeout=30)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
