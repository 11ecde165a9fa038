"""What stands for the providers in a run, over real sockets, and remembers what reached it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from bench.chaos_push.checker import Arrival
from devtools.fcm_double import FcmDouble
from devtools.line_double import LineDouble
from devtools.smtp_double import SmtpDouble
from devtools.twilio_double import Received, TwilioDouble
from outbox.kinds import ChannelKind

_KINDS: Mapping[str, ChannelKind] = {"Messages": "sms", "Calls": "voice"}


class Doubles(msgspec.Struct, frozen=True):
    fcm: FcmDouble
    smtp: SmtpDouble
    line: LineDouble
    phone: TwilioDouble

    def count(self) -> int:
        return sum(len(double.received) for double in (self.fcm, self.smtp, self.line, self.phone))

    def arrivals(self) -> list[Arrival]:
        pushed = [each.message.data or {} for each in self.fcm.accepted()]
        return [
            *(Arrival("push", data["coupon_id"], data["push_id"]) for data in pushed),
            *(Arrival("email", letter.recipient, letter.message_id) for letter in self.smtp.received),
            *(Arrival("line", each.messages[0]["text"], each.retry_key or "") for each in self.line.received),
            *(_by_phone(each) for each in self.phone.received if each.sid is not None),
        ]


def _by_phone(received: Received) -> Arrival:
    """The provider's API has no field for our id: it stands in the address that reports go to."""
    return Arrival(_KINDS[received.kind], received.to, received.form["StatusCallback"].split("/")[-2])


@contextmanager
def open_doubles() -> Iterator[Doubles]:
    with FcmDouble() as fcm, SmtpDouble() as smtp, LineDouble() as line, TwilioDouble() as phone:
        yield Doubles(fcm, smtp, line, phone)
