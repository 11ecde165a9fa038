"""The member's home screen in the database: the statements of `GET /v1/me/summary`, on one connection.

Measured are the statements' own round trips as the driver sees them, the whole call with the work in Python, as many
round trips with nothing in them, and the processor time of the database's process, where that runs on this machine.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import msgspec
from asyncpg.connection import LoggedQuery

from bench.cards import QUERIES
from ids import MemberId, ProgramId
from kit.clock import utc_now
from kit.sealing import Keyring
from server.rewards.member_routes import read_home

_USUAL = 2_000
_HEAVIEST = 100


class Guests(msgspec.Struct, frozen=True):
    """`usual`: half of them drawn from all members, half by how often they come. `heaviest`: who come most often."""

    usual: Sequence[MemberId]
    heaviest: Sequence[MemberId]


class Times(msgspec.Struct, frozen=True):
    """Milliseconds a call, an entry each. `database_cpu` is empty where it could not be read."""

    statements: list[float]
    whole: list[float]
    empty: list[float]
    database_cpu: list[float]


async def draw_guests(
    connection: "asyncpg.Connection[asyncpg.Record]", program_id: ProgramId, visit_count: int, seconds: float
) -> Guests:
    """`seconds`: of each other measurement; where that is less than one, fewer guests come."""
    half = int(_USUAL * min(1.0, seconds)) // 2
    members = await connection.fetch(QUERIES.draw_members, program_id, half)
    percent = min(100.0, 100 * 2 * half / visit_count)
    visitors = await connection.fetch(QUERIES.draw_visitors, program_id, percent, half)
    heaviest = await connection.fetch(QUERIES.find_heaviest, program_id, _HEAVIEST)
    return Guests([row["member_id"] for row in (*members, *visitors)], [row["member_id"] for row in heaviest])


async def measure_home(connection: "asyncpg.Connection[asyncpg.Record]", members: Sequence[MemberId]) -> Times:
    times = Times([], [], [], [])
    keyring = Keyring(bytes(32))  # a code takes as long under any
    elapsed_s: list[float] = []
    read_cpu_ns = cpu_clock(connection.get_server_pid())

    def note(query: LoggedQuery) -> None:
        elapsed_s.append(query.elapsed)

    with connection.query_logger(note):
        for member_id in members:
            elapsed_s.clear()
            cpu_before_ns, began_s = read_cpu_ns(), time.perf_counter()
            await read_home(connection, keyring, member_id, "ja", utc_now(), None)
            times.whole.append((time.perf_counter() - began_s) * 1000)
            times.statements.append(sum(elapsed_s) * 1000)
            cpu_ms = (read_cpu_ns() - cpu_before_ns) / 1e6
            if cpu_ms > 0:
                times.database_cpu.append(cpu_ms)
            count = len(elapsed_s)
            elapsed_s.clear()
            for _ in range(count):
                await connection.fetchval("SELECT 1")
            times.empty.append(sum(elapsed_s) * 1000)
    return times


def share_of(values: Sequence[float], share: float) -> float:
    """What this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def cpu_clock(pid: int) -> Callable[[], int]:
    """Nanoseconds on a processor, of a process of ours; always 0 for one that is not a PostgreSQL's on this machine."""
    process = Path(f"/proc/{pid}")
    try:
        is_ours = (process / "comm").read_text(encoding="ascii").startswith("postgres")
    except OSError:
        is_ours = False
    return (lambda: int((process / "schedstat").read_text(encoding="ascii").split()[0])) if is_ours else (lambda: 0)
