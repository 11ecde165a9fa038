"""The member's card: its number and the barcodes of it, the phone's key, the TOTP pass."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import JSONBody, QueryParameter

from cards import card_keys_repository, cards_repository
from cards.barcodes import Symbology, encode_number
from cards.numbers import spell_number
from cards.pictures import draw_bars_png, draw_bars_svg
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.ids import from_text, to_text
from members.device import Device
from server.alerts.alert_all import alert_of_card
from server.credentials.issue_totp_pass import IssuedTotpPass, issue_totp_pass
from server.credentials.lock_card import lock_card_of_device
from server.credentials.register_key import register_key, renew
from server.credentials.revoke_codes import revoke_codes
from server.credentials.sign_cards import CardCertificate
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

ChosenSymbology = Annotated[Symbology, QueryParameter(name="symbology", description="which barcode")]
Base64Url = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class CardKeyStatus(msgspec.Struct, frozen=True):
    """The key that makes the card's codes now."""

    serial: str
    """It names this key on this card; Base64url of 16 bytes."""
    is_on_this_device: bool
    """False: another phone of the member makes the codes. Registering a key here ends that one."""
    registered_at: datetime
    """When it was registered."""


class MemberCard(msgspec.Struct, frozen=True):
    """The member's card."""

    number: str
    """Thirteen digits, which identify the member and prove nothing."""
    key: CardKeyStatus | None
    """Null until a phone has registered a key."""


class NewCardKey(Body, frozen=True):
    """The public key of a key pair that the phone has made, and the proof that it holds the private key."""

    public_key: Base64Url
    """A point of P-256 (SEC 1), 65 or 33 bytes, as Base64url without padding."""
    proof: Base64Url
    """The phone's ECDSA signature (r and s, 64 bytes) over the message of docs/card-code.md, as Base64url."""


class CardController(Controller):
    path = "/v1/me"
    tags = ("Card",)

    @get("/card", operation_id="getCard", summary="The card: its number, and whether this phone makes its codes")
    async def get_card(self, device: DeviceDependency, services: ServicesDependency) -> MemberCard:
        async with connect(services.pool) as conn:
            card = await cards_repository.find_card(conn, device.member_id)
            key = await card_keys_repository.find_live_key(conn, device.member_id)
        if card is None:
            raise not_found("card")
        if key is None:
            return MemberCard(card.number, None)
        return MemberCard(
            card.number, CardKeyStatus(to_text(key.serial), key.device_id == device.id, key.registered_at)
        )

    @get(
        "/card.svg",
        operation_id="getCardSvg",
        summary="The number as a barcode, with its digits",
        media_type="image/svg+xml",
    )
    async def get_card_svg(
        self, device: DeviceDependency, services: ServicesDependency, symbology: ChosenSymbology = "ean13"
    ) -> str:
        """It identifies with low trust: it can be photographed. It never redeems and never spends."""
        number = await _find_number(device, services)
        return draw_bars_svg(encode_number(number, symbology), spell_number(number))

    @get("/card.png", operation_id="getCardPng", summary="The number as a barcode", media_type="image/png")
    async def get_card_png(
        self, device: DeviceDependency, services: ServicesDependency, symbology: ChosenSymbology = "ean13"
    ) -> bytes:
        """The same bars as the SVG's, three pixels a module."""
        return draw_bars_png(encode_number(await _find_number(device, services), symbology))

    @post(
        "/card/key",
        operation_id="registerCardKey",
        summary="Put the card on this phone: register its public key",
        status_code=201,
    )
    async def register_card_key(
        self, data: JSONBody[NewCardKey], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[CardCertificate]:
        """The former key is revoked: at once online, and for an offline till from its next sync on. Where there was
        one, the member's contacts are told, with a code that signs this phone out.
        """
        public_key, proof = _decode(data.public_key), _decode(data.proof)

        async def work(conn: Connection, now: datetime) -> CardCertificate:
            await lock_active_device(conn, device)
            await lock_card_of_device(conn, device)
            former = {key.serial for key in await card_keys_repository.list_keys_of_member(conn, device.member_id)}
            certificate = await register_key(conn, services.keyring, device, public_key, proof, now)
            live = await card_keys_repository.find_live_key(conn, device.member_id)
            if former and live is not None and live.serial not in former:
                await alert_of_card(conn, services, device, "card_key", now)
            return certificate

        return await write(request, services, work, status=201)

    @delete(
        "/card/key",
        operation_id="revokeCardKey",
        summary="Revoke the card's codes: the phone was lost",
        status_code=204,
    )
    async def revoke_card_key(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        """On whichever phone of the member they are made. TOTP passes are revoked too; the number stays. The member's
        contacts are told, with a code that signs this phone out.
        """

        async def work(conn: Connection, now: datetime) -> None:
            await lock_active_device(conn, device)
            await lock_card_of_device(conn, device)
            was_live = await card_keys_repository.find_live_key(conn, device.member_id) is not None
            await revoke_codes(conn, device.member_id, "lost", now)
            if was_live:
                await alert_of_card(conn, services, device, "card_stopped", now)

        return await write(request, services, work, status=204)

    @get("/card/certificate", operation_id="getCardCertificate", summary="The next certificate for this phone's key")
    async def get_card_certificate(self, device: DeviceDependency, services: ServicesDependency) -> CardCertificate:
        async with connect(services.pool) as conn:
            return await renew(conn, services.keyring, device, utc_now())

    @post(
        "/card/totp",
        operation_id="createTotpPass",
        summary="Get a TOTP pass, for tills that read short codes only",
        status_code=201,
    )
    async def create_totp_pass(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[IssuedTotpPass]:
        """Its codes are verified online only. The former pass is revoked."""

        async def work(conn: Connection, now: datetime) -> IssuedTotpPass:
            await lock_active_device(conn, device)
            return await issue_totp_pass(conn, services.keyring, device.member_id, device.program_id, "app", now)

        return await write(request, services, work, status=201)


async def _find_number(device: Device, services: Services) -> str:
    async with connect(services.pool) as conn:
        card = await cards_repository.find_card(conn, device.member_id)
    if card is None:
        raise not_found("card")
    return card.number


def _decode(text: str) -> bytes:
    try:
        return from_text(text)
    except ValueError:
        raise Problem("invalid-request", "Send public_key and proof as Base64url.") from None
