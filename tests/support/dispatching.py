"""Rounds of the dispatcher, at a moment of the tests' choosing."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ids import CouponId, MemberId
from kit.database import Pool
from push.dispatch import DispatchCount, dispatch_once
from push.messages import Push
from push.sender import Sender, SendResult
from tests.push.conftest import NOW, PAYLOAD, Outbox
from tests.support.waiting import until


def at(seconds: float = 0.0) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(seconds=seconds)


async def once(pool: Pool, sender: Sender, *, seconds: float = 0.0, limit: int = 200) -> DispatchCount:
    return await dispatch_once(pool, sender, code_of=code_of, circuits={}, clock=at(seconds), limit=limit)


def code_of(member_id: MemberId, coupon_id: CouponId) -> str:
    return f"N1K {member_id} {coupon_id}"


def payload_of(tag: str) -> str:
    return PAYLOAD.replace("coupon-1", tag)


class Killed(BaseException):
    pass


class Crashing:
    """Sends, and dies before anybody learns of it."""

    def __init__(self, inner: Sender) -> None:
        self.inner = inner

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        await self.inner.send(pushes, stop=stop)
        raise Killed

    async def close(self) -> None:
        await self.inner.close()


class Halting:
    """Sends when it is let go."""

    def __init__(self, inner: Sender) -> None:
        self.inner = inner
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        self.reached.set()
        await self.released.wait()
        return await self.inner.send(pushes, stop=stop)

    async def close(self) -> None:
        await self.inner.close()


async def until_sent(outbox: Outbox, member_id: MemberId, message_id: UUID) -> None:
    async def is_sent() -> bool:
        return bool((await outbox.message(member_id, message_id))["state"] == "sent")

    await until(is_sent)
