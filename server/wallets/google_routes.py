"""Google Wallet: how a program's card looks there, and the link by which a member saves theirs."""

from datetime import datetime
from typing import Annotated

import msgspec
import structlog
from litestar import Controller, Response, get, post, put
from litestar.params import JSONBody

from cards.google_class import GoogleWalletDesign
from cards.google_classes_repository import find_google_classes, upsert_google_class
from cards.google_outcomes import WalletBusy, WalletFailure, WalletLocked, WalletRefused
from cards.google_pass import GoogleProgram, describe_class
from cards.google_wallet import GoogleWallet
from ids import ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect
from programs.card_settings import first_colour
from programs.card_settings_repository import find_card_settings
from programs.programs_repository import find_program
from server.problems import Problem, not_found
from server.wallets.save_to_google import save_to_google
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

log = structlog.get_logger()


class GoogleWalletDesignChange(Body, frozen=True):
    """How the program's card is to look in Google Wallet."""

    logo_url: Annotated[
        str,
        msgspec.Meta(pattern=r"^https://[!-~]+(?!\n)$", max_length=500, examples=["https://kissa.example/logo.png"]),
    ]
    """Google fetches the logo from there: a square of at least 660 pixels, which it shows in a circle."""
    background_color: Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-f]{6}(?!\n)$", examples=["#7a3b2e"])] | None = None
    """`#` and six hexadecimal digits; null takes the card's own (`PUT /v1/program/card`), else the
    logo's colour."""


class GoogleWalletLink(msgspec.Struct, frozen=True):
    """The link that saves the card in Google Wallet."""

    save_url: str
    """Open it on the member's phone, behind Google's own button "Add to Google Wallet"."""


class GoogleWalletController(Controller):
    path = "/v1"
    tags = ("Wallets",)

    @get(
        "/program/google-wallet",
        operation_id="getGoogleWalletDesign",
        summary="How the program's card looks in Google Wallet",
    )
    async def get_google_wallet_design(
        self, staff: SessionDependency, services: ServicesDependency
    ) -> GoogleWalletDesign:
        async with connect(services.pool) as conn:
            held = (await find_google_classes(conn, [staff.program_id])).get(staff.program_id)
        if held is None:
            raise not_found("card in Google Wallet")
        return held.design

    @put(
        "/program/google-wallet",
        operation_id="updateGoogleWalletDesign",
        summary="Set how the program's card looks in Google Wallet",
    )
    async def update_google_wallet_design(
        self,
        data: JSONBody[GoogleWalletDesignChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[GoogleWalletDesign]:
        """It is sent to Google first: what Google refuses is not kept."""
        design = await publish_design(services, staff.program_id, data)

        async def work(conn: Connection, now: datetime) -> GoogleWalletDesign:
            await upsert_google_class(conn, staff.program_id, design, now)
            return design

        return await write(request, services, work)

    @post(
        "/me/card/google-wallet",
        operation_id="createGoogleWalletLink",
        summary="Create the link that saves the card in Google Wallet",
        status_code=200,
    )
    async def create_google_wallet_link(
        self, device: DeviceDependency, services: ServicesDependency
    ) -> GoogleWalletLink:
        """Its codes rotate and are verified online only. The same card each time, until its codes are revoked."""
        wallet = _require_wallet(services)
        try:
            stores = services.store_places
            return GoogleWalletLink(
                await save_to_google(services.pool, services.keyring, wallet, stores, device, utc_now())
            )
        except (WalletRefused, WalletLocked, WalletBusy) as failure:
            raise _unavailable(failure) from failure


async def publish_design(
    services: Services, program_id: ProgramId, data: GoogleWalletDesignChange
) -> GoogleWalletDesign:
    """To Google, which may refuse it; it is to be kept then. Raises Problem."""
    wallet = _require_wallet(services)
    design = GoogleWalletDesign(data.logo_url, data.background_color)
    async with connect(services.pool) as conn:
        program = await find_program(conn, program_id)
        own = await find_card_settings(conn, program_id)
    if program is None:
        raise not_found("program")
    shown = GoogleProgram(
        program_id=program.id,
        name=program.name,
        locale=program.default_locale,
        logo_url=design.logo_url,
        background_color=first_colour(design.background_color, own.colour),
    )
    try:
        await wallet.publish("loyaltyClass", describe_class(wallet.issuer, shown))
    except WalletRefused as refused:
        raise Problem("wallet-refused", f"Google says: {refused.reason}") from refused
    except (WalletLocked, WalletBusy) as failure:
        raise _unavailable(failure) from failure
    return design


def _require_wallet(services: Services) -> GoogleWallet:
    if services.google_wallet is None:
        raise Problem(
            "wallet-not-configured", "This server has no keys for Google Wallet; its operator sets them as settings."
        )
    return services.google_wallet


def _unavailable(failure: WalletFailure) -> Problem:
    """Google's answer is not passed on: it may quote what it was sent."""
    log.error("google_wallet.failed", failure=type(failure).__name__, status=getattr(failure, "status", None))
    wait_s = failure.retry_after_s if isinstance(failure, WalletBusy) else None
    return Problem(
        "unavailable", "Google Wallet does not answer as it should now; try again.", retry_after_s=int(wait_s or 5)
    )
