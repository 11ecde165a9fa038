"""How people join: a program's settings for it, and the links that lead from a poster or a message to a store."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import FromPath, JSONBody

from cards.pictures import draw_qr
from ids import StoreId
from kit.clock import utc_now
from kit.database import Connection, connect
from members.invitations_repository import find_open_invitations
from members.phone_numbers import REGIONS
from programs import programs_repository, stores_repository
from programs.programs_repository import EnrolmentSettings
from programs.staff_repository import Session
from programs.store import JoinedStore
from server.accounts.invitation_links import OWN_SCHEME, hash_invitation_token, is_invitation_token
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import require_stores
from server.web.services import Services
from server.web.writes import write

CodeCap = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class EnrolmentSettingsChange(Body, frozen=True):
    """How people are to join the program."""

    phone_region: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}(?!\n)$", examples=["JP"])]
    """The country (ISO 3166-1) of phone numbers that are typed without a country code."""
    join_url: (
        Annotated[
            str,
            msgspec.Meta(
                pattern=r"^[a-z][a-z0-9+.-]*://[!-~]+(?!\n)$",
                max_length=300,
                examples=["https://app.kissa.example/join"],
            ),
        ]
        | None
    ) = None
    """The link that opens the app (an app link or its own scheme). The store is added as a query parameter."""
    app_check_project: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,20}(?!\n)$", description="digits")] | None = None
    """The number of the Firebase project whose App Check token an enrolment must carry; null: none."""
    code_hour_cap: CodeCap = 500
    """How many one-time codes go out in an hour at most, by text message and by e-mail each. The last fifth is kept for
    members who prove themselves by a contact that they have; owners are told when the rest is used up."""
    code_day_cap: CodeCap = 3000
    """The same in 24 hours; at least `code_hour_cap`."""
    allow_browsers: bool = False
    """Whether the card's page in a browser may enrol people where `app_check_project` is set. A browser has no App
    Check, so whoever asks in the name of one (`platform` `web`) needs none then; fewer of those can join from one
    network in a minute."""


class EnrolmentLink(msgspec.Struct, frozen=True):
    """A link for a poster, a web page or a message."""

    url: str
    """It opens the app, and names the program and the store."""


class EnrolmentLinkTarget(msgspec.Struct, frozen=True):
    """What an enrolment link leads to."""

    program: str
    """The program's code: send it with the enrolment."""
    program_name: str
    """The name of the program, to show to the person."""
    store_id: StoreId
    """Send it with the enrolment."""
    store_name: str
    """The name of the store, to show to the person."""


class InvitationTarget(EnrolmentLinkTarget, frozen=True):
    """What a link that was sent to one person leads to."""

    expires_at: datetime
    """Until when it is good. It is used up when somebody joins by it, not when it is read."""


class EnrolmentController(Controller):
    path = "/v1"
    tags = ("Enrolment",)

    @get("/program/enrolment", operation_id="getEnrolmentSettings", summary="How people join the program")
    async def get_enrolment_settings(self, staff: SessionDependency, services: ServicesDependency) -> EnrolmentSettings:
        async with connect(services.pool) as conn:
            return await programs_repository.find_enrolment_settings(conn, staff.program_id)

    @put("/program/enrolment", operation_id="updateEnrolmentSettings", summary="Change how people join the program")
    async def update_enrolment_settings(
        self,
        data: JSONBody[EnrolmentSettingsChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[EnrolmentSettings]:
        if data.phone_region not in REGIONS:
            raise Problem("invalid-request", "Give phone_region as a country's two letters, such as JP.")
        if data.code_day_cap < data.code_hour_cap:
            raise Problem("invalid-request", "Give code_day_cap as at least code_hour_cap.")
        settings = EnrolmentSettings(
            data.phone_region,
            data.join_url,
            data.app_check_project,
            data.code_hour_cap,
            data.code_day_cap,
            data.allow_browsers,
        )

        async def work(conn: Connection, _: datetime) -> EnrolmentSettings:
            await programs_repository.update_enrolment_settings(conn, staff.program_id, settings)
            return settings

        return await write(request, services, work)

    @get(
        "/stores/{store_id:uuid}/enrolment-link",
        operation_id="getEnrolmentLink",
        summary="The link that leads people to join at the store",
    )
    async def get_enrolment_link(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> EnrolmentLink:
        return EnrolmentLink(await find_join_link(services, staff, store_id, services.settings.card_url))

    @get(
        "/stores/{store_id:uuid}/enrolment-link.svg",
        operation_id="getEnrolmentLinkSvg",
        summary="The same link as a QR picture, for a poster",
        media_type="image/svg+xml",
    )
    async def get_enrolment_link_svg(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> str:
        return draw_qr(await find_join_link(services, staff, store_id, services.settings.card_url))

    @get(
        "/enrolment-links/{store_id:uuid}",
        operation_id="resolveEnrolmentLink",
        summary="What an enrolment link leads to",
    )
    async def resolve_enrolment_link(
        self, store_id: FromPath[StoreId], services: ServicesDependency
    ) -> EnrolmentLinkTarget:
        store = await _find(services, store_id)
        return EnrolmentLinkTarget(store.program_code, store.program_name, store.store_id, store.store_name)

    @get(
        "/invitations/{token:str}",
        operation_id="resolveInvitation",
        summary="What a link that was sent to one person leads to",
    )
    async def resolve_invitation(self, token: FromPath[str], services: ServicesDependency) -> InvitationTarget:
        """To read it does not use it up: programs look at links in messages before people do."""
        if not is_invitation_token(token):
            raise not_found("invitation")
        now, token_hash = utc_now(), hash_invitation_token(token)
        async with connect(services.pool) as conn:
            invitation = (await find_open_invitations(conn, [token_hash], now)).get(token_hash)
            store = None if invitation is None else await stores_repository.find_joined_store(conn, invitation.store_id)
        if invitation is None or store is None:
            raise not_found("invitation")
        return InvitationTarget(
            store.program_code, store.program_name, store.store_id, store.store_name, invitation.expires_at
        )


async def _find(services: Services, store_id: StoreId) -> JoinedStore:
    async with connect(services.pool) as conn:
        store = await stores_repository.find_joined_store(conn, store_id)
    if store is None:
        raise not_found("store")
    return store


async def find_join_link(services: Services, staff: Session, store_id: StoreId, card_origin: str | None) -> str:
    """By which people join at the store: the program's own app, else its card in a browser, where that is served.

    Raises Problem.
    """
    async with connect(services.pool) as conn:
        if await stores_repository.find_store(conn, staff.program_id, store_id) is None:
            raise not_found("store")
    require_stores(staff, [store_id])
    store = await _find(services, store_id)
    if store.join_url is None and card_origin is not None:
        return f"{card_origin}/card/{store.program_code}/?{urlencode({'store': str(store_id)})}"
    base = store.join_url or OWN_SCHEME
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'program': store.program_code, 'store': str(store_id)})}"
