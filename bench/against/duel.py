"""`./run bench geo --against CHECKOUT`, and `scan`: rounds of both checkouts in turn, and the ratios of neighbours.

Each checkout runs its own bench with its own environment and its own PostgreSQL. While one has its turn, the other one
waits before its next round: its servers and its database are idle.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.against.figures import MILLION, TARGETS, Pair, both_sides, compare
from bench.against.side import Side, running
from bench.targets import median_of, tabulate, tabulate_rest
from devtools.apt import SetupError, say
from devtools.bootstrap import ROOT


def compare_geo(other: Path, arguments: Sequence[str], *, million: int, with_json: bool) -> int:
    """The parts that both have, then the load of very many fences, then our own stalls. Raises SetupError."""
    parts = ("--only", "inside", "short", "long")
    pairs = _measure(other, "geo", [*arguments, *parts])
    inside = ("--only", "inside", "--fences", str(million), "--devices", "1000", "--seconds", "1", "--runs", "3")
    pairs += [Pair(MILLION, pair.ours, pair.theirs) for pair in _measure(other, "geo", inside)]
    pairs.append(Pair("edits", _measure_stalls(), {}))
    pairs.append(Pair("campaigns", _measure_campaigns(), {}))
    return _report(pairs, with_json=with_json)


def compare_scan(other: Path, arguments: Sequence[str], *, with_json: bool) -> int:
    """Raises SetupError."""
    return _report(_measure(other, "scan", arguments), with_json=with_json)


def write_arguments(size: object) -> list[str]:
    """The command line that means it: a dataclass whose fields have the names of the options."""
    return [word for name, value in vars(size).items() for word in (f"--{name.replace('_', '-')}", str(value))]


def _measure(other: Path, name: str, arguments: Sequence[str]) -> list[Pair]:
    with ExitStack() as stack:
        ours = stack.enter_context(running(ROOT, name, arguments))
        theirs = stack.enter_context(running(other.resolve(), name, arguments))
        return asyncio.run(_take_turns(ours, theirs))


async def _take_turns(ours: Side, theirs: Side) -> list[Pair]:
    """Every other pair begins with the other side."""
    pairs: list[Pair] = []
    while ours.part is not None:
        if ours.part != theirs.part:
            raise SetupError(f"the two benches differ: {ours.part} beside {theirs.part}")
        say(f"in turn: {ours.part}")
        if len(pairs) % 2 == 0:
            our_turn, their_turn = await ours.take_turn(), await theirs.take_turn()
        else:
            their_turn, our_turn = await theirs.take_turn(), await ours.take_turn()
        if our_turn.counts:
            pairs.append(Pair(our_turn.part, our_turn.samples, their_turn.samples))
    return pairs


def _measure_stalls() -> dict[str, float]:
    """Ours alone: how long the loop of either process stands still by its own work while fences are edited."""
    stage = _run_own("edits", "--edits-per-s", "80")["stages"]["posts, edits"]
    return {"own_ms": max(stage["first_own_ms"], stage["second_own_ms"])}


def _measure_campaigns() -> dict[str, float]:
    """Ours alone too: 2318185 has no audiences."""
    measured: dict[str, float] = _run_own("campaigns")
    return measured


def _run_own(name: str, *arguments: str) -> Any:
    """What our bench of that name ends with."""
    say(f"ours alone: {name}")
    command = [sys.executable, "-P", "-m", "bench", name, *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SetupError(f"the bench '{name}' failed")
    return json.loads(done.stdout.splitlines()[-1])


def _report(pairs: Sequence[Pair], *, with_json: bool) -> int:
    samples = compare(pairs)
    print("\nours by theirs; median (least-most) of the ratios of neighbouring rounds\n")
    print("\n".join(tabulate(samples, TARGETS)) + "\n")
    print("\n".join(tabulate_rest(both_sides(pairs), TARGETS)))
    if with_json:
        print(json.dumps({target.name: median_of(samples, target.name) for target in TARGETS}))
    return 0
