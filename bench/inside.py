"""`python -m bench.inside FENCES SEED SECONDS`: load the snapshot as a server does, then match, in a fresh process.

DATABASE_URL names a database with the town of that seed. Ends with one object on stdout: seconds and resident megabytes
of the loading, and points a second of `FenceSet.find_containing`, the call that the server makes, on one core.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.city import Floats, make_fences, make_walkers, walk
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from geo.index import FenceSet
from ids import ProgramId
from kit.database import open_pool
from server.runtime.snapshot_keeper import SnapshotKeeper

# What a server gathers into a batch is of this order.
BATCH_POINTS = 1_000
UPLOAD_FIXES = (100, 1)
_BATCHES = 100
_WARM_UP_BATCHES = 10


class Batch(NamedTuple):
    """What a server asks of the fences: uploads of a program and so many fixes each, one after another."""

    program_ids: Sequence[ProgramId]
    counts: Sequence[int]
    lats: Floats
    lons: Floats


async def measure_inside(dsn: str, fences: int, seed: int, seconds: float) -> dict[str, float]:
    """In a process of its own: `load_s`, `load_mb`, and `points_per_s_100` and `_1` by the fixes of an upload."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "bench.inside", str(fences), str(seed), str(seconds)),
        env=os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": dsn},
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate()
    if process.returncode != 0:
        raise SetupError("loading and matching in a process of its own failed")
    measured: dict[str, float] = json.loads(written)
    return measured


async def _measure(dsn: str, fence_count: int, seed: int, seconds: float) -> dict[str, float]:
    pool = await open_pool(dsn)
    keeper = SnapshotKeeper(pool)
    gc.collect()
    resident_before, began_at = _resident_bytes(), time.perf_counter()
    await keeper.refresh()
    load_s = time.perf_counter() - began_at
    gc.collect()
    load_mb = (_resident_bytes() - resident_before) / 1e6
    await pool.close()
    fences = keeper.current.fences
    if len(fences) != fence_count:
        raise SetupError(f"{len(fences)} fences were loaded, not {fence_count}")
    rates = {
        f"points_per_s_{fixes}": _match(fences, _make_batches(fences, seed, fixes), seconds) for fixes in UPLOAD_FIXES
    }
    return {"load_s": load_s, "load_mb": load_mb, **rates}


def _make_batches(fences: FenceSet, seed: int, fixes: int) -> list[Batch]:
    """Uploads of so many fixes each, with the moves of the town's walkers."""
    rng = np.random.default_rng(seed)
    city = make_fences(len(fences), rng)
    uploads = BATCH_POINTS // fixes
    walkers = make_walkers(uploads * _BATCHES, city, rng)
    lats, lons = walk(walkers, city, np.arange(uploads * _BATCHES), fixes, rng)
    program_ids, counts = [fences.fences[0].program_id] * uploads, [fixes] * uploads
    return [
        Batch(program_ids, counts, lats[start : start + uploads].ravel(), lons[start : start + uploads].ravel())
        for start in range(0, len(lats), uploads)
    ]


def _match(fences: FenceSet, batches: Sequence[Batch], seconds: float) -> float:
    """Points a second; the batches again and again until the time is over."""
    for batch in batches[:_WARM_UP_BATCHES]:
        fences.find_containing(*batch)
    done = 0
    began_at = now = time.perf_counter()
    while now < began_at + seconds:
        fences.find_containing(*batches[done % len(batches)])
        done += 1
        now = time.perf_counter()
    return done * BATCH_POINTS / (now - began_at)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    _fences, _seed, _seconds = sys.argv[1:]
    print(json.dumps(asyncio.run(_measure(os.environ["DATABASE_URL"], int(_fences), int(_seed), float(_seconds)))))
