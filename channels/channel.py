"""What carries messages away. `channels.smtp` is a real one, `channels.sink` the one for development."""

from typing import Protocol

from channels.messages import Message


class PermanentDeliveryError(Exception):
    """The message will never arrive. `reason` is a word for the record: never the address, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientDeliveryError(Exception):
    """It did not go now and may go later. `reason` as above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    async def send(self, message: Message) -> None:
        """Return when the next carrier has accepted it. Raises PermanentDeliveryError, TransientDeliveryError."""
        ...
