"""By which providers a program texts and calls, what that costs, and what it has cost."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from channels.phone.account import Credentials, PhoneAccount, SmsRoute, Tariff
from channels.phone.phone_accounts_repository import DaySpending, find_phone_account, list_spending, save_phone_account
from channels.phone.webhooks import reply_url
from ids import ProgramId
from kit.clock import utc_now
from kit.daily_hours import DailyHours
from kit.database import Connection, connect
from kit.sealing import Keyring
from programs import programs_repository
from server.phone.public_address import require_public_url
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body, LocalTime
from server.web.services import Services
from server.web.writes import write

Money = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Secret = Annotated[str, msgspec.Meta(min_length=8, max_length=200, pattern="^[!-~]+(?!\n)$")]
Url = Annotated[
    str, msgspec.Meta(max_length=300, pattern="^https?://[!-~]+(?!\n)$", examples=["https://api.twilio.com"])
]
Number = Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{5,14}(?!\n)$", examples=["+815012345678"])]
# A number, up to eleven letters and digits, or the id of a messaging service.
Sender = Annotated[
    str, msgspec.Meta(pattern=r"^(\+[1-9][0-9]{5,14}|[A-Za-z0-9 ]{1,11}|MG[0-9a-f]{32})(?!\n)$", examples=["KISSA"])
]
_DAYS_SHOWN = 31


class _Routes(Body, frozen=True, kw_only=True):
    sms_route: SmsRoute | None
    """By what texts go: `dialect` is a provider that speaks Twilio's REST API, `direct` a domestic route over plain
    HTTP. Null: the program sends no texts."""
    api_url: Url | None = None
    """Where the dialect is spoken, one of those that the operator allows: `https://api.twilio.com`."""
    account_sid: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{1,64}(?!\n)$")] | None = None
    """The account at that provider."""
    sms_sender: Sender | None = None
    """Who its texts are from: a number, up to eleven letters and digits, or the id of a messaging service."""
    voice_sender: Number | None = None
    """The number that calls people. Null: the program makes no calls."""
    direct_url: Url | None = None
    """Where the direct route takes texts, one of those that the operator allows."""
    direct_sender: Sender | None = None
    """Who texts of the direct route are from."""
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}(?!\n)$", examples=["JPY"])]
    """In what the prices and the cap are (ISO 4217)."""
    segment_price: Money
    """What a part of a text costs, in the currency's minor unit, rounded up. A part holds 70 Japanese characters, or 67
    where there are several."""
    call_price: Money
    """What a call costs that is answered, in the currency's minor unit, rounded up."""
    day_cap: Money
    """What texts and calls of a day of the program's calendar may cost together, in the currency's minor unit. What is
    beyond waits until there is money again, or is not worth sending any more."""
    calls_from: LocalTime
    """From when on the program calls people, by its clock."""
    calls_until: LocalTime
    """Until when, on the same day."""
    spoken_address: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """The address of a web page, as a voice says it to callers who cannot be texted: `さくら ドット ジェーピー`."""


class PhoneSettingsChange(_Routes, frozen=True, kw_only=True):
    """How the program texts and calls. A credential that is left out stays as it is; null takes it away."""

    auth_token: Secret | UnsetType | None = UNSET
    """The password of the dialect's API. Its webhooks are signed with it too, unless `signing_key` is given."""
    signing_key: Secret | UnsetType | None = UNSET
    """The key of the webhooks, where it is another than the password (SignalWire)."""
    shared_key: Secret | UnsetType | None = UNSET
    """The key of webhooks that are signed by HMAC-SHA256."""
    direct_key: Secret | UnsetType | None = UNSET
    """The key of the direct route, for its requests and its reports."""


class PhoneSettings(_Routes, frozen=True, kw_only=True):
    """How the program texts and calls. The credentials are never shown."""

    has_auth_token: bool
    """Whether the password of the dialect's API is set."""
    has_signing_key: bool
    """Whether webhooks have a key of their own."""
    has_shared_key: bool
    """Whether there is a key for webhooks that are signed by HMAC-SHA256."""
    has_direct_key: bool
    """Whether the direct route's key is set."""
    replies_url: str
    """Set this at the provider as the address for incoming messages of your sender: who answers STOP gets no more."""


class PhoneSpending(msgspec.Struct, frozen=True, kw_only=True):
    """What texts and calls have cost, by the prices of the settings."""

    currency: str
    """In what it is (ISO 4217)."""
    today: date
    """Which day it is for the program."""
    spent_today: int
    """What today has cost so far, in the currency's minor unit. What a provider may have taken counts."""
    day_cap: int
    """What a day may cost at most."""
    left_today: int
    """What may still be spent today."""
    days: Sequence[DaySpending]
    """The last 31 days on which something was spent, the newest first."""


