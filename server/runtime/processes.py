"""Several processes that serve one address: Python computes on one CPU a process.

The parent only watches. Each child is a whole `python -m server` of its own that listens on a socket of its own on the
same port, so the kernel spreads new connections over them; the first one also runs the worker, where one is wanted.
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
import time
from collections.abc import Iterator, Sequence
from typing import Literal

from server.runtime.leaving import CLOSING_S
from server.settings import Settings

Part = Literal["api", "worker", "all"]

_PR_SET_PDEATHSIG = 1
_REAPING_S = 5.0
_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}


def serve_in_processes(settings: Settings, part: Part, sockets: Sequence[socket.socket]) -> int:
    """Serve until a signal asks us to end (exit code 0) or a child ends by itself (1). `sockets`: one a process."""
    patience_s = settings.unready_s + settings.drain_s + CLOSING_S + _REAPING_S
    parts: list[Part] = [part] + ["api"] * (settings.processes - 1)
    with _folder_for_sums() as sums:
        # Where each writes what it counts, so that /metrics sums it up.
        environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": sums}
        with _started(parts, sockets, environment, patience_s) as children:
            was_asked = _wait(children)
        codes = [child.returncode for child in children]
    # One that was still starting is ended by the signal itself.
    return 0 if was_asked and set(codes) <= {0, -signal.SIGTERM} else 1


def die_with(parent_pid: int) -> None:
    """Ask Linux for SIGTERM when the parent is gone; exits if it went before we could ask."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent_pid:
        raise SystemExit(1)


@contextlib.contextmanager
def _folder_for_sums() -> Iterator[str]:
    """It is gone when this process is, however it went: who removes it waits for the end of a pipe from us."""
    folder = tempfile.mkdtemp(prefix="noren-metrics-")
    wait_and_remove = 'trap "" INT TERM HUP; cat; rm -rf -- "$0"'
    quiet = subprocess.DEVNULL
    remover = subprocess.Popen(
        ["/bin/sh", "-c", wait_and_remove, folder], stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, process_group=0
    )
    with remover:  # closes the pipe and waits
        yield folder


@contextlib.contextmanager
def _started(
    parts: Sequence[Part], sockets: Sequence[socket.socket], environment: dict[str, str], patience_s: float
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    children: list[subprocess.Popen[bytes]] = []
    try:
        for part, listening in zip(parts, sockets, strict=True):
            number = listening.fileno()
            command = [sys.executable, "-P", "-m", "server", "--only", part, "--child-of", str(os.getpid())]
            child = subprocess.Popen([*command, "--listening", str(number)], env=environment, pass_fds=[number])
            children.append(child)
            listening.close()  # or it would still take connections when the child does not any more
        yield children
    finally:
        _end(children, patience_s)


def _wait(children: Sequence["subprocess.Popen[bytes]"]) -> bool:
    """Until a signal (True) or the end of a child (False)."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    while all(child.poll() is None for child in children):
        if signal.sigwait(_SIGNALS) != signal.SIGCHLD:
            return True
    return False


def _end(children: Sequence["subprocess.Popen[bytes]"], patience_s: float) -> None:
    """Ask them to end; a signal from now on, or the end of our patience, ends them at once."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + patience_s
    while any(child.poll() is None for child in children):
        met = signal.sigtimedwait(_SIGNALS, max(0.0, deadline - time.monotonic()))
        if met is None or met.si_signo != signal.SIGCHLD:
            break
    for child in children:
        child.kill()
        child.wait()
