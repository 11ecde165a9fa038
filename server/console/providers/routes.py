"""The pages of providers: what is set, and the forms that set it by the API's own flows."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from cards.google_classes_repository import upsert_google_class
from ids import ProgramId
from kit.database import Connection, connect
from programs.staff_repository import Session
from server.console.forms import read_fields
from server.console.frame import lead_on
from server.console.providers.forms import FORMS, PROVIDERS, REMOVABLE, REMOVAL, ProviderKind, name_field, read_body
from server.console.providers.held import find_held
from server.console.providers.words import PROVIDER_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.line.channel_routes import LineChannelChange, change_line_channel, remove_line_channel
from server.mail.settings_routes import MailSettingsChange, change_mail_settings
from server.messenger.page_routes import MessengerPageChange, change_messenger_page, remove_messenger_page
from server.phone.settings_routes import PhoneSettingsChange, change_phone_settings
from server.problems import Problem, not_found
from server.wallets.google_routes import GoogleWalletDesignChange, publish_design
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

LIST = "/console/providers"
_Flow = Callable[[Connection, Services, ProgramId, Any, datetime], Awaitable[Any]]
_FLOWS: Mapping[ProviderKind, tuple[type[msgspec.Struct], _Flow]] = {
    "line": (LineChannelChange, change_line_channel),
    "phone": (PhoneSettingsChange, change_phone_settings),
    "mail": (MailSettingsChange, change_mail_settings),
    "messenger": (MessengerPageChange, change_messenger_page),
}
_REMOVALS: Mapping[ProviderKind, Callable[[Connection, ProgramId], Awaitable[None]]] = {
    "line": remove_line_channel,
    "messenger": remove_messenger_page,
}


class ProviderController(Controller):
    path = LIST

    @get()
    async def show_list(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            held = {each: await find_held(conn, services, staff.program_id, each) for each in PROVIDERS}
        settings = services.settings
        of_operator = {
            "push": settings.fcm_service_account is not None,
            "mail_server": "email" in services.channels,
            "apple_wallet": services.apple_wallet is not None,
            "google_account": services.google_wallet is not None,
        }
        return viewing.show("console/providers/list.html", PROVIDER_WORDS, held=held, of_operator=of_operator)

    @get("/{provider:str}")
    async def show_form(
        self, provider: FromPath[str], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show(request, staff, services, _find_kind(provider), None)

    @post("/{provider:str}", status_code=303)
    async def change(
        self, provider: FromPath[str], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        kind, typed = _find_kind(provider), await read_fields(request)
        try:
            await _save(request, staff, services, kind, read_body(kind, typed))
        except msgspec.ValidationError as error:
            return await _show(request, staff, services, kind, typed, wrong=name_field(kind, error) or "")
        except Problem as problem:
            return await _show(request, staff, services, kind, typed, refused=problem.detail)
        return lead_on(request, f"{LIST}/{provider}", "saved")

    @post("/{provider:str}/removal", status_code=303)
    async def remove(
        self, provider: FromPath[str], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        removal = _REMOVALS.get(_find_kind(provider))
        if removal is None:
            raise not_found("provider")

        async def work(conn: Connection, _: datetime) -> None:
            await removal(conn, staff.program_id)

        await write(request, services, work, is_keyed=False)
        return lead_on(request, LIST, "provider_removed")


async def _save(
    request: PageRequest, staff: Session, services: Services, kind: ProviderKind, body: Mapping[str, Any]
) -> None:
    """Raises Problem, msgspec.ValidationError."""
    if kind == "google_wallet":
        design = await publish_design(services, staff.program_id, msgspec.convert(body, GoogleWalletDesignChange))

        async def keep(conn: Connection, now: datetime) -> None:
            await upsert_google_class(conn, staff.program_id, design, now)

        await write(request, services, keep, is_keyed=False)
        return
    change, flow = _FLOWS[kind]
    data = msgspec.convert(body, change)

    async def work(conn: Connection, now: datetime) -> None:
        await flow(conn, services, staff.program_id, data, now)

    await write(request, services, work, is_keyed=False)


def _find_kind(provider: str) -> ProviderKind:
    """Raises Problem."""
    kind = next((each for each in PROVIDERS if each == provider), None)
    if kind is None:
        raise not_found("provider")
    return kind


async def _show(
    request: PageRequest,
    staff: Session,
    services: Services,
    kind: ProviderKind,
    typed: Mapping[str, str] | None,
    *,
    wrong: str | None = None,
    refused: str | None = None,
) -> Response[str]:
    """What was typed stays, but secrets. `wrong`: the field that cannot be read, empty where none is named."""
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        held = await find_held(conn, services, staff.program_id, kind)
    kept = (held.values if held else {}) if typed is None else typed
    shown = {each.name: "" if each.kind == "secret" else kept.get(each.name, "") for each in FORMS[kind]}
    return viewing.show(
        "console/providers/form.html",
        PROVIDER_WORDS,
        status=200 if wrong is None and refused is None else 422,
        kind=kind,
        fields=FORMS[kind],
        typed=shown,
        removal=REMOVAL,
        held=held,
        is_removable=kind in REMOVABLE and held is not None,
        wrong=wrong,
        refused=refused,
    )
