"""A place of its own for clusters that a test starts, kills and breaks."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres_processes import postmaster_pid, wait_until_gone


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory that PostgreSQL's user can enter: pytest's own are closed to others, and long."""
    place = Path(tempfile.mkdtemp(prefix="noren-trial-", dir="/var/tmp"))
    monkeypatch.setenv("NOREN_STATE_DIR", str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield place
    if pid := postmaster_pid(place):
        os.kill(pid, signal.SIGQUIT)
        wait_until_gone(pid)
    shutil.rmtree(place)
