"""A channel that keeps what it was given, and the way to the code in it."""

import re

from channels.channel import Channel
from channels.delivering import deliver_once
from channels.messages import ChannelKind, Message
from kit.database import Pool
from kit.sealing import Keyring


class Inbox:
    """`faults` are raised first, one a letter."""

    def __init__(self, *faults: Exception) -> None:
        self.letters: list[Message] = []
        self._faults = list(faults)

    async def send(self, letter: Message) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self.letters.append(letter)

    @property
    def channels(self) -> dict[ChannelKind, Channel]:
        return {"sms": self, "email": self}

    def code_for(self, recipient: str) -> str:
        """The code of the newest letter to them."""
        (letter, *_) = [letter for letter in reversed(self.letters) if letter.recipient == recipient]
        return read_code(letter)


def read_code(letter: Message) -> str:
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", letter.body)
    return str(code)


async def fetch_code(pool: Pool, keyring: Keyring, recipient: str) -> str:
    """Deliver what waits and read the code for the recipient."""
    inbox = Inbox()
    await deliver_once(pool, keyring, inbox.channels)
    return inbox.code_for(recipient)
