"""What breaks, and is mended again: processes killed, sessions cut, the database away, frozen, crashed or refusing, its
disk full, a clock set wrong.
"""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress

import asyncpg

from bench.chaos.disk import SmallDisk
from bench.chaos.history import History
from bench.chaos.servers import Servers
from devtools.apt import SetupError
from devtools.own_cluster import OwnCluster

_HALF_SENT, _RECOVERY_S = 300, 60.0
_PAUSE_S = (0.3, 1.5)
# Processes are what is killed most often in life too.
_TWICE = ("API process killed", "worker killed")
_STEPS_S = (-3600, -90, -5, 5, 90, 3600)
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'noren' AND pid <> pg_backend_pid()"

Fault = Callable[[], Awaitable[None]]


class Faults:
    def __init__(
        self,
        cluster: OwnCluster,
        disk: SmallDisk | None,
        servers: Servers,
        history: History,
        chance: random.Random,
    ) -> None:
        """`disk`: on which the cluster stands; None where it is one that cannot be filled."""
        self._cluster, self._disk, self._servers = cluster, disk, servers
        self._history, self._chance = history, chance
        of_disk: Mapping[str, Fault] = {} if disk is None else {"disk full": self._fill_disk}
        self._kinds: Mapping[str, Fault] = {
            **of_disk,
            "clock stepped": self._step_clock,
            "API process killed": self._kill_api,
            "worker killed": self._kill_worker,
            "sessions cut": self._cut,
            "database crashed": self._crash,
            "connections refused": self._refuse,
            "database frozen": self._freeze,
            "requests half sent": self._send_halves,
        }

        self._round = [*self._kinds, *_TWICE]

    async def strike(self, stop: asyncio.Event) -> None:
        """One after another until `stop`; each kind comes before a round of them begins again."""
        while not stop.is_set():
            for name in self._chance.sample(self._round, len(self._round)):
                if stop.is_set():
                    return
                self._history.note_fault(name)
                await self._kinds[name]()
                await asyncio.sleep(self._chance.uniform(*_PAUSE_S))

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

    async def _fill_disk(self) -> None:
        """PostgreSQL refuses what needs room (53100); where its log finds none, it goes down and cannot come up."""
        assert self._disk is not None
        await asyncio.to_thread(self._disk.fill)
        try:
            await asyncio.sleep(self._chance.uniform(0.5, 3))
        finally:
            self._disk.free()
        async with asyncio.timeout(_RECOVERY_S):
            while not await asyncio.to_thread(self._comes_up):  # noqa: ASYNC110 - it comes up by itself
                await asyncio.sleep(0.2)

    def _comes_up(self) -> bool:
        """Where it went down it is started; where it restarted by itself it may be replaying its log."""
        try:
            self._cluster.start()
        except SetupError:
            return False
        return True

    async def _step_clock(self) -> None:
        """Of one process, forward or back, by a little or by an hour."""
        number = self._chance.randrange(self._servers.clock_count)
        self._servers.step_clock(number, self._chance.choice(_STEPS_S))
        await asyncio.sleep(self._chance.uniform(0.5, 3))
        self._servers.step_clock(number, 0)

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
