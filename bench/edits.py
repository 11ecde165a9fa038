"""`./run bench edits`: fences edited under load: when does another process serve them, and who stands still meanwhile?

Two processes serve the API and take posts at a fixed rate. Through the first one fences are drawn, redrawn and removed;
a phone asks the second one until it serves the edit. A heartbeat in the loop of each tells its longest stall.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median

import asyncpg
import httpx
import numpy as np
import uvloop

from bench import machine
from bench.city import make_fences, make_walkers
from bench.contenders import Contender, Served, serving
from bench.editing import Door, Editor, Phone, open_session, probe
from bench.population import QUERIES, populate
from bench.posts import Phones
from bench.pulse import WRITTEN_EVERY_S, NewBase, Stall, read_pulse
from bench.steady import Posted, steady_load
from devtools import template_database
from devtools.apt import say
from devtools.database_server import DatabaseServer, drop_database
from devtools.plain_http import TRUSTS_NOBODY
from devtools.private_database import private_database
from kit.clock import utc_now
from server.web.tokens import write_token

FIRST = Contender("first", "takes the edits", "bench.pulse")
SECOND = Contender("second", "is asked for them", "bench.pulse")
_CLOCKS_BEGIN_S = 60 * 86_400
_HEADROOM = 1.2
_EDITORS = 8


@dataclass(frozen=True)
class Size:
    fences: int
    devices: int
    seconds: float
    posts_per_s: float
    edits_per_s: float
    seed: int


@dataclass(frozen=True)
class Stage:
    """What goes on in a part of the run. `cuts`: before each probe all connections to the database are killed."""

    name: str
    posts: bool = False
    edits: bool = False
    cuts: bool = False


STAGES = (
    Stage("at rest"),
    Stage("posts", posts=True),
    Stage("posts, edits", posts=True, edits=True),
    Stage("posts, connections killed", posts=True, cuts=True),
)
# A process does much for the first time with its first requests.
_WARM_UP, _WARM_UP_S = Stage("warming up", posts=True, edits=True), 3.0


@dataclass(frozen=True)
class Beats:
    """Of one process in one stage: the longest stall, and the most that the process itself was running in one."""

    stall_ms: float
    own_ms: float
    new_bases: int


@dataclass(frozen=True)
class Result:
    stage: Stage
    seconds: float
    edits: int
    seen_s: Sequence[float]
    posts: Posted
    beats: Mapping[Contender, Beats]


def main(arguments: Sequence[str]) -> int:
    asked = vars(_parser().parse_args(arguments))
    with_json = asked.pop("json")
    size = Size(**asked)
    os.environ["NOREN_LOG_LEVEL"] = "error"  # a line a request would be part of what is measured
    with private_database("bench") as server:
        name = uvloop.run(_make_database(server))
        try:
            described, results = uvloop.run(_measure(server.url(name), size))
        finally:
            uvloop.run(drop_database(server, name))
    _report(described, results, size)
    if with_json:
        print(json.dumps(_as_json(described, results, size)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench edits", description="Fences edited while fixes come in.")
    parser.add_argument("--fences", type=int, default=100_000)
    parser.add_argument("--devices", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=25.0, help="of each stage")
    parser.add_argument("--posts-per-s", type=float, default=200.0, help="one-fix posts to each of the two processes")
    parser.add_argument("--edits-per-s", type=float, default=50.0, help="besides those that are followed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _make_database(server: DatabaseServer) -> str:
    return await template_database.clone(server, await template_database.ensure_template(server))


async def _measure(dsn: str, size: Size) -> tuple[dict[str, str], list[Result]]:
    rng = np.random.default_rng(size.seed)
    fences = make_fences(size.fences, rng)
    walkers = make_walkers(size.devices, fences, rng)
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "bench"})
    say(f"a city of {size.fences} fences and {size.devices} devices")
    now = utc_now()
    tokens = [write_token(token) for token in await populate(connection, fences, size.devices, now)]
    phones = Phones(walkers, fences, tokens, int(now.timestamp()) - _CLOCKS_BEGIN_S, rng)
    rows = await connection.fetch(QUERIES.read_circles)
    doors = [Door(row["id"], row["store_id"], row["lat"], row["lon"]) for row in rows]
    owner = await open_session(connection, rows[0]["program_id"])
    with serving((FIRST, SECOND), dsn, processes=1) as servers:
        async with _client(servers[FIRST], owner) as editing, _client(servers[SECOND], tokens[0]) as asking:
            run = _Run(connection, servers, phones, doors, Editor(editing, size.seed), Phone(asking), size)
            await run.measure(_WARM_UP, min(_WARM_UP_S, size.seconds))
            results = [await run.measure(stage, size.seconds) for stage in STAGES]
    described = await machine.describe(connection)
    await connection.close()
    return described, results


def _client(served: Served, token: str) -> httpx.AsyncClient:
    url, headers = f"http://127.0.0.1:{served.port}", {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=30, verify=TRUSTS_NOBODY, trust_env=False)


@dataclass(frozen=True)
class _Run:
    connection: "asyncpg.Connection[asyncpg.Record]"
    servers: Mapping[Contender, Served]
    phones: Phones
    doors: Sequence[Door]
    editor: Editor
    phone: Phone
    size: Size

    async def measure(self, stage: Stage, seconds: float) -> Result:
        say(stage.name)
        written = self.phones.write_posts(int(2 * self.size.posts_per_s * seconds * _HEADROOM), 1)
        posts, edits_before, began_s = Posted(), self.editor.done, time.monotonic()
        requests = iter(written.requests) if stage.posts else iter(())
        async with self._loaded(requests, posts), self._edited(stage):
            seen_s = await self._probe_until(began_s + seconds, stage)
        ended_s = time.monotonic()
        await asyncio.sleep(2 * WRITTEN_EVERY_S)
        beats = {each: _hear(served.pids[0], began_s, ended_s) for each, served in self.servers.items()}
        return Result(stage, ended_s - began_s, self.editor.done - edits_before, seen_s, posts, beats)

    @asynccontextmanager
    async def _loaded(self, requests: Iterator[bytes], posts: Posted) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for served in self.servers.values():
                await stack.enter_async_context(steady_load(served.port, requests, self.size.posts_per_s, posts))
            yield

    @asynccontextmanager
    async def _edited(self, stage: Stage) -> AsyncIterator[None]:
        if not stage.edits:
            yield
            return
        pace = self.size.edits_per_s / _EDITORS
        churning = [asyncio.create_task(self.editor.churn(self.doors, pace)) for _ in range(_EDITORS)]
        try:
            yield
        finally:
            for task in churning:
                task.cancel()
            outcomes = await asyncio.gather(*churning, return_exceptions=True)
        if failures := [each for each in outcomes if isinstance(each, Exception)]:
            raise failures[0]

    async def _probe_until(self, end_s: float, stage: Stage) -> list[float]:
        seen_s: list[float] = []
        while time.monotonic() < end_s:
            if stage.cuts:
                await self.connection.execute(QUERIES.kill_connections)
            if stage.edits or stage.cuts:
                door = self.doors[len(seen_s) * 7919 % len(self.doors)]
                seen_s += await probe(self.editor, self.phone, door)
            else:
                await asyncio.sleep(0.1)
        return seen_s


def _hear(pid: int, began_s: float, ended_s: float) -> Beats:
    told = [each for each in read_pulse(pid) if began_s <= each.at_s <= ended_s]
    stalls = [each for each in told if isinstance(each, Stall)]
    return Beats(
        max((each.late_s for each in stalls), default=0.0) * 1000,
        max((each.cpu_s for each in stalls), default=0.0) * 1000,
        sum(isinstance(each, NewBase) for each in told),
    )


def _report(described: Mapping[str, str], results: Sequence[Result], size: Size) -> None:
    print(f"\n{size.fences:,} fences, {size.posts_per_s:g} one-fix posts/s to each of two processes, seed {size.seed};")
    print(f"{size.seconds:g} s a stage. Load, servers and database share the machine's CPUs.\n")
    print(machine.one_line(described) + "\n")
    print(f"{'':<27}{'edits/s':>8}{'seen after s (most)':>21}{'stall ms (own): first':>25}{'second':>16}  new bases")
    for result in results:
        seen = f"{median(result.seen_s):.2f} ({max(result.seen_s):.2f})" if result.seen_s else "-"
        first, second = (result.beats[each] for each in (FIRST, SECOND))
        print(
            f"{result.stage.name:<27}{result.edits / result.seconds:>8.1f}{seen:>21}"
            f"{f'{first.stall_ms:.1f} ({first.own_ms:.1f})':>25}{f'{second.stall_ms:.1f} ({second.own_ms:.1f})':>16}"
            f"  {first.new_bases} + {second.new_bases}"
        )
    print(
        "\nseen: from the answer to an edit until the second process serves it. own: what the process itself ran of it;"
    )
    print("the rest others took. Posts that were not taken:", end=" ")
    print(
        ", ".join(
            f"{len(r.posts.refused)} of {len(r.posts.latencies_s)} ({r.stage.name})" for r in results if r.stage.posts
        )
    )


def _as_json(described: Mapping[str, str], results: Sequence[Result], size: Size) -> dict[str, object]:
    stages = {
        result.stage.name: {
            "edits": result.edits,
            "edits_per_s": round(result.edits / result.seconds, 1),
            "seen_s_median": round(median(result.seen_s), 3) if result.seen_s else None,
            "seen_s_max": round(max(result.seen_s), 3) if result.seen_s else None,
            "posts": len(result.posts.latencies_s),
            "posts_refused": len(result.posts.refused),
            **{
                f"{contender.name}_{name}": round(value, 1)
                for contender, beats in result.beats.items()
                for name, value in vars(beats).items()
            },
        }
        for result in results
    }
    return {"stages": stages, "fences": size.fences, "seconds": size.seconds, "machine": dict(described)}
