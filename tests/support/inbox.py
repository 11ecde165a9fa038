"""A channel that keeps what it was given, and the way to the code in it."""

import re
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from channels.channel import Channel, Envelope
from channels.delivery_worker import deliver_once
from channels.messages import EmailMessage, Message, SmsMessage
from ids import ProgramId
from kit.database import Pool
from kit.ids import new_id
from kit.sealing import Keyring
from outbox.kinds import ChannelKind

# What codes and alerts go by.
Letter: TypeAlias = EmailMessage | SmsMessage

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def an_envelope(expires_at: datetime = datetime(2026, 5, 1, 4, tzinfo=UTC)) -> Envelope:
    return Envelope(
        message_id=new_id(), program_id=ProgramId(new_id()), member_id=None, attempts=1, expires_at=expires_at
    )


class Inbox:
    """`faults` are raised first, one a message."""

    def __init__(self, *faults: Exception) -> None:
        self.messages: list[Letter] = []
        self.envelopes: list[Envelope] = []
        self._faults = list(faults)

    async def send(self, envelope: Envelope, message: Message) -> str:
        if self._faults:
            raise self._faults.pop(0)
        assert isinstance(message, EmailMessage | SmsMessage)
        self.messages.append(message)
        self.envelopes.append(envelope)
        return f"inbox/{envelope.message_id}"

    async def close(self) -> None:
        return None

    @property
    def channels(self) -> dict[ChannelKind, Channel]:
        return {"sms": self, "email": self}


def read_code(message: Letter) -> str:
    (code,) = _CODE.findall(message.body)
    return str(code)


async def fetch_code(pool: Pool, keyring: Keyring, recipient: str) -> str:
    """The code that was asked for last for this recipient; then deliver what waits.

    Other tests' messages to them may wait as well, and a worker takes messages in no order.
    """
    rows = await pool.fetch(
        "SELECT id, sealed_message FROM outbox WHERE sealed_message IS NOT NULL AND state = 'pending' ORDER BY id DESC"
    )
    unsealed = (keyring.unseal("message", row["id"].bytes, row["sealed_message"]) for row in rows)
    messages = (msgspec.json.decode(each, type=Letter) for each in unsealed)
    code = read_code(next(each for each in messages if each.recipient == recipient and _CODE.search(each.body)))
    while (await deliver_once(pool, keyring, Inbox().channels)).total():
        pass
    return code
