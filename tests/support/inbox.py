"""A channel that keeps what it was given, and the way to the code in it."""

import re

from channels.channel import Channel
from channels.delivery_worker import deliver_once
from channels.messages import ChannelKind, Message
from kit.database import Pool
from kit.sealing import Keyring


class Inbox:
    """`faults` are raised first, one a message."""

    def __init__(self, *faults: Exception) -> None:
        self.messages: list[Message] = []
        self._faults = list(faults)

    async def send(self, message: Message) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self.messages.append(message)

    @property
    def channels(self) -> dict[ChannelKind, Channel]:
        return {"sms": self, "email": self}

    def code_for(self, recipient: str) -> str:
        """The code of the newest message to them."""
        (message, *_) = [message for message in reversed(self.messages) if message.recipient == recipient]
        return read_code(message)


def read_code(message: Message) -> str:
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", message.body)
    return str(code)


async def fetch_code(pool: Pool, keyring: Keyring, recipient: str) -> str:
    """Deliver what waits and read the code for the recipient."""
    inbox = Inbox()
    await deliver_once(pool, keyring, inbox.channels)
    return inbox.code_for(recipient)
