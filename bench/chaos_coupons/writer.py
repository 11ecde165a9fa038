"""`python -m bench.chaos_coupons.writer DSN GROUND HISTORY SEED`: one writer, until it is told to stop, or killed."""

import asyncio
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import uvloop

from bench.chaos_coupons.asking import PERIODS, Ground, issue, make_coupon, wish_of
from bench.chaos_coupons.history import Answered, Asked, Told
from coupons.coupon_codes import make_coupon_code
from ids import CouponId, MemberId
from kit.database import Connection, DatabaseUnavailable, Pool, in_transaction, open_pool
from kit.ids import new_id
from kit.sealing import Keyring
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem

LANES = 3
_BATCH = 150
_KEYRING = Keyring(bytes(range(32)))
_PAUSE_S = 0.05


class Writer:
    def __init__(self, pool: Pool, ground: Ground, log: IO[bytes], seed: int) -> None:
        self._pool, self._ground, self._log = pool, ground, log
        self._chance = random.Random(seed)
        self._issued: list[tuple[MemberId, CouponId, int]] = []
        self.stop = asyncio.Event()

    async def lane(self) -> None:
        while not self.stop.is_set():
            if len(self._issued) > _BATCH and self._chance.random() < 0.25:
                await self._redeem()
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
        chosen = [self._chance.choice(self._issued[-20 * _BATCH :]) for _ in range(_BATCH)]
        commands = [
            RedeemCommand(self._ground.town.till(store), make_coupon_code(_KEYRING, member, coupon), None, _now())
            for member, coupon, store in chosen
        ]

        async def work(conn: Connection) -> list[Told]:
            answers = await redeem(conn, _KEYRING, commands)
            return [_read_answer(answer) for answer in answers]

        asked = Asked(str(new_id()), time.monotonic_ns(), coupons=[str(coupon) for _, coupon, _ in chosen])
        await self._try(asked, work)

    async def _try(self, asked: Asked, work: Callable[[Connection], Awaitable[list[Told]]]) -> list[Told]:
        self._write(asked)
        try:
            told = await in_transaction(self._pool, work)
        except DatabaseUnavailable:
            told = ["unknown"] * (len(asked.wishes) + len(asked.coupons))
            await asyncio.sleep(_PAUSE_S)
        self._write(Answered(asked.batch, time.monotonic_ns(), told))
        return told

    def _write(self, line: Asked | Answered) -> None:
        self._log.write(msgspec.json.encode(line) + b"\n")
        self._log.flush()


def _read_answer(answer: object) -> Told:
    if isinstance(answer, Problem):
        if answer.slug == "already-redeemed":
            return "refused"
        raise answer
    return "redeemed"


def _now() -> datetime:
    return datetime.now(UTC)


async def _run(dsn: str, ground: Ground, log: IO[bytes], seed: int) -> None:
    pool = await _open(dsn)
    writer = Writer(pool, ground, log, seed)
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
