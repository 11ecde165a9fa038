"""`./run bench locate`: the hot route beside less and beside more, in one run, on the same city.

Each round measures every contender once with 1 fix a post and once with 100, one after another, each round beginning
with another contender. What Noren acknowledged is held against the database at the end.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import asyncpg
import numpy as np
import uvloop

from bench import machine, naive
from bench.city import make_fences, make_walkers
from bench.contenders import CEILING, CONTENDERS, LOCATE, Contender, Served, serving
from bench.figures import CEILING_MARGIN, Figures, Measurement
from bench.ledger import Audit, Ledger
from bench.load import CONNECTIONS, BrokenLoad, run_load
from bench.population import QUERIES, populate
from bench.posts import Phones, Posts
from devtools import template_database
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer, drop_database
from devtools.private_database import private_database
from kit.clock import utc_now
from server.tokens import write_token

SIZES = (1, 100)
# The phones' clocks begin that long ago and run 20 s a fix, so that no fix is of the future.
_CLOCKS_BEGIN_S = 60 * 86_400
_WARM_UP_S = 2.0
# Posts to Noren are each made for it alone, enough of them for half more than its best rate so far.
_HEADROOM = 1.5
_FIRST_RATE = {1: 6_000.0, 100: 500.0}
# The others look at no clock: they get the same posts again and again.
_REUSED_POSTS = {1: 20_000, 100: 1_000}


@dataclass(frozen=True)
class Size:
    fences: int
    devices: int
    seconds: float
    runs: int
    seed: int


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
        name = uvloop.run(_make_database(server))
        try:
            outcome = uvloop.run(_measure(server.url(name), size))
        except BrokenLoad as error:
            raise SetupError(f"the run broke off: {error}") from error
        finally:
            uvloop.run(drop_database(server, name))
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
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _make_database(server: DatabaseServer) -> str:
    return await template_database.clone(server, await template_database.ensure_template(server))


async def _measure(dsn: str, size: Size) -> Outcome:
    rng = np.random.default_rng(size.seed)
    fences = make_fences(size.fences, rng)
    walkers = make_walkers(size.devices, fences, rng)
    connection = await asyncpg.connect(dsn)
    say(f"a city of {size.fences} fences and {size.devices} devices")
    now = utc_now()
    tokens = await populate(connection, fences, size.devices, now)
    await naive.prepare(connection)
    texts = [write_token(token) for token in tokens]
    phones = Phones(walkers, fences, texts, int(now.timestamp()) - _CLOCKS_BEGIN_S, rng)
    ledger = Ledger([token.device_id for token in tokens])
    with serving(CONTENDERS, dsn) as servers:
        figures = await _Rounds(servers, phones, ledger, size).run()
    rows = await connection.fetch(QUERIES.read_presences)
    audit = ledger.audit((row["device_id"], row["version"], row["watermark_s"]) for row in rows)
    transitions = await connection.fetchval(QUERIES.count_transitions)
    outcome = Outcome(await machine.describe(connection), figures, audit, transitions)
    await connection.close()
    return outcome


class _Rounds:
    def __init__(self, servers: Mapping[Contender, Served], phones: Phones, ledger: Ledger, size: Size) -> None:
        self._servers, self._phones, self._ledger, self._size = servers, phones, ledger, size
        self._best_rate = dict(_FIRST_RATE)
        self._reused = {fixes: phones.write_posts(_REUSED_POSTS[fixes], fixes) for fixes in SIZES}

    async def run(self) -> Figures:
        warm_up, figures = Figures(SIZES), Figures(SIZES)
        say("warming up")
        await self._run_round(warm_up, CONTENDERS, min(_WARM_UP_S, self._size.seconds))
        for number in range(self._size.runs):
            say(f"round {number + 1} of {self._size.runs}")
            first = number % len(CONTENDERS)
            await self._run_round(figures, CONTENDERS[first:] + CONTENDERS[:first], self._size.seconds)
        return figures

    async def _run_round(self, figures: Figures, contenders: Sequence[Contender], seconds: float) -> None:
        for fixes in SIZES:
            for contender in contenders:
                figures.add(contender, fixes, await self._measure(contender, fixes, seconds))

    async def _measure(self, contender: Contender, fixes: int, seconds: float) -> Measurement:
        posts = self._reused[fixes] if contender is not LOCATE else self._write_fresh(fixes, seconds)
        requests = posts.requests if contender is LOCATE else cycle(posts.requests)
        answer_start = b'{"accepted":1,' if contender is CEILING else posts.answer_start
        server = self._servers[contender]
        other_cpus, cpu_before_s = await machine.sample_busy_cpus(), server.cpu_s()
        run = await run_load(server.port, requests, answer_start, seconds)
        if contender is LOCATE:
            self._ledger.note(posts, run)
            self._best_rate[fixes] = max(self._best_rate[fixes], run.posts_per_s)
        return Measurement(run, server.cpu_s() - cpu_before_s, other_cpus)

    def _write_fresh(self, fixes: int, seconds: float) -> Posts:
        return self._phones.write_posts(int(self._best_rate[fixes] * seconds * _HEADROOM), fixes)


def _report(outcome: Outcome, size: Size, *, with_json: bool) -> int:
    figures, audit = outcome.figures, outcome.audit
    print(
        f"\n{size.fences:,} fences, {size.devices:,} devices, seed {size.seed}; {CONNECTIONS} keep-alive connections,"
    )
    print(f"closed loop; median (least-most) of {size.runs} rounds of {size.seconds:g} s; latency from send to answer.")
    print("Load, server and database share the machine's CPUs; no campaign is active.\n")
    print(machine.one_line(outcome.machine) + "\n")
    print(f"CPUs that others kept busy just before each measurement: {figures.other_cpus()}\n")
    print("\n".join(figures.table()) + "\n")
    for near in figures.near_ceiling():
        print(f"{near} is within {CEILING_MARGIN} x of the load generator's ceiling: the generator holds it down")
    print(f"acknowledged posts {audit.acknowledged_posts:,}, swaps in the database {audit.held_posts:,},", end=" ")
    print(f"devices that differ {audit.wrong_devices}: {'nothing is lost' if audit.is_clean else 'NOT THE SAME'}")
    print(f"transitions recorded {outcome.transitions:,}")
    refusals = figures.refusals()
    if refusals:
        print(f"{len(refusals)} posts were not taken as they should, such as: {refusals[0]!r}")
    if with_json:
        print(json.dumps(_as_json(outcome, size, len(refusals))))
    return 0 if audit.is_clean and not refusals else 1


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
        "connections": CONNECTIONS,
        "machine": dict(outcome.machine),
    }
