"""The processes that are killed and started again: two of the API, each on a port of its own, and a worker."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import httpx

from bench.chaos.stepped_server import set_step
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.plain_http import TRUSTS_NOBODY
from devtools.ports import free_port

_API_PROCESSES = 2
_START_TIMEOUT_S = 120.0


class Servers:
    def __init__(self, dsn: str, log: IO[bytes], clocks: Path) -> None:
        """`clocks`: a folder for the files by which their clocks are stepped."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("NOREN_")}
        self._environment = clean | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": dsn,
            "NOREN_SECRET_KEY": base64.b64encode(bytes(range(32))).decode(),
            "NOREN_LOG_LEVEL": "warning",
        }
        self._log = log
        self._clocks = [clocks / f"clock-{number}" for number in range(_API_PROCESSES + 1)]
        for clock in self._clocks:
            set_step(clock, 0)
        self.ports = [free_port() for _ in range(_API_PROCESSES)]
        self._apis = [self._start_api(number) for number in range(_API_PROCESSES)]
        self._worker = self._start_worker()

    @property
    def api_count(self) -> int:
        return len(self._apis)

    @property
    def doors(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def pids(self) -> dict[str, int]:
        """Of those that run now, or did until a moment ago."""
        apis = {f"API {number + 1}": process.pid for number, process in enumerate(self._apis)}
        return {**apis, "worker": self._worker.pid}

    async def kill_api(self, number: int) -> None:
        killed = self._apis[number]
        killed.kill()
        await asyncio.to_thread(killed.wait)
        if self._apis[number] is killed:  # else `revive` was quicker, and two would run, of whom we knew one
            self._apis[number] = self._start_api(number)

    async def kill_worker(self) -> None:
        killed = self._worker
        killed.kill()
        await asyncio.to_thread(killed.wait)
        if self._worker is killed:
            self._worker = self._start_worker()

    @property
    def clock_count(self) -> int:
        return len(self._clocks)

    def step_clock(self, number: int, off_s: int) -> None:
        """Of one process, against those of the others and of the database; 0 sets it right."""
        set_step(self._clocks[number], off_s)

    def revive(self) -> None:
        """What ended by itself starts again, as a supervisor would have it."""
        for number, process in enumerate(self._apis):
            if process.poll() is not None:
                self._apis[number] = self._start_api(number)
        if self._worker.poll() is not None:
            self._worker = self._start_worker()

    async def wait_until_ready(self) -> None:
        """Raises SetupError."""
        async with (
            httpx.AsyncClient(timeout=5, verify=TRUSTS_NOBODY, trust_env=False) as http,
            asyncio.timeout(_START_TIMEOUT_S),
        ):
            for door in self.doors:
                while not await _is_ready(http, door):
                    self.revive()
                    await asyncio.sleep(0.1)

    def end(self) -> None:
        processes = [*self._apis, self._worker]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_api(self, number: int) -> "subprocess.Popen[bytes]":
        return self._start("api", self._clocks[number], NOREN_PORT=str(self.ports[number]))

    def _start_worker(self) -> "subprocess.Popen[bytes]":
        return self._start("worker", self._clocks[-1])

    def _start(self, part: str, clock: Path, **settings: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-m", "bench.chaos.stepped_server", str(clock), "--only", part]
        environment = self._environment | settings
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )


@asynccontextmanager
async def served(dsn: str, log: Path) -> AsyncIterator[Servers]:
    """Ready inside the block; gone after it. Raises SetupError."""
    with log.open("ab") as file:
        servers = Servers(dsn, file, log.parent)
        try:
            try:
                await servers.wait_until_ready()
            except TimeoutError:
                raise SetupError("the server does not become ready") from None
            yield servers
        finally:
            servers.end()


async def _is_ready(http: httpx.AsyncClient, door: str) -> bool:
    try:
        return (await http.get(f"{door}/health/ready")).status_code == 200
    except httpx.TransportError:
        return False
