"""A channel that keeps what it was given, and the way to the code in it."""

import re

import msgspec

from channels.channel import Channel
from channels.delivery_worker import deliver_once
from channels.messages import ChannelKind, Message
from kit.database import Pool
from kit.sealing import Keyring

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


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


def read_code(message: Message) -> str:
    (code,) = _CODE.findall(message.body)
    return str(code)


async def fetch_code(pool: Pool, keyring: Keyring, recipient: str) -> str:
    """The code that was asked for last for this recipient; then deliver what waits.

    Other tests' messages to them may wait as well, and a worker takes messages in no order.
    """
    rows = await pool.fetch("SELECT id, sealed_message FROM deliveries WHERE state = 'pending' ORDER BY id DESC")
    unsealed = (keyring.unseal("message", row["id"].bytes, row["sealed_message"]) for row in rows)
    messages = (msgspec.json.decode(each, type=Message) for each in unsealed)
    code = read_code(next(each for each in messages if each.recipient == recipient and _CODE.search(each.body)))
    while (await deliver_once(pool, keyring, Inbox().channels)).total():
        pass
    return code
