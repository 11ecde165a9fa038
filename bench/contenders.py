"""The servers that are measured beside each other, each a process of its own, all with the same database."""

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.apt import SetupError
from devtools.bootstrap import ROOT

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Contender:
    """`asks` says what a post to it means, for the table."""

    name: str
    asks: str
    module: str

    def command(self, port: int) -> list[str]:
        if self.module == "server":
            return ["-m", "server", "--only", "api"]
        return ["-m", self.module, str(port)]


LOCATE = Contender("locate", "Noren: authenticated, matched, durable", "server")
DECODE_ONLY = Contender("decode_only", "Litestar handler that only decodes the body", "bench.decode_only")
NAIVE = Contender("naive", "a PostGIS query and a transaction a fix", "bench.naive")
CEILING = Contender("ceiling", "sockets that answer anything: the load's own limit", "bench.responder")
CONTENDERS = (LOCATE, DECODE_ONLY, NAIVE, CEILING)


@dataclass(frozen=True)
class Served:
    port: int
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu_s(self) -> float:
        """The processor time that the server took until now."""
        # The name, in brackets, may hold spaces; the 14th and the 15th field are user and system time.
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(contenders: Sequence[Contender], dsn: str) -> Iterator[dict[Contender, Served]]:
    """Start them all; they are stopped at the end. Raises SetupError."""
    with ExitStack() as stack:
        yield {contender: stack.enter_context(_serving(contender, dsn)) for contender in contenders}


@contextmanager
def _serving(contender: Contender, dsn: str) -> Iterator[Served]:
    port = _find_free_port()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": dsn,
        "NOREN_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "NOREN_HOST": "127.0.0.1",
        "NOREN_PORT": str(port),
    }
    # What a server says goes to stderr: stdout is for the figures. Ctrl-C is for us, who then stop it.
    process = subprocess.Popen(
        [sys.executable, "-P", *contender.command(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        start_new_session=True,
    )
    try:
        _wait_until_listening(process, contender, port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(process: subprocess.Popen[bytes], contender: Contender, port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SetupError(f"the server '{contender.name}' does not start")
