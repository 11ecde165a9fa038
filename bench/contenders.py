"""The servers that are measured beside each other, each a process of its own, all with the same database."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.shared_port import bind_shared
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.processes import children_of

# The same each time: a database that stays knows its key.
_SECRET_KEY = base64.b64encode(bytes(range(32))).decode()
_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 40.0
_LISTENING = "0A"  # in /proc/net/tcp


@dataclass(frozen=True)
class Contender:
    """`asks` says what a post to it means, for the table."""

    name: str
    asks: str
    module: str

    @property
    def is_noren(self) -> bool:
        """Which starts its processes itself."""
        return self.module == "server"

    def command(self, port: int) -> list[str]:
        if self.is_noren:
            return ["-m", "server", "--only", "api"]
        return ["-m", self.module, str(port)]


LOCATE = Contender("locate", "Noren: authenticated, matched, durable", "server")
DECODE_ONLY = Contender("decode_only", "Litestar handler that only decodes the body", "bench.decode_only")
NAIVE = Contender("naive", "a PostGIS query and a transaction a fix", "bench.naive")
CEILING = Contender("ceiling", "sockets that answer anything: the load's own limit", "bench.responder")
SCAN = Contender("scan", "Noren: the till authenticated, two signatures judged, durable", "server")
CONTENDERS = (LOCATE, DECODE_ONLY, NAIVE, CEILING)


@dataclass(frozen=True)
class Served:
    """One port and the processes behind it, those that they started too."""

    port: int
    pids: Sequence[int]

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def resident_mb(self) -> float:
        """Of all processes together."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu_s(self) -> float:
        """The processor time that they took until now."""
        ticks = 0
        for pid in self.pids:
            # The name, in brackets, may hold spaces; the 14th and the 15th field are user and system time.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(contenders: Sequence[Contender], dsn: str, processes: int) -> Iterator[dict[Contender, Served]]:
    """Start them all, each in so many processes; they are stopped at the end. Raises SetupError."""
    with ExitStack() as stack:
        yield {contender: stack.enter_context(_serving(contender, dsn, processes)) for contender in contenders}


@contextmanager
def serving_with(contender: Contender, dsn: str, settings_of: Callable[[int], Mapping[str, str]]) -> Iterator[Served]:
    """In one process, with settings that follow from the port. Raises SetupError."""
    with _serving(contender, dsn, 1, settings_of) as served:
        yield served


@contextmanager
def _serving(
    contender: Contender, dsn: str, processes: int, settings_of: Callable[[int], Mapping[str, str]] = lambda _: {}
) -> Iterator[Served]:
    kept = bind_shared("127.0.0.1", 0)
    port: int = kept.getsockname()[1]
    if contender.is_noren:
        kept.close()  # it shares its port with nobody
    environment = {
        **_environment(dsn),
        **settings_of(port),
        "NOREN_HOST": "127.0.0.1",
        "NOREN_PORT": str(port),
        "NOREN_PROCESSES": str(processes),
    }
    # Kept, the port is nobody else's: those that share one would not notice a stranger's.
    with ExitStack() as stack, kept:
        started = [
            stack.enter_context(_started(contender.command(port), environment))
            for _ in range(1 if contender.is_noren else processes)
        ]
        _wait_until_listening(started, contender, port, processes)
        yield Served(port, [pid for process in started for pid in (process.pid, *children_of(process.pid))])


@contextmanager
def working(dsn: str, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A worker, which serves no port. `settings`: more of its environment."""
    with _started(["-m", "server", "--only", "worker"], _environment(dsn) | dict(settings or {})) as process:
        yield Served(0, [process.pid])


def _environment(dsn: str) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": dsn,
        "NOREN_SECRET_KEY": _SECRET_KEY,
        "NOREN_LOG_LEVEL": "warning",  # nobody else here writes a line a request
    }


@contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    # What a server says goes to stderr: stdout is for the figures. Ctrl-C is for us, who then stop it.
    process = subprocess.Popen(
        [sys.executable, "-P", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(
    started: Sequence["subprocess.Popen[bytes]"], contender: Contender, port: int, processes: int
) -> None:
    """Until every process does: a connection made before would go to those that already do."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and all(process.poll() is None for process in started):
        if _count_listeners(port) == processes:
            return _wait_for_answers(port, processes)
        time.sleep(0.05)
    raise SetupError(f"the server '{contender.name}' does not start")


def _wait_for_answers(port: int, processes: int) -> None:
    """Noren listens before it answers: what comes meanwhile waits. So many connections reach each of its processes."""
    for _ in range(8 * processes):
        with socket.create_connection(("127.0.0.1", port), _START_TIMEOUT_S) as asked:
            asked.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            asked.recv(1)


def _count_listeners(port: int) -> int:
    rows = (row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    return sum(1 for row in rows if row[1].endswith(f":{port:04X}") and row[3] == _LISTENING)
