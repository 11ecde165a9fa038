"""The checks, then all tests against a real PostGIS."""

import subprocess
import sys
from collections.abc import Sequence

from devtools import check
from devtools.bootstrap import ROOT
from devtools.private_database import private_database


def main(pytest_arguments: Sequence[str]) -> int:
    """Run both, whatever the first says, and return the exit code of the first that failed.

    pytest's own 5 (no test was collected) is a failure like any other.
    """
    # Held open over all of it, so that checks and test workers share one running server.
    with private_database("test"):
        checked = check.main()
        sys.stdout.flush()
        # One more than the cores of a small machine: many tests wait for processes, leases and the disk.
        command = [sys.executable, "-P", "-m", "pytest", "-n", "3", *pytest_arguments]
        tested = subprocess.run(command, cwd=ROOT).returncode
    return checked or tested
