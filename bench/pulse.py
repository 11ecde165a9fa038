"""`python -m bench.pulse`: Noren as it is served, with a heartbeat in its loop that tells how long it stood still.

Only stalls and new bases are written down, as lines of JSON in `pulse_file` of the process. Times are of
CLOCK_MONOTONIC, which all processes of a machine share.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from kit.collector import collect_seldom, long_lived
from server.__main__ import DoorServer
from server.app import create_app
from server.runtime.logs import configure_logs
from server.runtime.snapshot_keeper import SnapshotKeeper, keep_snapshot
from server.settings import read_settings

_BEAT_S = 0.001
_WORTH_TELLING_S = 0.002
WRITTEN_EVERY_S = 0.2


class Stall(msgspec.Struct, frozen=True, tag=True):
    """The loop came back at `at_s`, `late_s` later than it should.

    `cpu_s` of it our process was running, in all its threads; the rest the machine's others took.
    """

    at_s: float
    late_s: float
    cpu_s: float


class NewBase(msgspec.Struct, frozen=True, tag=True):
    """The fences got a new base."""

    at_s: float


def pulse_file(pid: int) -> Path:
    return Path(tempfile.gettempdir()) / f"noren-pulse-{pid}.jsonl"


def read_pulse(pid: int) -> Iterator[Stall | NewBase]:
    """What was written until now; the last line may still be on its way."""
    for line in pulse_file(pid).read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield msgspec.json.decode(line, type=Stall | NewBase)


async def _beat(keeper: SnapshotKeeper, told: list[Stall | NewBase]) -> None:
    base = keeper.current.fences.base
    before_s, cpu_before_s = time.monotonic(), time.process_time()
    while True:
        await asyncio.sleep(_BEAT_S)
        now_s, cpu_s = time.monotonic(), time.process_time()
        late_s = now_s - before_s - _BEAT_S
        if late_s > _WORTH_TELLING_S:
            told.append(Stall(now_s, late_s, min(late_s, cpu_s - cpu_before_s)))
        if keeper.current.fences.base is not base:
            base = keeper.current.fences.base
            told.append(NewBase(now_s))
        before_s, cpu_before_s = time.monotonic(), time.process_time()


async def _write_down(told: list[Stall | NewBase]) -> None:
    """In a thread: a full disk cache makes a writer wait, and that would be a stall of our own."""
    with pulse_file(os.getpid()).open("wb", buffering=0) as file:
        while True:
            await asyncio.sleep(WRITTEN_EVERY_S)
            lines = b"".join(msgspec.json.encode(each) + b"\n" for each in told)
            told.clear()
            if lines:
                await asyncio.to_thread(file.write, lines)


async def _serve() -> None:
    settings = read_settings()
    configure_logs(settings)
    async with keep_snapshot(settings.database_url) as keeper:
        with long_lived():
            app = create_app(settings, keeper)
            server = DoorServer(app, settings)
        told: list[Stall | NewBase] = []
        tasks = [asyncio.create_task(_beat(keeper, told)), asyncio.create_task(_write_down(told))]
        async with app.lifespan():
            await server.serve()
        for task in tasks:
            task.cancel()
    pulse_file(os.getpid()).unlink()


if __name__ == "__main__":
    collect_seldom()  # as server.__main__ does
    uvloop.run(_serve())
