"""Tills that hold coupons for receipts, pay and void them: some too late, some twice."""

import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

from bench.chaos_coupons.history import Asked, Told, Use
from bench.coupon_town import Town
from coupons.coupon_codes import make_coupon_code
from coupons.redemptions.baskets import Basket, BasketLine
from ids import CouponId, MemberId
from kit.clock import utc_now
from kit.database import Connection, Pool
from kit.ids import new_id
from kit.sealing import Keyring
from server.problems import Problem
from server.redemptions.baskets import PresentedCoupons
from server.redemptions.reserve import ReservationResult, reserve
from server.redemptions.settle import WrittenReceipt, redeem_reservation, void_reservation
from server.runtime.snapshot_keeper import SnapshotKeeper

# Who has which coupon, and at which store it is presented.
Issued: TypeAlias = tuple[MemberId, CouponId, int]

KEYRING = Keyring(bytes(range(32)))
_BASKET = Basket([BasketLine(None, None, 1, 1000)])
_HOLDS_S = (0.05, 1.0, 60.0)
_REMEMBERED = 8
REFUSALS = {"coupon-reserved", "already-redeemed", "reservation-over"}


class Answer(msgspec.Struct, frozen=True):
    """`reservation`: that was made."""

    told: list[Told]
    reservation: str | None = None


class _Held(msgspec.Struct, frozen=True):
    """A receipt that is being written, or was."""

    made: ReservationResult
    coupon: CouponId
    store: int


async def hold(conn: Connection, town: Town, issued: Issued, lasts: timedelta, now: datetime) -> ReservationResult:
    """Raises Problem."""
    member_id, coupon_id, store = issued
    presented = PresentedCoupons(coupons=[make_coupon_code(KEYRING, member_id, coupon_id)])
    return await reserve(conn, KEYRING, town.till(store), presented, None, _BASKET, lasts, now)


Work: TypeAlias = Callable[[Connection], Awaitable[Answer]]
Ask: TypeAlias = Callable[[Asked, Work], Awaitable[Answer | None]]


class Counter:
    """`ask`: carries a request out and writes it down."""

    def __init__(self, pool: Pool, town: Town, chance: random.Random, ask: Ask) -> None:
        self._town, self._chance, self._ask = town, chance, ask
        self._snapshot = SnapshotKeeper(pool).current  # the coupons bring neither points nor stamps
        self._held: list[_Held] = []

    async def use(self, issued: Issued) -> None:
        """Hold that coupon, or go on with one of the last receipts: pay or void it, or want what it holds."""
        turn = self._chance.random()
        if not self._held or turn < 0.2:
            await self._reserve(issued)
            return
        held = self._chance.choice(self._held[-_REMEMBERED:])
        if turn < 0.5:
            await self._reserve((held.made.member_id, held.coupon, held.store))
        else:
            await self._settle("pay" if turn < 0.7 else "void", held)

    async def _reserve(self, issued: Issued) -> None:
        _, coupon_id, store = issued
        hold_s = self._chance.choice(_HOLDS_S)
        use, now = Use(kind="reserve", coupon=str(coupon_id), hold_s=hold_s), utc_now()
        made: list[ReservationResult] = []

        async def work(conn: Connection) -> Answer:
            made[:] = [await hold(conn, self._town, issued, timedelta(seconds=hold_s), now)]
            return Answer(["reserved"], str(made[0].reservation_id))

        answer = await self._ask(_asked(use, now), or_refused(work))
        if answer is not None and answer.told == ["reserved"]:
            self._held.append(_Held(made[0], coupon_id, store))

    async def _settle(self, kind: Literal["pay", "void"], held: _Held) -> None:
        till, now, named = self._town.till(held.store), utc_now(), (held.made.member_id, held.made.reservation_id)
        written = WrittenReceipt(f"R-{new_id()}", held.made.to_pay)

        async def pay(conn: Connection) -> Answer:
            await redeem_reservation(conn, self._snapshot, till, *named, written, "en", now)
            return Answer(["redeemed"])

        async def void(conn: Connection) -> Answer:
            await void_reservation(conn, till, *named, now)
            return Answer(["voided"])

        use = Use(kind=kind, coupon=str(held.coupon), reservation=str(held.made.reservation_id))
        await self._ask(_asked(use, now), or_refused(pay if kind == "pay" else void))


def _asked(use: Use, now: datetime) -> Asked:
    return Asked(str(new_id()), time.monotonic_ns(), use=use, now=now)


def or_refused(work: Work) -> Work:
    """What refuses a till is an answer too; anything else is a fault."""

    async def answer(conn: Connection) -> Answer:
        try:
            async with conn.transaction():  # a Problem rolls back what it had done
                return await work(conn)
        except Problem as problem:
            if problem.slug not in REFUSALS:
                raise
            return Answer(["refused"])

    return answer
