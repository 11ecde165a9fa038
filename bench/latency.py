"""`./run bench latency`: how long it takes from a fix being received until the push of its coupon is at the push
service.

The API, the worker and a double of FCM are processes of their own, as in production. First as many one-fix posts as
they take: the top load is so many posts a second as pushes keep up with. Then half of that in an open loop, while
phones report each push as displayed. A latency runs from the server's own time of the fix (`outbox.created_at`) to the
double's time of the request; `displayed_p99_ms` is what Noren counted itself from the phones' reports.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from bench import coupon_town, machine
from bench.contenders import LOCATE, Served, serving, working
from bench.load import run_load
from bench.message_reports import Handed, report_displayed
from bench.pace import run_paced
from bench.town import Town, found_town
from coupons.campaigns.campaign_triggers import Enter
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from ids import ProgramId
from kit.clock import utc_now
from push.latencies import percentile_ms
from push.latencies_repository import sum_latencies

TARGET_MS = 150.0
_HIGHEST_RATE = 8000.0  # posts/s, for which there are phones: each posts once
_CONNECTIONS = 64
_WARM_UP_S = 2.0
_PATIENCE_S = 120.0
_REACHABLE = (
    "UPDATE members SET push_consent = true",
    "UPDATE devices SET push_token = id::text, push_token_kind = 'registration', push_token_state = 'active'",
    "VACUUM ANALYZE",
)


@dataclass
class Peer:
    """FCM's double, and what it was handed, by push."""

    endpoint: str
    handed: dict[UUID, Handed] = field(default_factory=dict)
    reports: "asyncio.Queue[Handed] | None" = None


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    with private_database("bench") as server:
        figures = uvloop.run(_measure(server, asked))
    for name, figure in figures.items():
        print(f"{name:<24}{figure:>12,.1f}" if isinstance(figure, float | int) else f"{name:<24}{figure}")
    print(f"target: p99_ms <= {TARGET_MS:g}: {'met' if float(str(figures['p99_ms'])) <= TARGET_MS else 'missed'}")
    if asked.json:
        print(json.dumps(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench latency", description="From a fix to its push.")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=3, help="of half the load; all their pushes count")
    parser.add_argument("--fences", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1, help="processes that send")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser


async def _measure(server: DatabaseServer, asked: argparse.Namespace) -> dict[str, object]:
    devices = int(_HIGHEST_RATE * (asked.seconds + _WARM_UP_S + asked.runs * asked.seconds / 2))
    async with found_town(server, asked.fences, devices, seed=1) as town:
        for statement in _REACHABLE:
            await town.connection.execute(statement)
        program_id = ProgramId(await town.connection.fetchval("SELECT id FROM programs"))
        await _write_campaign(town, program_id)
        with tempfile.TemporaryDirectory(prefix="noren-latency-") as folder, ExitStack() as stack:
            async with _peer(Path(folder)) as peer:
                api = stack.enter_context(serving([LOCATE], town.dsn, 1))[LOCATE]
                sending = {
                    "NOREN_FCM_SERVICE_ACCOUNT": f"{folder}/account.json",
                    "NOREN_FCM_ENDPOINT": peer.endpoint,
                }
                for _ in range(asked.workers):
                    stack.enter_context(working(town.dsn, sending))
                return await _measure_all(town, program_id, api, peer, asked)


async def _measure_all(
    town: Town, program_id: ProgramId, api: Served, peer: Peer, asked: argparse.Namespace
) -> dict[str, object]:
    say("warming up")
    await _saturate(town, api, peer, _WARM_UP_S)
    say("the top load")
    top = await _saturate(town, api, peer, asked.seconds)
    await town.connection.execute("DELETE FROM message_latencies")
    latencies_ms: list[float] = []
    locate_ms: list[float] = []
    for number in range(asked.runs):
        say(f"half of it: run {number + 1} of {asked.runs}")
        before = set(peer.handed)
        async with report_displayed(api.port, town.tokens) as reports:
            peer.reports = reports
            posts = town.phones.write_posts(int(top / 2 * asked.seconds), 1)
            run = await run_paced(api.address, posts.requests, posts.judge, top / 2)
            await _until_all_are_handed(town, peer)
            peer.reports = None
        if run.refused:
            raise SetupError(f"a post was refused: {run.refused[0]!r}")
        locate_ms.append(run.latency_ms(0.99))
        latencies_ms += await _latencies_ms(town, peer, before)
    counted = await _counted(town, program_id)
    return {
        "p50_ms": round(_ranked(latencies_ms, 0.5), 1),
        "p99_ms": round(_ranked(latencies_ms, 0.99), 1),
        "displayed_p99_ms": counted["displayed"],
        "counted_handed_p99_ms": counted["handed"],
        "locate_p99_ms": round(max(locate_ms), 1),
        "top_posts_per_s": round(top, 1),
        "pushes": len(latencies_ms),
        "most_ms": round(max(latencies_ms), 1),
        "machine": machine.one_line(await machine.describe(town.connection)),
    }


async def _saturate(town: Town, api: Served, peer: Peer, seconds: float) -> float:
    """Posts a second of a closed loop, over the time in which their pushes were handed over too."""
    posts = town.phones.write_posts(int(_HIGHEST_RATE * seconds), 1)
    began_s = time.monotonic()
    run = await run_load(api.address, posts.requests, posts.judge, seconds, connections=_CONNECTIONS)
    await _until_all_are_handed(town, peer)
    return len(run.accepted) / max(run.seconds, time.monotonic() - began_s)


async def _until_all_are_handed(town: Town, peer: Peer) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    wanted = await town.connection.fetchval("SELECT count(*) FROM outbox WHERE state <> 'dropped'")
    while len(peer.handed) < wanted:
        if time.monotonic() > deadline_s:
            raise SetupError(f"of {wanted} pushes {len(peer.handed)} were handed over")
        await asyncio.sleep(0.02)


async def _latencies_ms(town: Town, peer: Peer, before: set[UUID]) -> list[float]:
    rows = await town.connection.fetch("SELECT id, created_at FROM outbox WHERE state <> 'dropped'")
    return [
        (peer.handed[row["id"]].at_s - row["created_at"].timestamp()) * 1000 for row in rows if row["id"] not in before
    ]


async def _counted(town: Town, program_id: ProgramId) -> Mapping[str, float | None]:
    """The p99 of each stage, as the route of the owners tells it."""
    days = await sum_latencies(town.connection, program_id, date.min, date.max)
    totals: dict[str, dict[int, int]] = {"handed": {}, "displayed": {}}
    for stages in days.values():
        for stage, times in stages.items():
            for bucket, count in times.items():
                totals[stage][bucket] = totals[stage].get(bucket, 0) + count
    return {stage: percentile_ms(times, 0.99) for stage, times in totals.items()}


async def _write_campaign(town: Town, program_id: ProgramId) -> None:
    place = coupon_town.Town(program_id=program_id, store_ids=[], till_ids=[], member_ids=[], device_ids=[])
    now = utc_now()
    async with town.connection.transaction():
        await coupon_town.write_campaign(
            town.connection,
            place,
            trigger=Enter(),
            max_event_age_s=100 * 86_400,  # the walkers' clocks are behind
            starts_at=now - timedelta(days=365),
            created_at=now,
        )


@asynccontextmanager
async def _peer(folder: Path) -> AsyncIterator[Peer]:
    command = ("-P", "-m", "bench.latency_peer", str(folder))
    child = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    peer = Peer((await child.stdout.readline()).decode().strip())
    listening = asyncio.create_task(_listen(child.stdout, peer))
    try:
        yield peer
    finally:
        listening.cancel()
        child.terminate()
        await child.wait()


async def _listen(told: asyncio.StreamReader, peer: Peer) -> None:
    while line := await told.readline():
        token, push_id, at_s = line.decode().split()
        handed = Handed(UUID(token), UUID(push_id), float(at_s))
        if handed.push_id not in peer.handed:
            peer.handed[handed.push_id] = handed
            if peer.reports is not None:
                peer.reports.put_nowait(handed)


def _ranked(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
