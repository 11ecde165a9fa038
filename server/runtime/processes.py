"""Several processes that serve one address: Python computes on one CPU a process.

The parent only watches. Each child is a whole `python -m server` of its own that listens on the same port with
SO_REUSEPORT, so the kernel spreads new connections over them; the first one also runs the worker, where one is wanted.
A child ends when its parent is gone, however it went. When one child ends, all end: who started us starts us again.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Literal

from server.settings import Settings

Part = Literal["api", "worker", "all"]

_PR_SET_PDEATHSIG = 1
_STOP_TIMEOUT_S = 30.0


def open_socket(host: str, port: int) -> socket.socket:
    """Bound, not listening, to a port that other processes of ours may share. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    shared = socket.socket(family, kind, protocol)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind(address)
    return shared


def serve_in_processes(settings: Settings, part: Part) -> int:
    """Serve until a signal asks us to end (exit code 0) or a child ends by itself (1). Raises OSError."""
    # Bound but not listening it takes no connection; it keeps the port, also one that the kernel chose.
    with (
        open_socket(settings.host, settings.port) as kept,
        tempfile.TemporaryDirectory(prefix="noren-metrics-") as sums,
    ):
        environment = os.environ | {
            "NOREN_PORT": str(kept.getsockname()[1]),
            "PROMETHEUS_MULTIPROC_DIR": sums,  # where each writes what it counts, so that /metrics sums it up
        }
        parts: list[Part] = [part] + ["api"] * (settings.processes - 1)
        with _started(parts, environment) as children:
            was_asked = _wait(children)
        codes = [child.returncode for child in children]
    return 0 if was_asked and not any(codes) else 1


def die_with(parent_pid: int) -> None:
    """Ask Linux for SIGTERM when the parent is gone; exits if it went before we could ask."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:
        raise SystemExit(1)


@contextlib.contextmanager
def _started(parts: Sequence[Part], environment: dict[str, str]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    children: list[subprocess.Popen[bytes]] = []
    try:
        for part in parts:
            command = [sys.executable, "-P", "-m", "server", "--only", part, "--child-of", str(os.getpid())]
            children.append(subprocess.Popen(command, env=environment))
        yield children
    finally:
        _end(children)


def _wait(children: Sequence["subprocess.Popen[bytes]"]) -> bool:
    """Until a signal (True) or the end of a child (False)."""
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    while all(child.poll() is None for child in children):
        if signal.sigwait(signals) != signal.SIGCHLD:
            return True
    return False


def _end(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
