"""`python -m bench.chaos_coupons.writer DSN GROUND HISTORY SEED`: one writer, until it is told to stop, or killed."""

import asyncio
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import uvloop

from bench.chaos_coupons.asking import PERIODS, Ground, issue, make_coupon, wish_of
from bench.chaos_coupons.counter import KEYRING, REFUSALS, Answer, Counter, Issued
from bench.chaos_coupons.history import Answered, Asked, Told
from coupons.coupon_codes import make_coupon_code
from kit.clock import utc_now
from kit.database import Connection, DatabaseUnavailable, Pool, in_transaction, open_pool
from kit.ids import new_id
from kit.sql import load_queries
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem

QUERIES = load_queries(__file__, "reading.sql")

LANES = 3
_BATCH = 150
_KNOWN = 3000
_USES = 40  # that follow each other, each a transaction of its own
_PAUSE_S = 0.2  # until the database is asked again that did not answer


class Writer:
    def __init__(self, pool: Pool, ground: Ground, log: IO[bytes], seed: int) -> None:
        self._pool, self._ground, self._log = pool, ground, log
        self._chance = random.Random(seed)
        self._issued: list[Issued] = []
        self.counter = Counter(pool, ground.town, self._chance, self.ask)
        self.stop = asyncio.Event()

    async def look_around(self, conn: Connection) -> None:
        """What others have issued is presented here too."""
        rows = await conn.fetch(QUERIES.list_last_coupons, _KNOWN)
        store_ids = self._ground.town.store_ids
        self._issued = [(row["member_id"], row["id"], store_ids.index(row["store_id"])) for row in rows]

    async def lane(self) -> None:
        while not self.stop.is_set():
            turn = self._chance.random() if len(self._issued) > _BATCH else 1.0
            if turn < 0.25:
                await self._redeem()
            elif turn < 0.5:
                for issued in self._chance.choices(self._issued[-_KNOWN:], k=_USES):
                    await self.counter.use(issued)
            else:
                await self._issue()

    async def _issue(self) -> None:
        chance, town = self._chance, self._ground.town
        coupons, wishes = [], []
        rules = chance.sample(self._ground.rules, 4)
        for _ in range(_BATCH):
            rule, store = chance.choice(rules), chance.randrange(len(town.store_ids))
            member, period = chance.randrange(len(town.member_ids)), chance.randrange(PERIODS)
            coupon = make_coupon(self._ground, rule, member, store, period)
            coupons.append(coupon)
            wishes.append(wish_of(coupon, rule))
        told = await self._try(
            Asked(str(new_id()), time.monotonic_ns(), wishes=wishes), partial(issue, coupons=coupons)
        )
        self._issued += [
            (coupon.member_id, coupon.id, town.store_ids.index(coupon.store_id))
            for coupon, each in zip(coupons, told, strict=True)
            if each == "issued" and coupon.store_id is not None
        ]

    async def _redeem(self) -> None:
        """Some of them a second time, soon or at once."""
        chosen = self._chance.choices(self._issued[-_KNOWN:], k=_BATCH)
        coupons, now = [str(coupon) for _, coupon, _ in chosen], utc_now()
        asked = Asked(str(new_id()), time.monotonic_ns(), coupons=coupons, now=now)
        commands = [
            RedeemCommand(self._ground.town.till(store), make_coupon_code(KEYRING, member, coupon), None, now)
            for member, coupon, store in chosen
        ]

        async def work(conn: Connection) -> list[Told]:
            answers = await redeem(conn, KEYRING, commands)
            return [_read_answer(answer) for answer in answers]

        await self._try(asked, work)

    async def _try(self, asked: Asked, work: Callable[[Connection], Awaitable[list[Told]]]) -> list[Told]:
        async def answer(conn: Connection) -> Answer:
            return Answer(await work(conn))

        unknown: list[Told] = ["unknown"] * (len(asked.wishes) + len(asked.coupons))
        return (await self.ask(asked, answer) or Answer(unknown)).told

    async def ask(self, asked: Asked, work: Callable[[Connection], Awaitable[Answer]]) -> Answer | None:
        """In a transaction, and between two lines of the history. None: whether it was committed is unknown."""
        self._write(asked)
        try:
            answer = await in_transaction(self._pool, work)
        except DatabaseUnavailable:
            answer = None
            await asyncio.sleep(_PAUSE_S)
        unknown: list[Told] = ["unknown"] * max(1, len(asked.wishes) + len(asked.coupons))
        told = answer or Answer(unknown)
        self._write(Answered(asked.batch, time.monotonic_ns(), told.told, told.reservation))
        return answer

    def _write(self, line: Asked | Answered) -> None:
        self._log.write(msgspec.json.encode(line) + b"\n")
        self._log.flush()


def _read_answer(answer: object) -> Told:
    if isinstance(answer, Problem):
        if answer.slug in REFUSALS:
            return "refused"
        raise answer
    return "redeemed"


async def _run(dsn: str, ground: Ground, log: IO[bytes], seed: int) -> None:
    pool = await _open(dsn)
    writer = Writer(pool, ground, log, seed)
    while True:
        try:
            await in_transaction(pool, writer.look_around)
            break
        except DatabaseUnavailable:
            await asyncio.sleep(_PAUSE_S)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, writer.stop.set)
    await asyncio.gather(*(writer.lane() for _ in range(LANES)))
    pool.terminate()


async def _open(dsn: str) -> Pool:
    while True:
        try:
            return await open_pool(dsn, min_size=0, max_size=LANES)
        except DatabaseUnavailable:  # it has just been killed
            await asyncio.sleep(_PAUSE_S)


def main(arguments: Sequence[str]) -> None:
    dsn, place, history, seed = arguments
    ground = msgspec.json.decode(Path(place).read_bytes(), type=Ground)
    with Path(history).open("ab") as log:
        uvloop.run(_run(dsn, ground, log, int(seed)))


if __name__ == "__main__":
    main(sys.argv[1:])
