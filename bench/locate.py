"""`./run bench locate`: the hot route beside less and beside more, in one run, on the same city.

Each round measures every contender once with 1 fix a post and once with 100, one after another, each round beginning
with another contender. What Noren acknowledged is held against the database at the end.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import uvloop

from bench import machine, naive
from bench.answers import BrokenLoad
from bench.contenders import CONTENDERS, Contender, serving
from bench.figures import CEILING_MARGIN, Figures
from bench.gauge import Gauge
from bench.ledger import Audit
from bench.load import CONNECTIONS
from bench.population import QUERIES
from bench.town import found_town
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database

SIZES = (1, 100)
_WARM_UP_S = 2.0


@dataclass(frozen=True)
class Size:
    fences: int
    devices: int
    seconds: float
    runs: int
    seed: int
    connections: int
    processes: int


@dataclass(frozen=True)
class Outcome:
    machine: Mapping[str, str]
    figures: Figures
    audit: Audit
    transitions: int


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json = asked.pop("json")
    size = Size(**asked)
    with private_database("bench") as server:
        try:
            outcome = uvloop.run(_measure(server, size))
        except BrokenLoad as error:
            raise SetupError(f"the run broke off: {error}") from error
    return _report(outcome, size, with_json=with_json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench locate",
        description="POST /v1/locations beside a handler that only decodes, and beside a transaction a fix.",
    )
    parser.add_argument("--fences", type=int, default=100_000)
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--processes", type=int, default=1, help="of each server")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _measure(server: DatabaseServer, size: Size) -> Outcome:
    async with found_town(server, size.fences, size.devices, size.seed) as town:
        await naive.prepare(town.connection)
        with serving(CONTENDERS, town.dsn, size.processes) as servers:
            figures = await _run_rounds(Gauge(servers, town, size.connections), size)
        transitions = await town.connection.fetchval(QUERIES.count_transitions)
        return Outcome(await machine.describe(town.connection), figures, await town.audit(), transitions)


async def _run_rounds(gauge: Gauge, size: Size) -> Figures:
    warm_up, figures = Figures(SIZES), Figures(SIZES)
    say("warming up")
    await _run_round(gauge, warm_up, CONTENDERS, min(_WARM_UP_S, size.seconds))
    for number in range(size.runs):
        say(f"round {number + 1} of {size.runs}")
        first = number % len(CONTENDERS)
        await _run_round(gauge, figures, CONTENDERS[first:] + CONTENDERS[:first], size.seconds)
    return figures


async def _run_round(gauge: Gauge, figures: Figures, contenders: Sequence[Contender], seconds: float) -> None:
    for fixes in SIZES:
        for contender in contenders:
            figures.add(contender, fixes, await gauge.saturate(contender, fixes, seconds))


def _report(outcome: Outcome, size: Size, *, with_json: bool) -> int:
    figures, audited = outcome.figures, outcome.audit
    print(f"\n{size.fences:,} fences, {size.devices:,} devices, seed {size.seed}; ", end="")
    print(f"{size.processes} process(es) a server, {size.connections} keep-alive connections,")
    print(f"closed loop; median (least-most) of {size.runs} rounds of {size.seconds:g} s; latency from send to answer.")
    print("Load, server and database share the machine's CPUs; no campaign is active.\n")
    print(machine.one_line(outcome.machine) + "\n")
    print(f"CPUs that others kept busy just before each measurement: {figures.other_cpus()}\n")
    print("\n".join(figures.table()) + "\n")
    for near in figures.near_ceiling():
        print(f"{near} is within {CEILING_MARGIN} x of the load generator's ceiling: the generator holds it down")
    print(f"acknowledged posts {audited.acknowledged_posts:,}, swaps in the database {audited.held_posts:,},", end=" ")
    print(f"devices that differ {audited.wrong_devices}: {'nothing is lost' if audited.is_clean else 'NOT THE SAME'}")
    print(f"transitions recorded {outcome.transitions:,}")
    refusals = figures.refusals()
    if refusals:
        print(f"{len(refusals)} posts were not taken as they should, such as: {refusals[0]!r}")
    if with_json:
        print(json.dumps(_as_json(outcome, size, len(refusals))))
    return 0 if audited.is_clean and not refusals else 1


def _as_json(outcome: Outcome, size: Size, refused_posts: int) -> dict[str, object]:
    return {
        **outcome.figures.as_json(),
        "acknowledged_posts": outcome.audit.acknowledged_posts,
        "held_posts": outcome.audit.held_posts,
        "wrong_devices": outcome.audit.wrong_devices,
        "refused_posts": refused_posts,
        "transitions": outcome.transitions,
        "fences": size.fences,
        "devices": size.devices,
        "seconds": size.seconds,
        "runs": size.runs,
        "seed": size.seed,
        "connections": size.connections,
        "processes": size.processes,
        "machine": dict(outcome.machine),
    }
