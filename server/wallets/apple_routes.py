"""The card as an Apple Wallet pass, and the web service by which phones keep it up to date.

Apple defines the web service: paths, headers and statuses are those of its "Wallet Passes" reference.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, cast

import msgspec
import structlog
from litestar import Controller, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from cards import apple_passes_repository
from cards.pass_tokens import hash_device_library_id, write_serial_number
from cards.pkpass import MEDIA_TYPE
from kit.clock import utc_now
from kit.database import Connection, connect, in_statement, in_transaction
from server.problems import not_found
from server.runtime.apple_wallet import PREFIX, require_apple_wallet
from server.wallets.read_passes import read_pass
from server.wallets.register_pass import register_pass, unregister_pass
from server.web.dependencies import DeviceDependency, PassIdDependency, ServicesDependency
from server.web.query_parameters import LENIENT

PushToken = Annotated[
    str, msgspec.Meta(pattern="^[0-9A-Fa-f]{2,400}(?!\n)$", description="APNs' hexadecimal device token")
]
LogLine = Annotated[str, msgspec.Meta(max_length=10_000)]
IfModifiedSince = Annotated[
    str | None, HeaderParameter(name="If-Modified-Since", description="Last-Modified of the pass that the phone has")
]
UpdatedSince = Annotated[
    str | None, QueryParameter(name="passesUpdatedSince", description="`lastUpdated` of the answer before")
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


class PassRegistration(msgspec.Struct, frozen=True, rename="camel"):
    """A phone asks to be notified when the pass changes."""

    push_token: PushToken
    """The phone's APNs device token in hexadecimal."""


class UpdatedPasses(msgspec.Struct, frozen=True, rename="camel"):
    """The passes on the phone that have changed."""

    serial_numbers: list[str]
    """Their serial numbers."""
    last_updated: str
    """Send it as `passesUpdatedSince` with the next request."""


class WalletMessages(msgspec.Struct, frozen=True):
    """What a phone's Wallet reports, mostly errors."""

    logs: Annotated[list[LogLine], msgspec.Meta(max_length=100)]
    """One message a line."""


class ApplePassController(Controller):
    path = "/v1/me"
    tags = ("Card",)

    @get("/card.pkpass", operation_id="getApplePass", summary="The card as an Apple Wallet pass", media_type=MEDIA_TYPE)
    async def get_apple_pass(self, device: DeviceDependency, services: ServicesDependency) -> Response[bytes]:
        """It belongs to this phone and ends when the phone is signed out. It shows the balance, the rank and the coupon
        that expires first. Its barcodes identify the member; they never redeem or spend.
        """
        wallet, pass_id = require_apple_wallet(services.apple_wallet), (device.member_id, device.id)
        async with connect(services.pool) as conn:
            found = await read_pass(conn, services.store_places, pass_id, utc_now())
        if found.face.member is None:
            raise not_found("card")
        await in_statement(
            services.pool, lambda conn: apple_passes_repository.note_handed_out(conn, pass_id, found.fingerprint)
        )
        headers = {"Content-Disposition": 'attachment; filename="card.pkpass"', "Cache-Control": "private, no-store"}
        return Response(wallet.build(pass_id, found.face), media_type=MEDIA_TYPE, headers=headers)


