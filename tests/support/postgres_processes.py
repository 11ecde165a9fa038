"""Looking at PostgreSQL from outside."""

import time
from pathlib import Path


def postmaster_pid(state: Path) -> int | None:
    for path in state.glob("trial-*/data/postmaster.pid"):
        pid = int(path.read_text().split()[0])
        return pid if Path(f"/proc/{pid}").exists() else None
    return None


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
