"""Where a coupon's message goes: found out as it is sent, so that what has changed since it was written is kept to."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from channels.messages import Message
from kit.database import Connection
from outbox.delivery import Delivery


class Unsent(msgspec.Struct, frozen=True):
    """It does not go: for good, or (`deferred`) the governor decides on it again. `is_refusal`: not by its channel, but
    by another one it may.
    """

    outcome: Literal["failed", "dropped", "deferred"]
    failure: str
    is_refusal: bool = False


class Addressing(Protocol):
    async def address(self, delivery: Delivery, now: datetime) -> Message | Unsent:
        """Of a delivery that has words and no recipient. Raises DatabaseUnavailable."""
        ...

    async def hand_on(self, conn: Connection, delivery: Delivery, reason: str, now: datetime) -> bool:
        """Its channel has refused it for good: whether it leaves it, so that another may take it. In a transaction, in
        which nothing else is recorded of it then.
        """
        ...

    async def give_back(self, conn: Connection, delivery: Delivery) -> None:
        """It has not been sent: its place in its member's caps is free again. In the transaction that records it."""
        ...