class PhoneSettingsController(Controller):
    path = "/v1/program/phone"
    tags = ("Phone",)

    @get(operation_id="getPhoneSettings", summary="By which providers the program texts and calls")
    async def get_phone_settings(self, staff: SessionDependency, services: ServicesDependency) -> PhoneSettings:
        async with connect(services.pool) as conn:
            account = await find_phone_account(conn, services.keyring, staff.program_id)
        if account is None:
            raise not_found("phone settings")
        return view_phone_settings(services, account)

    @put(operation_id="updatePhoneSettings", summary="Say by which providers the program texts and calls")
    async def update_phone_settings(
        self, data: JSONBody[PhoneSettingsChange], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[PhoneSettings]:
        """They hold for whatever is sent from now on, also for what waits already."""

        async def work(conn: Connection, now: datetime) -> PhoneSettings:
            return await change_phone_settings(conn, services, staff.program_id, data, now)

        return await write(request, services, work)

    @get("/spending", operation_id="getPhoneSpending", summary="What texts and calls have cost")
    async def get_phone_spending(self, staff: SessionDependency, services: ServicesDependency) -> PhoneSpending:
        async with connect(services.pool) as conn:
            spending = await read_spending(conn, services.keyring, staff.program_id, utc_now())
        if spending is None:
            raise not_found("phone settings")
        return spending


async def change_phone_settings(
    conn: Connection, services: Services, program_id: ProgramId, data: PhoneSettingsChange, now: datetime
) -> PhoneSettings:
    """Raises Problem."""
    _check(services, data)
    former = await find_phone_account(conn, services.keyring, program_id)
    program = await programs_repository.find_program(conn, program_id)
    if program is None:
        raise not_found("program")
    credentials = _change(Credentials() if former is None else former.credentials, data)
    _require_credentials(data, credentials)
    account = PhoneAccount(
        program_id=program_id,
        sms_route=data.sms_route,
        api_url=data.api_url,
        account_sid=data.account_sid,
        sms_sender=data.sms_sender,
        voice_sender=data.voice_sender,
        direct_url=data.direct_url,
        direct_sender=data.direct_sender,
        tariff=Tariff(
            currency=data.currency,
            segment_price=data.segment_price,
            call_price=data.call_price,
            day_cap=data.day_cap,
        ),
        call_hours=_read_hours(data),
        spoken_address=data.spoken_address,
        time_zone=program.time_zone,
        credentials=credentials,
    )
    await save_phone_account(conn, services.keyring, account, now)
    return view_phone_settings(services, account)


async def read_spending(
    conn: Connection, keyring: Keyring, program_id: ProgramId, now: datetime
) -> PhoneSpending | None:
    """None: the program neither texts nor calls."""
    account = await find_phone_account(conn, keyring, program_id)
    if account is None:
        return None
    today = account.day_of(now)
    days = await list_spending(conn, program_id, today - timedelta(days=_DAYS_SHOWN))
    spent = next((each.spent for each in days if each.day == today), 0)
    return PhoneSpending(
        currency=account.tariff.currency,
        today=today,
        spent_today=spent,
        day_cap=account.tariff.day_cap,
        left_today=max(0, account.tariff.day_cap - spent),
        days=days,
    )


def _check(services: Services, data: PhoneSettingsChange) -> None:
    """Raises Problem."""
    require_public_url(services.settings)
    allowed = [url.strip().rstrip("/") for url in services.settings.phone_urls.split(",")]
    for field, url in (("api_url", data.api_url), ("direct_url", data.direct_url)):
        if url is not None and url not in allowed:
            listed = ", ".join(allowed)
            raise Problem("invalid-request", f"Give in {field} an address that the operator allows: {listed}.")
    if (data.api_url is None) != (data.account_sid is None):
        raise Problem("invalid-request", "Give api_url and account_sid together, or neither.")
    if data.sms_route == "dialect" and (data.api_url is None or data.sms_sender is None):
        raise Problem("invalid-request", "Give api_url, account_sid and sms_sender for texts by the dialect.")
    if data.sms_route == "direct" and (data.direct_url is None or data.direct_sender is None):
        raise Problem("invalid-request", "Give direct_url and direct_sender for texts by the direct route.")
    if data.voice_sender is not None and data.api_url is None:
        raise Problem("invalid-request", "Give api_url and account_sid for calls.")
    if _read_hours(data).start >= _read_hours(data).end:
        raise Problem("invalid-request", "Give a calls_until that is later on the day than calls_from.")


def _require_credentials(data: PhoneSettingsChange, credentials: Credentials) -> None:
    """Raises Problem."""
    if data.api_url is not None and credentials.auth_token is None:
        raise Problem("invalid-request", "Give auth_token, the password of the provider's API.")
    if data.direct_url is not None and credentials.direct_key is None:
        raise Problem("invalid-request", "Give direct_key, the key of the direct route.")


def _change(former: Credentials, data: PhoneSettingsChange) -> Credentials:
    names: tuple[Literal["auth_token", "signing_key", "shared_key", "direct_key"], ...] = (
        "auth_token", "signing_key", "shared_key", "direct_key",
    )  # fmt: skip
    given = {name: getattr(data, name) for name in names}
    return msgspec.structs.replace(former, **{name: value for name, value in given.items() if value is not UNSET})


def _read_hours(data: PhoneSettingsChange) -> DailyHours:
    return DailyHours(time.fromisoformat(data.calls_from), time.fromisoformat(data.calls_until))


def view_phone_settings(services: Services, account: PhoneAccount) -> PhoneSettings:
    tariff, credentials = account.tariff, account.credentials
    return PhoneSettings(
        sms_route=account.sms_route,
        api_url=account.api_url,
        account_sid=account.account_sid,
        sms_sender=account.sms_sender,
        voice_sender=account.voice_sender,
        direct_url=account.direct_url,
        direct_sender=account.direct_sender,
        currency=tariff.currency,
        segment_price=tariff.segment_price,
        call_price=tariff.call_price,
        day_cap=tariff.day_cap,
        calls_from=account.call_hours.start.isoformat("minutes"),
        calls_until=account.call_hours.end.isoformat("minutes"),
        spoken_address=account.spoken_address,
        has_auth_token=credentials.auth_token is not None,
        has_signing_key=credentials.signing_key is not None,
        has_shared_key=credentials.shared_key is not None,
        has_direct_key=credentials.direct_key is not None,
        replies_url=reply_url(require_public_url(services.settings), account.program_id),
    )
