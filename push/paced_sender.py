"""A sender that keeps to a pace: what would be too much now is not sent, and says when to ask again."""

import asyncio
import time
from collections.abc import Callable, Sequence

from push.messages import Push
from push.pace import Pace
from push.sender import PACED, Sender, SendError, SendResult


class PacedSender:
    def __init__(self, sender: Sender, pace: Pace, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._sender, self._pace, self._clock_s = sender, pace, clock_s

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        now_s = self._clock_s()
        waits_s = [self._pace.take(push.token, now_s) for push in pushes]
        going = [push for push, wait_s in zip(pushes, waits_s, strict=True) if not wait_s]
        sent = iter(await self._sender.send(going, stop=stop))
        return [
            SendResult(None, SendError(None, PACED, retry_after_s=wait_s)) if wait_s else next(sent)
            for wait_s in waits_s
        ]

    async def close(self) -> None:
        await self._sender.close()
