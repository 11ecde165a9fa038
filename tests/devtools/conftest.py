"""A place of its own for clusters that a test starts, kills and breaks."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.private_database import private_database
from tests.support.postgres_processes import postmaster_pid, wait_until_gone


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory that PostgreSQL's user can enter: pytest's own are closed to others, and long."""
    place = Path(tempfile.mkdtemp(prefix="noren-trial-", dir="/var/tmp"))
    monkeypatch.setenv("NOREN_STATE_DIR", str(place))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield place
    end(place)


@pytest.fixture(scope="package")
def made_cluster() -> Iterator[Path]:
    """A state directory with the cluster `trial`, made and stopped."""
    place = Path(tempfile.mkdtemp(prefix="noren-made-", dir="/var/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOREN_STATE_DIR", str(place))
        patch.delenv("DATABASE_URL", raising=False)
        with private_database("trial"):
            pass
    yield place
    end(place)


@pytest.fixture
def state_with_cluster(state: Path, made_cluster: Path) -> Path:
    """A state directory with a copy of it: to make a cluster takes ten times as long as to copy one."""
    subprocess.run(["cp", "-a", f"{made_cluster}/.", state], check=True)
    return state


def end(place: Path) -> None:
    """Whatever runs there, and the place."""
    if pid := postmaster_pid(place):
        os.kill(pid, signal.SIGQUIT)
        wait_until_gone(pid)
    shutil.rmtree(place)
