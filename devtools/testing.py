"""All tests against a real PostGIS, the checks beside them; or only the tests that are named.

`./run test` is what CI runs. `./run test PATH` and `./run test PATH::NAME` are for whoever works on something: no
checks, and for single files no other processes, so that the first test starts within three seconds. `--busy` makes the
machine slow: no test may depend on its speed. `--browser`, which CI says, fails where there is no Chromium; elsewhere
the tests of the pages are then skipped.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

from devtools import check, machine
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.private_database import private_database

# The file that pytest waits for before its first test: locked until the database is there.
GATE = "NOREN_TEST_GATE"
_BUSY, _BROWSER = "--busy", "--browser"
_BUSY_LOOPS = 4
# It ends with whoever started it, however that ended.
_BUSY_LOOP = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, whatever fails first, and return the exit code of the first that failed.

    pytest's own 5 (no test was collected) is a failure like any other. Raises SetupError.
    """
    pytest_arguments = [argument for argument in arguments if argument not in (_BUSY, _BROWSER)]
    paths = [argument for argument in pytest_arguments if is_path(argument)]
    with _busy_machine() if _BUSY in arguments else nullcontext():
        if paths:
            return _test(paths, pytest_arguments, lambda: None)
        # Beside the tests, because those wait now and then; reported after them, each in one piece. Begun first: types
        # need neither the browser nor the database that a fresh machine installs meanwhile.
        with ThreadPoolExecutor(1) as pool:
            checking = pool.submit(lambda: list(check.run_all(check.UNTESTED, at_once=1)))
            tested = _test(paths, pytest_arguments, lambda: _equip(wants_browser=_BROWSER in arguments))
            outcomes = checking.result()
        print("checks, run beside the tests:")
        checked = check.report(outcomes)
    return tested or checked


def _equip(*, wants_browser: bool) -> None:
    with _compiling():
        if machine.make_ready() is None and wants_browser:
            raise SetupError("without Chromium not all tests can run")


@contextmanager
def _compiling() -> Iterator[None]:
    """What numba has not kept, each worker and each server would else compile for itself: thirteen seconds."""
    command = [sys.executable, "-P", "-c", "from geo.warming import warm_up; warm_up()"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}):
        yield


def is_path(argument: str) -> bool:
    """Whether it names tests: a path from the root of the repository, perhaps with ::NAME."""
    path = (ROOT / argument.partition("::")[0]).resolve()
    return path.is_relative_to(ROOT / "tests") and path.exists()


def worker_count(paths: Sequence[str]) -> int:
    """How many processes share the tests; 0 is none besides pytest itself, which starts soonest."""
    if paths and all((ROOT / path.partition("::")[0]).is_file() for path in paths):
        return 0
    # One more than there are cores: many tests wait for processes and leases. PostgreSQL's connections are limited.
    return max(3, min((os.cpu_count() or 1) + 1, 8))


def _test(paths: Sequence[str], arguments: Sequence[str], equip: Callable[[], None]) -> int:
    """Tests are collected while the machine gets what they need; the first one begins when all is there."""
    with _closed_gate() as gate, _begun(worker_count(paths), arguments, gate.name) as collecting:
        equip()
        # Held open over all of it, so that all test workers share one running server.
        with private_database("test"):
            fcntl.flock(gate, fcntl.LOCK_UN)
            return collecting.wait()


@contextmanager
def _closed_gate() -> Iterator["tempfile._TemporaryFileWrapper[bytes]"]:
    with tempfile.NamedTemporaryFile(prefix="noren-test-") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield gate


def pass_gate(gate: str) -> None:
    """Wait until whoever has closed it opens it, or has ended."""
    try:
        waiting = os.open(gate, os.O_RDONLY)
    except FileNotFoundError:
        return
    fcntl.flock(waiting, fcntl.LOCK_SH)
    os.close(waiting)


@contextmanager
def _begun(workers: int, arguments: Sequence[str], gate: str) -> Iterator["subprocess.Popen[bytes]"]:
    # Each worker has neighbouring tests, which share what a module sets up, and takes of another's when it has none.
    shared = ["-n", str(workers), "--dist", "worksteal"] if workers else ["-n", "0"]
    command = [sys.executable, "-P", "-m", "pytest", *shared, *arguments]
    tests = subprocess.Popen(command, cwd=ROOT, env=os.environ | {GATE: gate})
    try:
        yield tests
    finally:
        tests.terminate()
        tests.wait()


@contextmanager
def _busy_machine() -> Iterator[None]:
    command = [sys.executable, "-S", "-c", _BUSY_LOOP, str(os.getpid())]
    loops = [subprocess.Popen(command) for _ in range(_BUSY_LOOPS)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
