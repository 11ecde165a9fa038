"""What the figures depend on: the machine and the database's settings."""

import asyncio
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import asyncpg

_DATABASE_SETTINGS = (
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "commit_delay",
    "shared_buffers",
    "max_wal_size",
    "checkpoint_timeout",
)


async def describe(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    rows = await connection.fetch(
        "SELECT name, setting, unit FROM pg_settings WHERE name = ANY ($1)", _DATABASE_SETTINGS
    )
    settings = {row["name"]: _with_unit(row["setting"], row["unit"]) for row in rows}
    return {
        "cpus": str(os.cpu_count()),
        "cpu_model": _cpu_model(),
        "python": platform.python_version(),
        "postgis": await connection.fetchval("SELECT postgis_lib_version()"),
        **{name: settings[name] for name in _DATABASE_SETTINGS},
    }


def one_line(machine: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in machine.items())


async def sample_busy_cpus() -> float:
    """How many CPUs are busy, over a quarter of a second: while we rest, that is what others take from us."""
    busy, total = _cpu_ticks()
    await asyncio.sleep(0.25)
    busy_then, total_then = _cpu_ticks()
    return (os.cpu_count() or 1) * (busy_then - busy) / max(1, total_then - total)


def _cpu_ticks() -> tuple[int, int]:
    """Busy and total ticks of all CPUs since the start of the system: the first line of /proc/stat."""
    user, nice, system, idle, waiting, *interrupts = (
        int(ticks) for ticks in Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]
    )
    busy = user + nice + system + sum(interrupts)
    return busy, busy + idle + waiting


def _with_unit(setting: str, unit: str | None) -> str:
    return f"{int(setting) * 8 // 1024} MB" if unit == "8kB" else f"{setting} {unit or ''}".rstrip()


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
