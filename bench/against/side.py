"""One of the two checkouts: its bench as a process that waits for its turns, and what the posts cost its PostgreSQL."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import asyncpg

from bench.postmaster import find_postmaster
from devtools.apt import SetupError, say

_TURNS = Path(__file__).with_name("turns.py")
# These name our own places; the other checkout has its own.
_OURS = ("NOREN_STATE_DIR", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Turn:
    """What one round measured. Besides its bench's own samples: `server_cpu_us`, `database_cpu_us` and `wal_bytes` of
    a post. `counts`: it did not only warm up.
    """

    part: str
    samples: Mapping[str, float]
    counts: bool


@dataclass
class Side:
    root: Path
    process: "subprocess.Popen[str]"
    events: IO[str]
    part: str | None = None  # of the round that waits; None: all are over

    async def take_turn(self) -> Turn:
        """One round, from being let go until the next one waits. Raises SetupError."""
        part, samples = self.part, dict[str, float]()
        assert part is not None
        dsn, before = "", (0.0, 0)
        while True:
            event = self._go_on()
            if event["event"] == "load":
                dsn = event["dsn"]
                before = await _read_costs(dsn)
            elif event["event"] == "loaded":
                cpu_s, wal_bytes = await _read_costs(dsn)
                samples |= {
                    "server_cpu_us": event["server_cpu_s"] / event["posts"] * 1e6,
                    "database_cpu_us": (cpu_s - before[0]) / event["posts"] * 1e6,
                    "wal_bytes": (wal_bytes - before[1]) / event["posts"],
                }
            elif event["event"] == "done":
                samples |= event["samples"]
                self.wait_for_turn()
                return Turn(part, samples, event["counts"])

    def wait_for_turn(self) -> None:
        """Until its next round waits to begin, or its bench is over. Raises SetupError."""
        event = self._go_on() if self.part is not None else self._read()
        self.part = event["part"] if event["event"] == "turn" else None

    def _go_on(self) -> Mapping[str, Any]:
        assert self.process.stdin is not None
        print("go", file=self.process.stdin, flush=True)
        return self._read()

    def _read(self) -> Mapping[str, Any]:
        if line := self.events.readline():
            told: dict[str, Any] = json.loads(line)
            return told
        if self.process.wait() != 0:
            raise SetupError(f"the bench of {self.root} failed")
        return {"event": "over"}


@contextmanager
def running(root: Path, name: str, arguments: Sequence[str]) -> Iterator[Side]:
    """The bench of that checkout, made ready up to its first round. Raises SetupError."""
    say(f"{root}: making it ready")
    environment = {key: value for key, value in os.environ.items() if key not in _OURS} | _state_of(root)
    _prepare(root, environment)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [root / ".venv/bin/python", "-P", _TURNS, str(writing), name, *arguments],
        env=environment | {"PYTHONPATH": str(root)},
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=(writing,),
        text=True,
    )
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as events:
            side = Side(root, process, events)
            side.wait_for_turn()
            yield side
    finally:
        process.terminate()
        process.wait()


def _state_of(root: Path) -> dict[str, str]:
    """Beside ours, where ours was moved: two servers in one directory would be one server."""
    named = os.environ.get("NOREN_STATE_DIR")
    return {"NOREN_STATE_DIR": f"{named}-{root.name}"} if named else {}


def _prepare(root: Path, environment: Mapping[str, str]) -> None:
    try:
        subprocess.run([root / "run", "bench"], env=environment, stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"{root} is no checkout of Noren whose benches run") from error


async def _read_costs(dsn: str) -> tuple[float, int]:
    """Until now: seconds of CPU of all of the server's processes, and bytes of write-ahead log."""
    connection = await asyncpg.connect(dsn)
    try:
        postmaster = await find_postmaster(connection)
        written = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return postmaster.cpu_s(), int(written)
    finally:
        await connection.close()
