"""All that is checked without running the program: format, lint, types, architecture, schema, API document."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devtools.bootstrap import ROOT
from devtools.private_database import private_database


@dataclass(frozen=True)
class Check:
    """One command, run in the root of the repository by the Python that runs us. `is_tested`: a test does the same."""

    name: str
    python_arguments: tuple[str, ...]
    is_tested: bool = False


@dataclass(frozen=True)
class Outcome:
    check: Check
    passed: bool
    seconds: float
    output: str

    def report(self) -> str:
        """One line; what the command said only where it failed."""
        line = f"{'ok  ' if self.passed else 'FAIL'}  {self.check.name:<14}{self.seconds:5.1f} s"
        return line if self.passed else f"{line}\n{self.output.rstrip()}"


# import-linter has a script, but no module to run.
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command as command; command()"

# The longest first: two cores are then busy to the end.
CHECKS = (
    Check("types", ("-m", "mypy")),
    Check("migrations", ("-m", "devtools.schema"), is_tested=True),
    Check("openapi", ("-m", "server.openapi", "--check"), is_tested=True),
    Check("architecture", ("-c", _LINT_IMPORTS, "--no-cache", "--no-logo")),
    Check("page types", ("-m", "devtools.page_checks", "types")),
    Check("lint", ("-m", "ruff", "check", "--output-format", "concise")),
    Check("format", ("-m", "ruff", "format", "--check")),
    Check("page lint", ("-m", "devtools.page_checks", "lint")),
)
UNTESTED = tuple(each for each in CHECKS if not each.is_tested)


def main() -> int:
    """Run all checks and return 1 if any failed. Raises SetupError where there is no database to be had."""
    # Opened here and not only in devtools.schema, so that what an installation says is seen.
    with private_database("test"):
        return report(run_all(CHECKS, at_once=os.cpu_count() or 1))


def run_all(checks: Sequence[Check], *, at_once: int) -> Iterator[Outcome]:
    """Run the checks, so many at the same time, and yield what came of each, in their order."""
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(run, checks)


def report(outcomes: Iterable[Outcome]) -> int:
    """Print a line for each as it comes and return 1 if any failed."""
    failed = 0
    for outcome in outcomes:
        print(outcome.report(), flush=True)
        failed |= not outcome.passed
    return failed


def run(check: Check) -> Outcome:
    started = time.monotonic()
    command = [sys.executable, "-P", *check.python_arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started, done.stdout)
