"""`./run bench geo`: how fast the geofence engine is, every figure beside its target.

Every part is measured in rounds. A ratio is taken within a round: what slows the machine slows both of its sides.
"""

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import machine, naive
from bench.against.duel import compare_geo, write_arguments
from bench.answers import BrokenLoad
from bench.contenders import LOCATE, serving
from bench.gauge import Gauge
from bench.load import CONNECTIONS
from bench.rounds import ONE_FIX_CONTENDERS, Round
from bench.sheet import Sheet
from bench.targets import medians, tabulate, tabulate_rest
from bench.tile38 import Tile38, connected
from bench.town import Town, found_town
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database

PARTS = {
    "inside": "loading the fences and matching, in a process of its own",
    "short": "posts of one fix: beside decode_only and naive, and the open loop at half of that",
    "long": "posts of 100 fixes, beside Tile38 where one is named",
    "counts": "posts of 100 fixes with very many fences beside few",
}
_WARM_UP_S = 2.0


@dataclass(frozen=True)
class Size:
    fences: int
    fewest: int
    most: int
    devices: int
    seconds: float
    runs: int
    seed: int
    connections: int
    processes: int


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json, parts, tile38, other = (asked.pop(name) for name in ("json", "only", "tile38", "against"))
    size = Size(**asked)
    if other is not None:
        return compare_geo(other, write_arguments(size), million=size.most, with_json=with_json)
    bench = _Bench(size, frozenset(parts), tile38)
    with private_database("bench") as server:
        try:
            uvloop.run(bench.measure(server))
        except BrokenLoad as error:
            raise SetupError(f"the run broke off: {error}") from error
    bench.report()
    if with_json:
        print(json.dumps(medians(bench.sheet.samples)))
    return 0 if bench.sheet.is_sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench geo",
        description="The speed of the geofence engine, every figure beside its target.",
        epilog="Parts: " + "; ".join(f"{name}: {meaning}" for name, meaning in PARTS.items()) + ".",
    )
    parser.add_argument("--tile38", type=_read_address, metavar="HOST:PORT", help="a running Tile38 to stand beside us")
    parser.add_argument("--fences", type=int, default=100_000)
    parser.add_argument("--most", type=int, default=1_000_000, help="fences of the larger town of `counts`")
    parser.add_argument("--fewest", type=int, default=1_000, help="fences of the smaller one")
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="of the closed loops")
    parser.add_argument("--processes", type=int, default=1, help="of each server")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="in turn with the same bench of that checkout")
    return parser


def _read_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


class _Bench:
    def __init__(self, size: Size, parts: frozenset[str], tile38_address: tuple[str, int] | None) -> None:
        self.sheet = Sheet()
        self._size, self._parts, self._tile38_address = size, parts, tile38_address
        self._machine: Mapping[str, str] = {}
        self._tile38: Mapping[str, str] = {}

    async def measure(self, server: DatabaseServer) -> None:
        if self._parts - {"counts"}:
            async with found_town(server, self._size.fences, self._size.devices, self._size.seed) as town:
                await self._measure_town(town)
        if "counts" in self._parts:
            await self._measure_counts(server)

    async def _measure_town(self, town: Town) -> None:
        self._machine = await machine.describe(town.connection)
        if "inside" in self._parts:
            await self._run_rounds(
                "inside", lambda each: each.measure_inside(town.dsn, self._size.fences, self._size.seed)
            )
        async with AsyncExitStack() as stack:
            tile38 = await self._tell_tile38(town, stack)
            if "short" in self._parts:
                await naive.prepare(town.connection)
            contenders = ONE_FIX_CONTENDERS if "short" in self._parts else (LOCATE,)
            servers = stack.enter_context(serving(contenders, town.dsn, self._size.processes))
            gauge = Gauge(servers, town, self._size.connections)
            if "short" in self._parts:
                await self._run_rounds("short posts", lambda each: each.measure_short_posts(gauge), warms_up=True)
            if "long" in self._parts:
                await self._run_rounds("long posts", lambda each: each.measure_long_posts(gauge, tile38), warms_up=True)
            if tile38 is not None:
                self._tile38 = await tile38.describe()
        self.sheet.audits.append(await town.audit())

    async def _tell_tile38(self, town: Town, stack: AsyncExitStack) -> Tile38 | None:
        if self._tile38_address is None or "long" not in self._parts:
            return None
        tile38 = await stack.enter_async_context(connected(self._tile38_address))
        say("drawing the fences in Tile38")
        await tile38.draw(town.fences)
        if (await tile38.describe()).get("aof_size") == "0":
            raise SetupError("this Tile38 keeps nothing; start it with --appendonly yes")
        return tile38

    async def _measure_counts(self, server: DatabaseServer) -> None:
        async with AsyncExitStack() as stack:
            gauges: dict[int, Gauge] = {}
            towns: list[Town] = []
            for fences in (self._size.fewest, self._size.most):
                founding = found_town(server, fences, self._size.devices, self._size.seed)
                town = await stack.enter_async_context(founding)
                servers = stack.enter_context(serving((LOCATE,), town.dsn, self._size.processes))
                gauges[fences] = Gauge(servers, town, self._size.connections)
                towns.append(town)
            self._machine = await machine.describe(towns[0].connection)
            await self._run_rounds("numbers of fences", lambda each: each.compare_counts(gauges), warms_up=True)
            self.sheet.audits += [await town.audit() for town in towns]

    async def _run_rounds(
        self, what: str, measure: Callable[[Round], Awaitable[None]], *, warms_up: bool = False
    ) -> None:
        size = self._size
        if warms_up:
            say(f"{what}: warming up")
            await measure(Round(0, min(_WARM_UP_S, size.seconds), Sheet()))
        for number in range(size.runs):
            say(f"{what}: round {number + 1} of {size.runs}")
            await measure(Round(number, size.seconds, self.sheet))

    def report(self) -> None:
        size, sheet = self._size, self.sheet
        print(f"\n{size.fences:,} fences ({size.fewest:,} and {size.most:,} where their number is compared), ", end="")
        print(f"{size.devices:,} devices, seed {size.seed};")
        print(f"median (least-most) of {size.runs} rounds of {size.seconds:g} s; ", end="")
        print(f"{size.connections} keep-alive connections in the closed loops; {size.processes} process(es) a server.")
        print("Load, server and database share the machine's CPUs; no campaign is active.\n")
        print(machine.one_line(self._machine) + "\n")
        if self._tile38:
            print(f"Tile38: {machine.one_line(self._tile38)}\n")
        print("\n".join(tabulate(sheet.samples)) + "\n")
        print("\n".join(tabulate_rest(sheet.samples)) + "\n")
        for audited in sheet.audits:
            print(f"acknowledged posts {audited.acknowledged_posts:,}, swaps in the database {audited.held_posts:,},")
            print(f"devices that differ {audited.wrong_devices}: ", end="")
            print("nothing is lost" if audited.is_clean else "NOT THE SAME")
        if sheet.refused:
            print(f"{len(sheet.refused)} posts were not taken as they should, such as: {sheet.refused[0]!r}")
