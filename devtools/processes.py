"""Processes of this machine, as Linux tells of them in /proc. Standard library only."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Those that its first thread has started. Raises OSError where there is no such process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def signal_all(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # some of them come and go
            os.kill(pid, number)
