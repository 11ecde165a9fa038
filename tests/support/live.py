"""Real server processes: started on a database, spoken to over real sockets, stopped or killed."""

import base64
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from devtools.plain_http import TRUSTS_NOBODY
from devtools.ports import free_port
from tests.support.forks import Forked, fork
from tests.support.waiting import until


@dataclass
class Live:
    """A process of the server."""

    process: Forked
    url: str
    log: Path

    def kill(self) -> None:
        """As the kernel does it: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    @asynccontextmanager
    async def client(self, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A client with connections of its own."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=30, verify=TRUSTS_NOBODY, trust_env=False
        ) as client:
            yield client


def start(dsn: str, secret: bytes, log: Path, *, only: str = "api", port: int | None = None, **settings: str) -> Live:
    """Start it without waiting. `settings` are environment variables besides the three that every server needs."""
    port = port or free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NOREN_")}
    environ |= {
        "DATABASE_URL": dsn,
        "NOREN_SECRET_KEY": base64.b64encode(secret).decode(),
        "NOREN_PORT": str(port),
    }
    process = fork("server", ["--only", only], environ | settings, log, log)
    return Live(process, f"http://127.0.0.1:{port}", log)


async def wait_until_ready(live: Live) -> None:
    async with live.client() as client:

        async def is_ready() -> bool:
            assert live.process.is_running(), f"the server has ended: {live.log.read_text()[-2000:]}"
            try:
                return (await client.get("/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await until(is_ready)


@contextmanager
def ended(*lives: Live) -> Iterator[None]:
    """Whatever happens inside, none of these processes outlives it."""
    try:
        yield
    finally:
        for live in lives:
            if live.process.is_running():
                live.kill()
