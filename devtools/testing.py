"""All tests against a real PostGIS, the checks beside them; or only the tests that are named.

`./run test` is what CI runs. `./run test PATH` and `./run test PATH::NAME` are for whoever works on something: no
checks, and for single files no other processes, so that the first test starts within three seconds. `--busy` makes the
machine slow: no test may depend on its speed. `--browser`, which CI says, fails where there is no Chromium; elsewhere
the tests of the pages are then skipped.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

from devtools import check, chromium, pgbouncer
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.private_database import private_database

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
            return _test(paths, pytest_arguments)
        # Beside the tests, because those wait now and then; reported after them, each in one piece. Begun first: types
        # need neither the browser nor the database that a fresh machine installs meanwhile.
        with ThreadPoolExecutor(1) as pool:
            checking = pool.submit(lambda: list(check.run_all(check.UNTESTED, at_once=1)))
            if chromium.ensure() is None and _BROWSER in arguments:
                raise SetupError("without Chromium not all tests can run")
            pgbouncer.ensure()
            tested = _test(paths, pytest_arguments)
            outcomes = checking.result()
        print("checks, run beside the tests:")
        checked = check.report(outcomes)
    return tested or checked


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


def _test(paths: Sequence[str], arguments: Sequence[str]) -> int:
    # Held open over all of it, so that all test workers share one running server.
    with private_database("test"):
        return _run_pytest(worker_count(paths), arguments)


def _run_pytest(workers: int, arguments: Sequence[str]) -> int:
    # Each worker has neighbouring tests, which share what a module sets up, and takes of another's when it has none.
    shared = ["-n", str(workers), "--dist", "worksteal"] if workers else ["-n", "0"]
    command = [sys.executable, "-P", "-m", "pytest", *shared, *arguments]
    return subprocess.run(command, cwd=ROOT).returncode


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
