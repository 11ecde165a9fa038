"""A sender for a server without a service account: it shows what would be sent and reports it as sent."""

import asyncio
from collections.abc import Sequence

import structlog

from kit.ids import new_id
from push.messages import Push
from push.sender import SendResult

log = structlog.get_logger()


class SinkSender:
    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        for push in pushes:
            log.info("push.sink", title=push.title, locale=push.locale, data_keys=sorted(push.data))
        return [SendResult(f"sink/{new_id()}") for _ in pushes]

    async def close(self) -> None:
        return None
