"""`./run bench chaos-coupons`: coupons issued, reserved, redeemed and given back by several processes, while what
serves them is killed.

What was asked and told is written down, and held against the database at the end by a checker that knows only the two.
Then all that is left of every cap is asked for: nothing may be stranded.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import asyncpg
import msgspec

from bench.chaos_coupons.aftermath import STORES, ask_for_the_rest, ask_for_the_unused, find_unused, read_held
from bench.chaos_coupons.asking import PERIODS, Ground, Rule
from bench.chaos_coupons.checker import Caps, Verdict, judge
from bench.chaos_coupons.history import read_history
from bench.coupon_town import found_town, write_campaign
from coupons.redemptions.benefits import AmountOff, Grant
from coupons.redemptions.conditions import Conditions
from devtools.apt import say
from devtools.own_cluster import OwnCluster, own_cluster
from kit.database import close_pool, open_pool

_DAY_S = 86_400
# What one pair of a member and a day of a campaign is attempted on the average: half of the attempts are duplicates.
_TIMES = 2
_GRANT = Grant(benefit=AmountOff(100), conditions=Conditions(company="any"), uses=1)
_LOOK_EVERY_S = 0.05
_PROGRESS = 600  # attempts between two kills, at least


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    say(f"chaos-coupons with the seed {seed}")
    with own_cluster() as cluster, tempfile.TemporaryDirectory(prefix="noren-chaos-") as folder:
        kills, verdict = asyncio.run(_Run(cluster, Path(folder), asked, seed).judged())
    attempts, *rest = msgspec.structs.asdict(verdict).items()
    figures = dict([attempts, ("kills", kills), *rest])
    for name, figure in figures.items():
        print(f"{name:<22}{figure:>10,}")
    if asked.json:
        print(json.dumps({**figures, "seed": seed}))
    return 0 if verdict.is_clean else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench chaos-coupons", description="Coupons, while writers and the database are killed."
    )
    parser.add_argument("--attempts", type=int, default=1_000_000, help="to issue or redeem a coupon, answered")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which it ends with fewer attempts")
    parser.add_argument("--seed", type=int, help="of what is asked and what is killed; drawn and told by default")
    parser.add_argument("--writers", type=int, default=4, help="processes")
    parser.add_argument("--calm-s", type=float, default=2.0, help="between two kills, on the average")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


def _is_answer(line: bytes) -> bool:
    return line.startswith(b'{"type":"answered"') and b'"unknown"' not in line


def draw_rules(chance: random.Random, number: int, keys: int) -> list[dict[str, int | float]]:
    """Caps of which some are reached soon, some late and some never; `keys`: how many coupons one could issue."""
    kinds: list[dict[str, int | float]] = [
        {},
        {"cap": chance.randint(1, keys)},
        {"cap": chance.randint(1, keys), "store_cap": chance.randint(1, keys // STORES)},
        {"day_cap": chance.randint(1, keys // PERIODS), "store_day_cap": chance.randint(1, keys // PERIODS // STORES)},
        {"cap": chance.randint(1, keys), "distance_s": 1.5 * _DAY_S},
        {"cap": keys // 2, "store_cap": keys // 8, "day_cap": keys // 6, "store_day_cap": keys // 20},
    ]
    return [{**kinds[each % len(kinds)]} for each in range(number)]


class _Run:
    def __init__(self, cluster: OwnCluster, folder: Path, asked: argparse.Namespace, seed: int) -> None:
        self._cluster, self._folder, self._asked = cluster, folder, asked
        self._chance = random.Random(seed)
        self._writers: list[subprocess.Popen[bytes]] = []
        self._started = 0
        self._writing: list[Path] = []  # by the number of the writer
        self._logs: dict[Path, IO[bytes]] = {}
        self._answered = 0

    async def judged(self) -> tuple[int, Verdict]:
        """How many were killed, and what the checker found."""
        ground = await self._found()
        self._writing = [self._next_log() for _ in range(self._asked.writers)]
        self._writers = [self._start(path) for path in self._writing]
        try:
            kills = await self._break_until_enough()
        finally:
            for writer in self._writers:
                writer.terminate()
            for writer in self._writers:
                await asyncio.to_thread(writer.wait)
        distances = {str(rule.id): rule.distance_s for rule in ground.rules}
        caps = {
            str(rule.id): Caps(total=rule.cap, store=rule.store_cap, day=rule.day_cap, store_day=rule.store_day_cap)
            for rule in ground.rules
        }
        connection = await asyncpg.connect(self._cluster.dsn)
        held = await read_held(connection, distances)
        await connection.close()
        pool = await open_pool(self._cluster.dsn)
        rest = await ask_for_the_rest(pool, ground)
        history = read_history(self._folder)
        unused = await ask_for_the_unused(pool, ground.town, find_unused(history, held))
        await close_pool(pool)
        return kills, judge(history, held, caps, rest, unused)

    async def _found(self) -> Ground:
        """Members and campaigns enough for the attempts."""
        campaigns = max(6, min(48, self._asked.attempts // 5_000))
        keys = max(40, self._asked.attempts // campaigns // _TIMES)
        connection = await asyncpg.connect(self._cluster.dsn)
        async with connection.transaction():
            town = await found_town(connection, keys // PERIODS, STORES)
            rules = []
            for limits in draw_rules(self._chance, campaigns, keys):
                caps = {name: limit for name, limit in limits.items() if name != "distance_s"}
                campaign = await write_campaign(connection, town, grant=_GRANT, **caps)
                rules.append(Rule(id=campaign.id, **limits))  # type: ignore[arg-type]
        await connection.execute("ANALYZE")
        await connection.close()
        ground = Ground(town, rules)
        (self._folder / "ground.json").write_bytes(msgspec.json.encode(ground))
        return ground

    def _next_log(self) -> Path:
        self._started += 1
        path = self._folder / f"{self._started:05}.jsonl"
        path.touch()
        self._logs[path] = path.open("rb")
        return path

    def _start(self, log: Path) -> "subprocess.Popen[bytes]":
        command = (
            *("-P", "-m", "bench.chaos_coupons.writer", self._cluster.dsn, str(self._folder / "ground.json")),
            *(str(log), str(self._chance.randrange(2**31))),
        )
        return subprocess.Popen([sys.executable, *command], stdin=subprocess.DEVNULL, start_new_session=True)

    async def _break_until_enough(self) -> int:
        kills, answered, loop = 0, 0, asyncio.get_running_loop()
        next_at, ends_at = loop.time() + self._asked.calm_s, loop.time() + 60 * self._asked.minutes
        while self._count_answered() < self._asked.attempts and loop.time() < ends_at:
            # Who is killed before anything was done breaks nothing.
            if loop.time() >= next_at and self._answered > answered + _PROGRESS:
                await self._strike()
                kills, answered = kills + 1, self._answered
                next_at = loop.time() + self._asked.calm_s * self._chance.uniform(0.3, 1.7)
            for number, writer in enumerate(self._writers):
                if writer.poll() is not None:
                    raise RuntimeError(f"writer {number} ended by itself")
            await asyncio.sleep(_LOOK_EVERY_S)
        return kills

    async def _strike(self) -> None:
        """A writer mostly, sometimes all of PostgreSQL at once."""
        if self._chance.random() < 0.2:
            await asyncio.to_thread(self._cluster.crash)
            await asyncio.sleep(self._chance.uniform(0, 0.5))
            await asyncio.to_thread(self._cluster.start)
            return
        number = self._chance.randrange(len(self._writers))
        self._writers[number].kill()
        await asyncio.to_thread(self._writers[number].wait)
        self._writing[number] = self._next_log()
        self._writers[number] = self._start(self._writing[number])

    def _count_answered(self) -> int:
        """Roughly: by the lines that have been written since the last look. What a writer that was killed has left is
        read once more: a long run has hundreds of them.
        """
        for path, log in list(self._logs.items()):
            is_over = path not in self._writing
            lines = log.read().split(b"\n")
            log.seek(-len(lines[-1]), os.SEEK_CUR)
            self._answered += sum(line.count(b",") - 2 for line in lines[:-1] if _is_answer(line))
            if is_over:
                self._logs.pop(path).close()
        return self._answered
