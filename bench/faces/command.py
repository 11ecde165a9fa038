"""`./run bench faces`: its options, its rounds, and what it prints."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import uvloop

from bench import machine
from bench.answers import BrokenLoad
from bench.faces.card import measure_card
from bench.faces.first_page import measure_first_page
from bench.faces.ground import open_ground
from bench.faces.lists import measure_lists
from bench.faces.map import measure_map, measure_tiles
from bench.faces.till import open_till
from bench.sheet import Sheet
from bench.targets import FACES_TARGETS, median_of, tabulate, tabulate_rest
from devtools.apt import SetupError, say
from devtools.browsing import open_browser
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from server.seeding.run import CannotSeed
from server.seeding.scale import Scale

_VISITS_A_MEMBER = 3


@dataclass(frozen=True)
class Size:
    members: int
    stores: int
    runs: int
    seed: int


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json, database = asked.pop("json"), asked.pop("database")
    bench = _Bench(Size(**asked))
    with private_database("bench") as server:
        try:
            uvloop.run(bench.measure(server, database))
        except (BrokenLoad, CannotSeed) as error:
            raise SetupError(f"the run broke off: {error}") from error
    bench.report()
    if with_json:
        print(json.dumps({target.name: median_of(bench.sheet.samples, target.name) for target in FACES_TARGETS}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench faces", description="How long people wait for the pages, in a Chromium that is slowed down."
    )
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--stores", type=int, default=10_000)
    parser.add_argument("--database", metavar="URL", help="measure in this one, which `./run admin seed` has filled")
    parser.add_argument("--runs", type=int, default=15, help="rounds; the figures are their medians")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser


class _Bench:
    def __init__(self, size: Size) -> None:
        self.sheet = Sheet()
        self._size = size
        self._machine: Mapping[str, str] = {}

    async def measure(self, server: DatabaseServer, database: str | None) -> None:
        size = self._size
        scale = Scale(size.members, size.members * _VISITS_A_MEMBER, size.stores, size.seed)
        async with open_ground(server, database, scale, phones=0) as ground:
            self._machine = await machine.describe(ground.chain.connection)
            async with open_browser("--disable-dev-shm-usage") as browser, open_till(ground) as till:
                for number in range(size.runs):
                    say(f"round {number + 1} of {size.runs}")
                    await measure_lists(ground, self.sheet)
                    await measure_tiles(ground, self.sheet)
                    await measure_first_page(ground, browser, self.sheet)
                    await measure_card(ground, browser, self.sheet)
                    await till.measure(self.sheet)
                    await measure_map(ground, browser, self.sheet)

    def report(self) -> None:
        size, samples = self._size, self.sheet.samples
        print(f"\n{size.members:,} members, {size.stores:,} stores with a fence each; medians of {size.runs} rounds")
        print("slowed: the page's thread 4 times, its network to 1.6 Mbit/s and 150 ms; workers are not slowed")
        for line in (*tabulate(samples, FACES_TARGETS), *tabulate_rest(samples, FACES_TARGETS)):
            print(line)
        print("; ".join(f"{name}: {value}" for name, value in self._machine.items()))
