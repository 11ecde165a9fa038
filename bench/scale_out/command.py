"""`./run bench scale-out`: a spread database beside plain PostgreSQL, a node of it killed, and shards moved under load.

Each round measures posts of one fix and scans of cards on both, one after the other; every other round the cluster
comes first. Then a node is killed and started again under load, and shards are moved back to it under load.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
import uvloop

from bench import machine
from bench.answers import BrokenLoad
from bench.figures import Spread
from bench.scale_out.drill import kill_and_recover, rebalance_under_load
from bench.scale_out.nodes import Node, find_nodes
from bench.scale_out.side import Side, opened_side
from bench.scale_out.tasks import Tasks, count_tasks
from bench.sheet import Sheet
from devtools.apt import SetupError, say

_WARM_UP_S = 1.0


@dataclass
class Outcome:
    machine: dict[str, str] = field(default_factory=dict)
    tasks: Tasks = field(default_factory=Tasks)
    rates: Sheet = field(default_factory=Sheet)
    drill: Sheet = field(default_factory=Sheet)
    nodes: int = 0
    lost: int = 0
    recovered_s: float = 0.0
    failed_in_rebalance: int = 0
    rebalance_s: float = 0.0

    def ratio(self, name: str) -> Spread | None:
        """The cluster's rate over plain PostgreSQL's, each round by itself; None where the cluster took none."""
        ours, theirs = self.rates.samples[f"cluster {name}"], self.rates.samples[f"plain {name}"]
        return Spread.over(a / b for a, b in zip(ours, theirs, strict=True)) if min(ours) > 0 else None

    @property
    def unlike_503(self) -> list[bytes]:
        """What was refused while a node was away, with another answer than that it should be sent again."""
        return [answer for answer in self.drill.refused if b" 503 " not in answer[:20]]


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    if asked.database is None or asked.plain is None:
        raise SetupError(
            "this bench needs --database URL, a cluster that ./run admin distribute has spread, and --plain URL, "
            "both migrated and empty (docs/scale-out.md)"
        )
    try:
        outcome = uvloop.run(_measure(asked))
    except BrokenLoad as error:
        raise SetupError(f"the run broke off: {error}") from error
    _report(outcome, asked)
    if asked.json:
        print(json.dumps(_as_json(outcome)))
    return 0 if not (outcome.lost or outcome.failed_in_rebalance or outcome.unlike_503) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench scale-out", description="A spread database beside plain PostgreSQL, and nodes that fail."
    )
    parser.add_argument("--database", metavar="URL", help="of the cluster's coordinator; all nodes on this machine")
    parser.add_argument("--plain", metavar="URL", help="of PostgreSQL without the engine, on this machine too")
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--runs", type=int, default=5, help="rounds; the figures are their medians")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=64, help="of the closed loops")
    parser.add_argument("--processes", type=int, default=1, help="of each server")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _measure(asked: argparse.Namespace) -> Outcome:
    outcome = Outcome()
    nodes = await find_nodes(asked.database)
    outcome.nodes = len(nodes) + 1
    await _count_tasks(asked.database, outcome)
    size = (asked.members, asked.connections, asked.processes, asked.seed)
    async with (
        opened_side("database", asked.database, *size) as cluster,
        opened_side("plain", asked.plain, *size) as plain,
    ):
        outcome.machine = await machine.describe(plain.town.connection)
        await _run_rounds([("cluster", cluster), ("plain", plain)], asked, outcome.rates)
        say("killing a node")
        await _break(cluster, nodes, asked.database, outcome)
        outcome.lost = await cluster.count_lost()
    return outcome


async def _count_tasks(dsn: str, outcome: Outcome) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        outcome.tasks = await count_tasks(connection)
    finally:
        await connection.close()


async def _run_rounds(sides: Sequence[tuple[str, Side]], asked: argparse.Namespace, rates: Sheet) -> None:
    say("warming up")
    for _, side in sides:
        await side.locate(Sheet(), _WARM_UP_S)
        await side.scan(Sheet(), _WARM_UP_S)
    for number in range(asked.runs):
        say(f"round {number + 1} of {asked.runs}")
        for name, side in sides if number % 2 == 0 else reversed(sides):
            rates.add(f"{name} locate", await side.locate(rates, asked.seconds))
            rates.add(f"{name} scan", await side.scan(rates, asked.seconds))


async def _break(cluster: Side, nodes: Sequence[Node], dsn: str, outcome: Outcome) -> None:
    first, second, *_ = nodes
    outcome.recovered_s = await kill_and_recover(cluster, first, outcome.drill)
    say("moving shards")
    moved = await rebalance_under_load(cluster, dsn, first, second, Sheet())
    outcome.failed_in_rebalance, outcome.rebalance_s = moved


def _report(outcome: Outcome, asked: argparse.Namespace) -> None:
    print(f"\n{outcome.nodes} nodes, {asked.members:,} members; {asked.runs} rounds of {asked.seconds:g} s;")
    print("load, servers and all databases share its CPUs.\n" + machine.one_line(outcome.machine) + "\n")
    for name in ("locate", "scan"):
        for side in ("cluster", "plain"):
            print(f"{side + ' ' + name:<20}{Spread.over(outcome.rates.samples[f'{side} {name}'])} /s")
        print(f"{name + ' ratio':<20}{outcome.ratio(name) or 'none: the cluster took none'}")
    tasks = outcome.tasks
    print(f"\nqueries planned {tasks.planned}, that ask several shards {len(tasks.fan_outs)}, ", end="")
    print(f"that ask more than their word says {len(tasks.wrong)}, refused {len(tasks.refused)}")
    print(f"a node killed: lost {outcome.lost}, refused {len(outcome.drill.refused)}, ", end="")
    print(f"of these not 503 {len(outcome.unlike_503)}, all taken {outcome.recovered_s:.1f} s after it was back")
    print(f"shards moved in {outcome.rebalance_s:.1f} s: refused meanwhile {outcome.failed_in_rebalance}")
    for answer in dict.fromkeys(outcome.unlike_503[:3] + outcome.rates.refused[:1]):
        print(f"such as {answer!r}")


def _as_json(outcome: Outcome) -> dict[str, object]:
    ratios = {name: outcome.ratio(name) for name in ("locate", "scan")}
    return {
        "nodes": outcome.nodes,
        **{f"{name}_ratio": None if ratio is None else ratio.median for name, ratio in ratios.items()},
        "fan_outs": len(outcome.tasks.fan_outs),
        "wrong_words": outcome.tasks.wrong,
        "refused_queries": outcome.tasks.refused,
        "lost": outcome.lost,
        "refused_not_503": len(outcome.unlike_503),
        "failed_in_rebalance": outcome.failed_in_rebalance,
        "recovered_s": outcome.recovered_s,
        "machine": outcome.machine,
    }
