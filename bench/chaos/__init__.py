"""`./run bench chaos`: everything at once, while processes and the database are killed, cut off and frozen, its disk is
full and clocks are wrong.

Shoppers walk in, redeem at two tills at once, buy, spend, bring back and are erased, all repeated until answered. What
they were told is written down, and held against the database at the end by a checker that knows only the two.
"""

import argparse
import asyncio
import json
import random
import secrets
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import msgspec

from bench.chaos.actors import People
from bench.chaos.checker import Verdict, judge
from bench.chaos.disk import SmallDisk, small_disk
from bench.chaos.faults import Faults
from bench.chaos.growth import Sample, sum_up, watch_growth
from bench.chaos.history import History
from bench.chaos.reading import finish_erasures, read_held
from bench.chaos.servers import Servers, served
from bench.chaos.street import open_street
from devtools.apt import say
from devtools.own_cluster import OwnCluster, own_cluster

_WATCH_EVERY_S = 0.5


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    say(f"chaos with the seed {seed}")
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk())
        cluster = stack.enter_context(own_cluster(None if disk is None else disk.place))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="noren-chaos-"))
        history, verdict, samples = asyncio.run(_run(cluster, disk, Path(folder) / "log", asked, seed))
    figures = _figures(history, verdict)
    for name, figure in figures.items():
        print(f"{name:<20}{figure}")
    for fault, count in Counter(name for name, _ in history.faults).items():
        print(f"  {count:>4} x {fault}")
    outage = history.longest_outage()
    print(f"  the longest outage began after {outage.begun_s:.0f} s: {', '.join(outage.faults)}")
    growth = sum_up(samples)
    for what, rows in growth.items():
        for name, quarters in rows.items():
            print(f"  {what:<12}{name:<28}{' '.join(f'{value:>8.1f}' for value in quarters)}")
    for kind, status, text in history.unexpected[:10]:
        say(f"unexpected: {kind} answered {status}: {text}")
    if asked.json:
        print(json.dumps({**figures, **growth, "seed": seed}))
    return 0 if verdict.is_clean else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench chaos", description="Everything at once, while things break.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, help="of what people do and what breaks; drawn and told by default")
    parser.add_argument("--people", type=int, default=24, help="at a time")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _run(
    cluster: OwnCluster, disk: SmallDisk | None, log: Path, asked: argparse.Namespace, seed: int
) -> tuple[History, Verdict, list[Sample]]:
    chance, history = random.Random(seed), History()
    breaks = random.Random(chance.getrandbits(64))  # its own: what breaks when hangs on nothing that people do
    async with served(cluster.dsn, log) as servers:
        street = await open_street(cluster.dsn, servers.doors)
        stop, calm = asyncio.Event(), asyncio.Event()
        people = People(street, history, chance, stop)
        crowd = asyncio.create_task(people.crowd(asked.people))
        watching = asyncio.create_task(_watch(servers, calm))
        growing = asyncio.create_task(watch_growth(cluster.dsn, servers.pids, calm))
        breaking = asyncio.create_task(Faults(cluster, disk, servers, history, breaks).strike(stop))
        await asyncio.wait([crowd, breaking], timeout=asked.minutes * 60, return_when=asyncio.FIRST_EXCEPTION)
        stop.set()
        await breaking
        await servers.wait_until_ready()
        await crowd  # what was asked is answered before anything is judged
        connection = await asyncpg.connect(cluster.dsn)
        try:
            await finish_erasures(connection)
            verdict = judge(history, await read_held(connection))
        finally:
            await connection.close()
            calm.set()
            await watching
        return history, verdict, await growing


async def _watch(servers: Servers, calm: asyncio.Event) -> None:
    while not calm.is_set():
        servers.revive()
        await asyncio.sleep(_WATCH_EVERY_S)


def _figures(history: History, verdict: Verdict) -> dict[str, float]:
    judged = msgspec.structs.asdict(verdict)
    killing = ("API process killed", "worker killed", "database crashed")
    return {
        "operations": judged.pop("operations"),
        "kills": sum(name in killing for name, _ in history.faults),
        **judged,
        "longest_outage_s": round(history.longest_outage().seconds, 2),
    }
