"""Looking at PostgreSQL from outside."""

from pathlib import Path

from tests.support.waiting import eventually


def postmaster_pid(state: Path) -> int | None:
    for path in state.glob("*/data/postmaster.pid"):
        pid = int(path.read_text().split()[0])
        return pid if Path(f"/proc/{pid}").exists() else None
    return None


def wait_until_gone(pid: int) -> None:
    """Until it has been reaped, too: PostgreSQL takes a zombie for a running postmaster."""
    eventually(lambda: not Path(f"/proc/{pid}").exists())
