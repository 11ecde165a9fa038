"""The processor time that a PostgreSQL server on this machine has taken, in all of its processes."""

import os
from dataclasses import dataclass
from pathlib import Path

from devtools.processes import children_of
from kit.database import Connection


@dataclass(frozen=True)
class Postmaster:
    pid: int

    def cpu_s(self) -> float:
        """Of itself, of those that have ended, and of those that run."""
        ticks = sum(_read_ticks(self.pid))
        for child in children_of(self.pid):
            try:
                ticks += sum(_read_ticks(child)[:2])
            except (FileNotFoundError, ProcessLookupError):  # it has just ended
                continue
        return ticks / os.sysconf("SC_CLK_TCK")


async def find_postmaster(conn: Connection) -> Postmaster:
    """`conn`: to a server on this machine, whose backend the postmaster has forked."""
    backend = await conn.fetchval("SELECT pg_backend_pid()")
    return Postmaster(int(_read_stat(backend)[1]))


def _read_ticks(pid: int) -> list[int]:
    """User and system time of its own, then of its children that it has waited for."""
    return [int(field) for field in _read_stat(pid)[11:15]]


def _read_stat(pid: int) -> list[str]:
    """From the third field on: the second is the name, in brackets, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
