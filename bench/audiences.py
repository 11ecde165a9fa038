"""`./run bench audiences`: audiences, and the search for members, in a program of the size that a chain comes to.

Measured are whole counts as `POST /v1/audiences/count` makes them (the statement, and the sample of members), and whole
searches as `POST /v1/members/search` makes them, on one connection with the server's settings.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import uvloop

from bench import machine
from bench.audience_counts import measure_counts
from bench.chain import chain_at_size
from bench.home import share_of
from bench.searches import measure_searches
from bench.sheet import Sheet
from bench.targets import AUDIENCE_TARGETS, median_of, tabulate, tabulate_rest
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from server.seeding.run import CannotSeed
from server.seeding.scale import Scale

_FIGURES = ("count_p99_ms", "count_p50_ms", "search_p99_ms", "search_p50_ms")


@dataclass(frozen=True)
class Size:
    members: int
    visits: int
    stores: int
    runs: int
    repeats: int
    seed: int


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json, database = asked.pop("json"), asked.pop("database")
    bench = _Bench(Size(**asked))
    with private_database("bench") as server:
        try:
            uvloop.run(bench.measure(server, database))
        except CannotSeed as error:
            raise SetupError(f"the run broke off: {error}") from error
    bench.report()
    if with_json:
        print(json.dumps(bench.as_json()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench audiences",
        description="Counts of ordinary audiences, and searches for members, in a database at size.",
    )
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--visits", type=int, default=10_000_000)
    parser.add_argument("--stores", type=int, default=300)
    parser.add_argument("--database", metavar="URL", help="measure in this one, which `./run admin seed` has filled")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--repeats", type=int, default=5, help="of each audience in a round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser


class _Bench:
    def __init__(self, size: Size) -> None:
        self._size = size
        self._sheet = Sheet()
        self._machine: Mapping[str, str] = {}
        self._chain_size = (0, 0)

    async def measure(self, server: DatabaseServer, database: str | None) -> None:
        size = self._size
        scale = Scale(size.members, size.visits, size.stores, size.seed)
        async with chain_at_size(server, database, scale, phones=0) as chain:
            self._machine = await machine.describe(chain.connection)
            self._chain_size = (chain.members, chain.visits)
            say("warming up")
            await measure_counts(chain.connection, chain, Sheet(), 1)
            await measure_searches(chain.connection, chain, Sheet(), 1)
            for number in range(size.runs):
                say(f"round {number + 1} of {size.runs}")
                times = await measure_counts(chain.connection, chain, self._sheet, size.repeats)
                self._sheet.add("count_p99_ms", share_of(times, 0.99))
                self._sheet.add("count_p50_ms", share_of(times, 0.5))
                times = await measure_searches(chain.connection, chain, self._sheet, size.repeats)
                self._sheet.add("search_p99_ms", share_of(times, 0.99))
                self._sheet.add("search_p50_ms", share_of(times, 0.5))

    def report(self) -> None:
        members, visits = self._chain_size
        print(f"\n{members:,} members, {visits:,} visits; median (least-most) of {self._size.runs} rounds of ", end="")
        print(f"{self._size.repeats} counts of each audience, with a sample of its members,")
        print(f"and {self._size.repeats * 20} searches of each kind, with the page that follows.\n")
        print(machine.one_line(self._machine) + "\n")
        samples = self._sheet.samples
        print("\n".join(tabulate(samples, AUDIENCE_TARGETS)) + "\n")
        print("\n".join(tabulate_rest(samples, AUDIENCE_TARGETS)) + "\n")

    def as_json(self) -> dict[str, float | None]:
        members, visits = self._chain_size
        figures = {name: median_of(self._sheet.samples, name) for name in _FIGURES}
        return figures | {"members": members, "visits": visits}
