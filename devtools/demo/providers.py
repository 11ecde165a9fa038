"""The doubles of those who carry messages, besides FCM's; and what a server needs to know of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from devtools.line_double import LineDouble
from devtools.messenger_double import MessengerDouble
from devtools.smtp_double import SmtpDouble
from devtools.twilio_double import TwilioDouble


class Providers(NamedTuple):
    line: LineDouble
    messenger: MessengerDouble
    phone: TwilioDouble
    smtp: SmtpDouble

    @property
    def environ(self) -> dict[str, str]:
        return {
            "NOREN_LINE_ENDPOINT": self.line.endpoint,
            "NOREN_MESSENGER_ENDPOINT": self.messenger.endpoint,
            "NOREN_PHONE_URLS": self.phone.api_url,
            "NOREN_SMTP_URL": self.smtp.url,
            "NOREN_SMTP_SENDER": "noreply@noren.example",
        }

    @property
    def phone_settings(self) -> dict[str, object]:
        """The body of `PUT /v1/program/phone`."""
        return {
            "sms_route": "dialect",
            "api_url": self.phone.api_url,
            "account_sid": self.phone.account_sid,
            "auth_token": self.phone.auth_token,
            "sms_sender": "NOREN",
            "voice_sender": "+815012345678",
            "currency": "JPY",
            "segment_price": 3,
            "call_price": 20,
            "day_cap": 100_000,
            # The demo is looked at whatever the time is.
            "calls_from": "00:00",
            "calls_until": "23:59",
        }


@contextmanager
def open_providers() -> Iterator[Providers]:
    with LineDouble() as line, MessengerDouble() as messenger, TwilioDouble() as phone, SmtpDouble() as smtp:
        yield Providers(line, messenger, phone, smtp)
