"""A program's account with providers of SMS and calls: how it is reached, what it costs, what may be spent. Pure."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId
from kit.daily_hours import DailyHours
from kit.sealing import Keyring

# `dialect`: Twilio's REST, which others speak too. `direct`: a domestic route over plain HTTP (docs/phone.md).
SmsRoute = Literal["dialect", "direct"]

_PURPOSE = "phone-account"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Sealed as one. `auth_token`: the password of the dialect's API, and the key of its webhooks unless `signing_key`
    is another (SignalWire). `shared_key`: of webhooks that are signed by HMAC-SHA256. `direct_key`: of the direct
    route, for its requests and its reports.
    """

    auth_token: str | None = None
    signing_key: str | None = None
    shared_key: str | None = None
    direct_key: str | None = None

    def seal(self, keyring: Keyring, program_id: ProgramId) -> bytes:
        return keyring.seal(_PURPOSE, program_id.bytes, msgspec.json.encode(self))

    @classmethod
    def unseal(cls, keyring: Keyring, program_id: ProgramId, sealed: bytes) -> "Credentials":
        """Raises kit.sealing.Unsealable."""
        return msgspec.json.decode(keyring.unseal(_PURPOSE, program_id.bytes, sealed), type=cls)


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """All in the minor unit of `currency` (ISO 4217): a part of an SMS, a call, and what a day may cost at most.

    A day is one of the program's calendar.
    """

    currency: str
    segment_price: int
    call_price: int
    day_cap: int

    def limit(self, *, is_essential: bool) -> int:
        """What a day may have cost once this is booked. The last fifth is for codes and alerts: whoever has many
        numbers call a poster, or a broadcast, must not keep members from signing in.
        """
        return self.day_cap if is_essential else self.day_cap - self.day_cap // 5


class PhoneAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`api_url`: where the dialect is spoken; `sms_sender`, `voice_sender`, `direct_sender`: who the messages are from.

    `call_hours`: when calls are made, by the program's clock (`time_zone`). `spoken_address`: what callers hear who
    cannot be texted. `changed_at` None: it is not kept yet.
    """

    program_id: ProgramId
    sms_route: SmsRoute | None
    api_url: str | None
    account_sid: str | None
    sms_sender: str | None
    voice_sender: str | None
    direct_url: str | None
    direct_sender: str | None
    tariff: Tariff
    call_hours: DailyHours
    spoken_address: str | None
    time_zone: str
    credentials: Credentials
    changed_at: datetime | None = None

    def day_of(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def next_day_s(self, now: datetime) -> float:
        """Seconds until money may be spent again."""
        zone = ZoneInfo(self.time_zone)
        tomorrow = datetime.combine(self.day_of(now) + timedelta(days=1), datetime.min.time(), zone)
        return (tomorrow - now).total_seconds()


def hash_number(keyring: Keyring, program_id: ProgramId, number: str) -> bytes:
    """Of a number in E.164: keyed, and of this program alone, so that no two programs' lists can be compared."""
    return keyring.mac("phone-number", program_id.bytes + number.encode())
