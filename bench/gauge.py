"""Measures the contenders of one town: how much they take, and how long they take at a given rate."""

import time
from collections.abc import Awaitable, Mapping
from itertools import cycle

from bench import machine
from bench.answers import expect_http
from bench.client import Run
from bench.contenders import CEILING, LOCATE, Contender, Served
from bench.figures import Measurement
from bench.load import run_load
from bench.pace import run_paced
from bench.posts import Posts
from bench.town import Town

# Posts to Noren are each made for it alone, enough of them for half more than its best rate so far.
_HEADROOM = 1.5
_FIRST_RATE = {1: 6_000.0, 100: 500.0}
# The others look at no clock: they get the same posts again and again.
_REUSED_POSTS = {1: 20_000, 100: 1_000}


class Gauge:
    def __init__(self, servers: Mapping[Contender, Served], town: Town, connections: int) -> None:
        self._servers, self._town, self._connections = servers, town, connections
        self._best_rate = dict(_FIRST_RATE)
        self._reused: dict[int, Posts] = {}

    async def saturate(self, contender: Contender, fixes: int, seconds: float) -> Measurement:
        """As many posts as it takes, in a closed loop."""
        if contender is LOCATE:
            return await self.saturate_locate(self.write_posts(fixes, seconds), seconds)
        posts = self._posts_again(fixes, seconds)
        judge = expect_http(b'{"accepted":1,') if contender is CEILING else posts.judge
        address = self._servers[contender].address
        load = run_load(address, cycle(posts.requests), judge, seconds, connections=self._connections)
        return await self._measure(contender, load)

    def write_posts(self, fixes: int, seconds: float) -> Posts:
        """New ones, enough for so long."""
        return self._town.phones.write_posts(int(self._best_rate[fixes] * seconds * _HEADROOM), fixes)

    async def saturate_locate(self, posts: Posts, seconds: float) -> Measurement:
        address = self._servers[LOCATE].address
        load = run_load(address, posts.requests, posts.judge, seconds, connections=self._connections)
        measured = await self._measure(LOCATE, load)
        self._town.ledger.note(posts, measured.run)
        self._best_rate[posts.fixes] = max(self._best_rate[posts.fixes], measured.run.posts_per_s)
        return measured

    async def pace_locate(self, posts_per_s: float, seconds: float) -> Measurement:
        """One-fix posts at that rate, in an open loop."""
        posts = self._town.phones.write_posts(max(1, int(posts_per_s * seconds)), 1)
        load = run_paced(self._servers[LOCATE].address, posts.requests, posts.judge, posts_per_s)
        measured = await self._measure(LOCATE, load)
        self._town.ledger.note(posts, measured.run)
        return measured

    def resident_mb(self) -> float:
        return self._servers[LOCATE].resident_mb()

    async def _measure(self, contender: Contender, load: Awaitable[Run]) -> Measurement:
        return await measure_load(self._servers[contender], load)

    def _posts_again(self, fixes: int, seconds: float) -> Posts:
        if fixes not in self._reused:
            count = int(_REUSED_POSTS[fixes] * min(1.0, seconds))
            self._reused[fixes] = self._town.phones.write_posts(count, fixes)
        return self._reused[fixes]


async def measure_load(server: Served, load: Awaitable[Run]) -> Measurement:
    other_cpus, server_cpu_before_s, own_cpu_before_s = (
        await machine.sample_busy_cpus(),
        server.cpu_s(),
        time.process_time(),
    )
    run = await load
    load_cpus = (time.process_time() - own_cpu_before_s) / run.seconds
    return Measurement(run, server.cpu_s() - server_cpu_before_s, other_cpus, load_cpus)
