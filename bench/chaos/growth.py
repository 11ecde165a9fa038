"""What grows while everything breaks: the memory of each process, and the size of each table with its indexes."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import msgspec

from kit.outages import is_outage
from kit.sql import load_queries

QUERIES = load_queries(__file__, "growth.sql")

_EVERY_S = 5.0
_ANSWER_S = 10.0
_QUARTERS = 4
_MOST_TABLES = 12


class Sample(msgspec.Struct, frozen=True):
    """In MB: `memory` by process, `tables` by table; a database that was away has told of none."""

    at_s: float
    memory: Mapping[str, float]
    tables: Mapping[str, float]


async def watch_growth(dsn: str, pids: Callable[[], Mapping[str, int]], calm: asyncio.Event) -> list[Sample]:
    samples: list[Sample] = []
    while not calm.is_set():
        samples.append(Sample(time.monotonic(), _read_memory(pids()), await _read_tables(dsn)))
        with suppress(TimeoutError):
            await asyncio.wait_for(calm.wait(), _EVERY_S)
    return samples


def sum_up(samples: Sequence[Sample]) -> dict[str, dict[str, list[float]]]:
    """The highest of each quarter of the time, of every process and of the tables that were largest."""
    memory = _quarters(samples, lambda sample: sample.memory)
    tables = _quarters(samples, lambda sample: sample.tables)
    largest = sorted(tables, key=lambda name: -max(tables[name]))[:_MOST_TABLES]
    return {"memory_mb": memory, "tables_mb": {name: tables[name] for name in largest}}


def _quarters(samples: Sequence[Sample], values_of: Callable[[Sample], Mapping[str, float]]) -> dict[str, list[float]]:
    if not samples:
        return {}
    begun_s, took_s = samples[0].at_s, samples[-1].at_s - samples[0].at_s
    highest: dict[str, list[float]] = {}
    for sample in samples:
        passed = (sample.at_s - begun_s) / took_s if took_s else 0.0
        quarter = min(_QUARTERS - 1, int(passed * _QUARTERS))
        for name, value in values_of(sample).items():
            row = highest.setdefault(name, [0.0] * _QUARTERS)
            row[quarter] = max(row[quarter], round(value, 1))
    return highest


def _read_memory(pids: Mapping[str, int]) -> dict[str, float]:
    """Resident, of those that run just now."""
    read = {name: _resident_mb(pid) for name, pid in pids.items()}
    return {name: resident for name, resident in read.items() if resident is not None}


def _resident_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), None)


async def _read_tables(dsn: str) -> dict[str, float]:
    try:
        connection = await asyncpg.connect(dsn, timeout=_ANSWER_S, command_timeout=_ANSWER_S)
        try:
            return _by_table(await connection.fetch(QUERIES.read_sizes))
        finally:
            await connection.close(timeout=_ANSWER_S)
    except Exception as error:
        if not is_outage(error, at_connect=True):
            raise
        return {}


def _by_table(rows: Iterable[asyncpg.Record]) -> dict[str, float]:
    return {row["name"]: row["bytes"] / 2**20 for row in rows}
