"""`python -m MODULE` in a process of its own that begins with everything imported, which is most of what a start costs.

It is forked from one that has imported the modules, and then runs what the command runs. How the commands themselves
start is seen in tests/server/runtime/test_processes.py and tests/devtools/test_demo.py.
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from devtools.bootstrap import ROOT
from server.runtime.processes import die_with
from tests.support.forked_commands import fork_commands
from tests.support.waiting import PATIENCE_S

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["server.app", "server.worker", "bench.geo", "bench.locate", "bench.scan"])


@dataclass(frozen=True)
class Forked:
    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.exitcode is None

    def wait(self, timeout_s: float | None = PATIENCE_S) -> int:
        """The exit code, once it has ended; minus the signal's number if that ended it."""
        self.process.join(timeout_s)
        assert self.process.exitcode is not None, "it did not end"
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        if self.is_running():
            os.kill(self.pid, number)


def fork(module: str, arguments: Sequence[str], environ: Mapping[str, str], stdout: Path, stderr: Path) -> Forked:
    """Start it without waiting. What it writes is added to the files."""
    own = dict(environ) | {"PYTHONPATH": str(ROOT)}
    process = _FORKS.Process(target=_run, args=(module, list(arguments), own, stdout, stderr), daemon=True)
    process.start()
    return Forked(process)


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


def run_command(folder: Path, module: str, *arguments: str, **environ: str) -> Done:
    """Run it to its end, however long that takes. `folder`: for the files with its output."""
    stdout, stderr = folder / "stdout", folder / "stderr"
    for path in (stdout, stderr):
        path.unlink(missing_ok=True)
    code = fork(module, arguments, os.environ | environ, stdout, stderr).wait(timeout_s=None)
    return Done(code, stdout.read_text(), stderr.read_text())


def _run(module: str, arguments: list[str], environ: dict[str, str], stdout: Path, stderr: Path) -> None:
    die_with(os.getppid())  # a test run that is killed leaves nothing behind
    for path, number in ((stdout, 1), (stderr, 2)):
        with path.open("a") as output:
            os.dup2(output.fileno(), number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.argv = [module, *arguments]
    if module == "bench":
        fork_commands()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