class AppleWalletController(Controller):
    path = PREFIX + "/v1"
    tags = ("Apple Wallet",)
    opt = LENIENT

    @post(
        "/devices/{device_library_id:str}/registrations/{pass_type:str}/{serial:str}",
        operation_id="registerPass",
        summary="Register a phone for changes of a pass",
        status_code=201,
        responses={200: ResponseSpec(None, description="It was registered already", generate_examples=False)},
    )
    async def register_pass(
        self,
        device_library_id: FromPath[str],
        data: JSONBody[PassRegistration],
        pass_id: PassIdDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        async def work(conn: Connection) -> bool:
            return await register_pass(
                conn, services.keyring, services.store_places, pass_id, device_library_id, data.push_token, utc_now()
            )

        return Response(None, status_code=201 if await in_transaction(services.pool, work) else 200)

    @delete(
        "/devices/{device_library_id:str}/registrations/{pass_type:str}/{serial:str}",
        operation_id="unregisterPass",
        summary="Unregister a phone that no longer has the pass",
        status_code=200,
    )
    async def unregister_pass(
        self, device_library_id: FromPath[str], pass_id: PassIdDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection) -> None:
            await unregister_pass(conn, services.keyring, pass_id, device_library_id)

        await in_transaction(services.pool, work)
        return Response(None, status_code=200)

    @get(
        "/devices/{device_library_id:str}/registrations/{pass_type:str}",
        operation_id="listUpdatedPasses",
        summary="List a phone's passes that have changed",
        responses={204: ResponseSpec(None, description="None of them", generate_examples=False)},
    )
    async def list_updated_passes(
        self,
        device_library_id: FromPath[str],
        pass_type: FromPath[str],
        services: ServicesDependency,
        updated_since: UpdatedSince = None,
    ) -> Response[UpdatedPasses]:
        """Apple's phones send no credential here: whoever knows a device library identifier may ask. A
        `passesUpdatedSince` that this server never sent counts as none.
        """
        wallet, since = require_apple_wallet(services.apple_wallet), _read_tag(updated_since)
        device_library_hash = hash_device_library_id(services.keyring, device_library_id)
        async with connect(services.pool) as conn:
            changed = await apple_passes_repository.list_changed_passes(conn, device_library_hash, since)
        if not changed or pass_type != wallet.pass_type:
            return cast("Response[UpdatedPasses]", Response(None, status_code=204))
        serials = [write_serial_number(pass_id) for pass_id, _ in changed]
        return Response(UpdatedPasses(serials, _write_tag(changed[-1][1])))

    @get(
        "/passes/{pass_type:str}/{serial:str}",
        operation_id="getUpdatedPass",
        summary="The pass as it is now",
        media_type=MEDIA_TYPE,
        responses={304: ResponseSpec(None, description="It has not changed", generate_examples=False)},
    )
    async def get_updated_pass(
        self, pass_id: PassIdDependency, services: ServicesDependency, if_modified_since: IfModifiedSince = None
    ) -> Response[bytes]:
        wallet, now, since = require_apple_wallet(services.apple_wallet), utc_now(), _read_date(if_modified_since)
        async with connect(services.pool) as conn:
            found = await read_pass(conn, services.store_places, pass_id, now)
            held = await apple_passes_repository.find_pass(conn, pass_id)
        changed_at = now if held is None else held.last_modified
        headers = {"Last-Modified": format_datetime(changed_at, usegmt=True), "Cache-Control": "private, no-cache"}
        is_known = held is not None and since is not None and held.last_modified <= since
        # A change that the worker has not found yet is a change all the same, and so is the way back from it.
        if is_known and held is not None and held.fingerprint == found.fingerprint and not held.has_unswept_version:
            return Response(b"", status_code=304, headers=headers)
        if held is not None and held.fingerprint != found.fingerprint:
            await in_statement(
                services.pool, lambda conn: apple_passes_repository.note_handed_out(conn, pass_id, found.fingerprint)
            )
        return Response(wallet.build(pass_id, found.face), media_type=MEDIA_TYPE, headers=headers)

    @post(
        "/log",
        operation_id="logWalletMessages",
        summary="Take the messages that a phone's Wallet logs",
        status_code=200,
    )
    async def log_wallet_messages(self, data: JSONBody[WalletMessages], services: ServicesDependency) -> Response[None]:
        """They are counted and not kept, since they may contain serial numbers and tokens."""
        require_apple_wallet(services.apple_wallet)
        log.warning("apple_wallet.phone_messages", lines=len(data.logs))
        return Response(None, status_code=200)


def _write_tag(changed_at: datetime) -> str:
    return str((changed_at - _EPOCH) // timedelta(microseconds=1))


def _read_tag(text: str | None) -> datetime | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 17):
        return None
    return _EPOCH + timedelta(microseconds=int(text))


def _read_date(text: str | None) -> datetime | None:
    """None for what is not a date, which counts as no header (RFC 9110, section 13.1.3)."""
    try:
        at = parsedate_to_datetime(text or "")
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
