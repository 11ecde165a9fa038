"""`./run bench scan`: cards at tills, online, in a database of the size that a chain comes to.

Every round measures, in turn: scans as many as go and a handler that only decodes them, scans at half that rate, the
home screen in the database, passes for Apple Wallet, and codes judged without a line.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import machine
from bench.against.duel import compare_scan, write_arguments
from bench.answers import BrokenLoad
from bench.chain import chain_at_size
from bench.contenders import DECODE_ONLY, SCAN, serving
from bench.home import draw_guests
from bench.load import CONNECTIONS
from bench.scan_rounds import Round, Till
from bench.sheet import Sheet
from bench.targets import SCAN_TARGETS, median_of, tabulate, tabulate_rest
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from server.seeding.run import CannotSeed
from server.seeding.scale import Scale

FIGURES = (
    "scans_per_s",
    "ratio_decode_only",
    "scan_p99_ms",
    "offline_verify_ms_p99",
    "pkpass_ms_p50",
    "home_ms_p99",
    "members",
    "visits",
)
_WARM_UP_S = 1.0


@dataclass(frozen=True)
class Size:
    members: int
    visits: int
    stores: int
    phones: int
    seconds: float
    runs: int
    seed: int
    connections: int
    processes: int


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json, database, other = asked.pop("json"), asked.pop("database"), asked.pop("against")
    size = Size(**asked)
    if other is not None:
        return compare_scan(other, write_arguments(size), with_json=with_json)
    bench = _Bench(size)
    with private_database("bench") as server:
        try:
            uvloop.run(bench.measure(server, database))
        except (BrokenLoad, CannotSeed) as error:
            raise SetupError(f"the run broke off: {error}") from error
    bench.report()
    if with_json:
        print(json.dumps(bench.as_json()))
    return 0 if bench.is_sound else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench scan",
        description="Cards at tills beside a handler that only decodes, and the home screen, in a database at size.",
    )
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--visits", type=int, default=10_000_000)
    parser.add_argument("--stores", type=int, default=300)
    parser.add_argument("--phones", type=int, default=60_000, help="that hold a key; each code comes from another one")
    parser.add_argument("--database", metavar="URL", help="measure in this one, which `./run admin seed` has filled")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="of the closed loops")
    parser.add_argument("--processes", type=int, default=1, help="of each server")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="in turn with the same bench of that checkout")
    return parser


class _Bench:
    def __init__(self, size: Size) -> None:
        self._size = size
        self._sheet = Sheet()
        self._machine: Mapping[str, str] = {}
        self._chain_size = (0, 0)
        self._scans = (0, 0, 0)

    async def measure(self, server: DatabaseServer, database: str | None) -> None:
        size = self._size
        scale = Scale(size.members, size.visits, size.stores, size.seed)
        async with chain_at_size(server, database, scale, size.phones) as chain:
            self._machine = await machine.describe(chain.connection)
            self._chain_size = (chain.members, chain.visits)
            guests = await draw_guests(chain.connection, chain.program_id, chain.visits, size.seconds)
            with serving((SCAN, DECODE_ONLY), chain.dsn, size.processes) as servers:
                till = Till(servers, chain.phones, size.connections)
                say("warming up")
                await Round(0, min(_WARM_UP_S, size.seconds), Sheet()).measure(till, chain, guests)
                for number in range(size.runs):
                    say(f"round {number + 1} of {size.runs}")
                    await Round(number, size.seconds, self._sheet).measure(till, chain, guests)
            self._scans = (till.acknowledged, *(await till.count_held(chain.connection)))

    @property
    def is_sound(self) -> bool:
        return not self._sheet.refused and len(set(self._scans)) == 1

    def report(self) -> None:
        size, samples = self._size, self._sheet.samples
        members, visits = self._chain_size
        print(f"\n{members:,} members, {visits:,} visits before; {size.phones:,} phones with a key; ", end="")
        print(f"median (least-most) of {size.runs} rounds of {size.seconds:g} s;")
        print(f"{size.connections} keep-alive connections in the closed loops; {size.processes} process(es) a server.")
        print("Load, server and database share the machine's CPUs; no campaign is active, visits earn points.\n")
        print(machine.one_line(self._machine) + "\n")
        print("\n".join(tabulate(samples, SCAN_TARGETS)) + "\n")
        print("\n".join(tabulate_rest(samples, SCAN_TARGETS)) + "\n")
        acknowledged, codes, evidence = self._scans
        print(f"acknowledged scans {acknowledged:,}, codes that counted {codes:,}, evidence {evidence:,}: ", end="")
        print("nothing is lost" if len(set(self._scans)) == 1 else "NOT THE SAME")
        if self._sheet.refused:
            print(f"{len(self._sheet.refused)} scans were not taken, such as: {self._sheet.refused[0]!r}")

    def as_json(self) -> dict[str, float | None]:
        members, visits = self._chain_size
        measured = {name: median_of(self._sheet.samples, name) for name in FIGURES}
        return measured | {"members": members, "visits": visits}
