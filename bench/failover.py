"""`./run bench failover`: the primary is lost while people walk in, scan and pay, and its standby takes over.

Three times, each with a primary and a streaming standby of its own. The shoppers and the checker are those of `chaos`:
what was acknowledged before is looked for in the database that the standby has become.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import msgspec

from bench.chaos.actors import People
from bench.chaos.checker import Verdict, judge
from bench.chaos.history import History
from bench.chaos.reading import finish_erasures, read_held
from bench.chaos.servers import served
from bench.chaos.street import open_street
from devtools.apt import say
from devtools.own_cluster import OwnCluster, own_cluster
from devtools.standby import Standby, be_synchronous, halt_replication, standby_of, url_of_both


class Case(msgspec.Struct, frozen=True):
    """`behind_s`: for how long the standby was given nothing, as on a slow line. `is_silent`: the primary does not die,
    but answers nothing any more, as behind a network that is cut.
    """

    is_synchronous: bool
    is_silent: bool = False
    behind_s: float = 0.0


CASES: Mapping[str, Case] = {
    "synchronous, killed": Case(is_synchronous=True),
    "synchronous, silent": Case(is_synchronous=True, is_silent=True),
    "asynchronous, killed": Case(is_synchronous=False, behind_s=1.0),
}


class Outcome(msgspec.Struct, frozen=True):
    """`standing_s`: from the loss to the first that was done again. `promoted_s`: what of it the promotion took."""

    verdict: Verdict
    standing_s: float
    promoted_s: float


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    outcomes = {}
    for name, case in CASES.items():
        say(f"failover: {name}")
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="noren-failover-"))
            primary = stack.enter_context(own_cluster())
            standby = stack.enter_context(standby_of(primary))
            outcomes[name] = asyncio.run(_lose(primary, standby, case, asked, Path(folder) / "log"))
    figures = {name: _figures(outcome) for name, outcome in outcomes.items()}
    for name, row in figures.items():
        print(f"{name:<24}{'  '.join(f'{what} {value}' for what, value in row.items())}")
    if asked.json:
        print(json.dumps(figures))
    return 0 if all(_is_kept(outcomes[name].verdict, case) for name, case in CASES.items()) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench failover", description="A standby takes over under load.")
    parser.add_argument("--seconds", type=float, default=20.0, help="before the primary is lost, and again after it")
    parser.add_argument("--people", type=int, default=16, help="at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _lose(primary: OwnCluster, standby: Standby, case: Case, asked: argparse.Namespace, log: Path) -> Outcome:
    if case.is_synchronous:
        await be_synchronous(primary)
    history, stop = History(), asyncio.Event()
    async with served(url_of_both(primary, standby), log) as servers:
        street = await open_street(primary.dsn, servers.doors)
        crowd = asyncio.create_task(People(street, history, random.Random(asked.seed), stop).crowd(asked.people))
        await asyncio.wait({crowd}, timeout=asked.seconds)
        lost_s = time.monotonic()
        await _take_away(primary, standby, case)
        promoted_s = time.monotonic()
        await asyncio.wait({crowd}, timeout=asked.seconds)
        await servers.wait_until_ready()
        stop.set()
        await crowd
        verdict = await _judge(standby, history)
        if case.is_silent:
            await asyncio.to_thread(primary.crash)
    first_s = min(each.ended_s for each in history.answered if each.is_done and each.ended_s > promoted_s)
    return Outcome(verdict, first_s - lost_s, promoted_s - lost_s)


async def _take_away(primary: OwnCluster, standby: Standby, case: Case) -> None:
    if case.behind_s:
        await halt_replication(primary)
        await asyncio.sleep(case.behind_s)
    if case.is_silent:
        primary.freeze()
    else:
        await asyncio.to_thread(primary.crash)
    await asyncio.to_thread(standby.promote)


async def _judge(standby: Standby, history: History) -> Verdict:
    connection = await asyncpg.connect(standby.dsn)
    try:
        await finish_erasures(connection)
        return judge(history, await read_held(connection))
    finally:
        await connection.close()


def _is_kept(verdict: Verdict, case: Case) -> bool:
    """Without a synchronous standby nothing is promised of the last moment, and it is told what was lost."""
    return verdict.is_clean if case.is_synchronous else not verdict.unexpected_500


def _figures(outcome: Outcome) -> dict[str, float]:
    judged = msgspec.structs.asdict(outcome.verdict)
    return {
        **{name: judged[name] for name in ("operations", "lost", "doubled", "unexpected_500")},
        "standing_s": round(outcome.standing_s, 2),
        "promoted_s": round(outcome.promoted_s, 2),
    }
