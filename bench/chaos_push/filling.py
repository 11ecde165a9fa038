"""The outbox of a run: pushes, e-mails and messages for the sink, each of a kind that its double can tell apart."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec

from bench.chaos_push.checker import Arrival, Held
from bench.coupon_town import found_town, write_campaign
from channels.deliveries_repository import queue_message
from channels.messages import EmailMessage, Message, SmsMessage
from devtools.fcm_double import FcmDouble
from devtools.smtp_double import SmtpDouble
from kit.clock import utc_now
from kit.database import Connection
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "filling.sql")
# Of ten messages: eight pushes, an e-mail, and one for the sink.
_TENTHS = 8
_MOST_MEMBERS = 20_000


class _Sunk(msgspec.Struct):
    """A line of the sink."""

    channel: str
    recipient: str
    message_id: str


class Doubles(msgspec.Struct, frozen=True):
    """What stands for the providers, and remembers what reached it."""

    fcm: FcmDouble
    smtp: SmtpDouble
    sink: Path

    def count(self) -> int:
        return len(self.fcm.received) + len(self.smtp.received) + self._sunk().count(b"\n")

    def arrivals(self) -> list[Arrival]:
        pushed = [each.message.data or {} for each in self.fcm.accepted()]
        sunk = [msgspec.json.decode(line, type=_Sunk) for line in self._sunk().splitlines()]
        return [
            *(Arrival("push", data["coupon_id"], data["push_id"]) for data in pushed),
            *(Arrival("email", letter.recipient, letter.message_id) for letter in self.smtp.received),
            *(Arrival("sms", each.recipient, each.message_id) for each in sunk if each.channel == "sms"),
        ]

    def _sunk(self) -> bytes:
        return self.sink.read_bytes() if self.sink.exists() else b""


@contextmanager
def open_doubles() -> Iterator[Doubles]:
    with FcmDouble() as fcm, SmtpDouble() as smtp, TemporaryDirectory(prefix="noren-chaos-") as folder:
        yield Doubles(fcm, smtp, Path(folder) / "sink")


async def fill(conn: Connection, keyring: Keyring, messages: int) -> dict[UUID, str]:
    """In a transaction: so many messages that are due. Under what the double of each knows it, by the message's id."""
    pushes = messages * _TENTHS // 10
    town = await found_town(conn, min(pushes, _MOST_MEMBERS), 1)
    campaign = await write_campaign(conn, town)
    await conn.execute(QUERIES.make_reachable)
    await conn.execute(QUERIES.insert_coupons, campaign.id, town.store_ids[0], pushes)
    await conn.execute(QUERIES.insert_pushes, str(campaign.id))
    recipients = {row["id"]: str(row["coupon_id"]) for row in await conn.fetch(QUERIES.list_pushes)}
    now = utc_now()
    for number in range(messages - pushes):
        member_id = town.member_ids[number % len(town.member_ids)]
        letter, good_until = _letter(number), now + timedelta(days=1)
        message_id = await queue_message(
            conn, keyring, member_id, town.program_id, letter, now, good_until, lane="bulk"
        )
        recipients[message_id] = letter.recipient
    return recipients


def _letter(number: int) -> Message:
    if number % 2:
        return SmsMessage(f"+81{number:010}", "Your coffee waits.")
    return EmailMessage(f"member-{number}@example.com", "Coffee", "Your coffee waits.")


async def read_held(conn: Connection, recipients: Mapping[UUID, str]) -> list[Held]:
    rows = await conn.fetch(QUERIES.read_outbox)
    return [Held(row["channel"], recipients[row["id"]], str(row["id"]), row["state"]) for row in rows]
