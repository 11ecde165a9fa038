"""What is set of each provider: all but the secrets, of which an owner sees that they are set, and how they end."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from cards.google_classes_repository import find_google_classes
from channels.line.credentials import unseal_credentials
from channels.line.line_channels_repository import find_channel
from channels.messenger.credentials import unseal_credentials as unseal_messenger
from channels.messenger.messenger_pages_repository import find_page
from channels.phone.phone_accounts_repository import find_phone_account
from ids import ProgramId
from kit.database import Connection
from programs.mail_settings_repository import find_mail_settings
from server.console.providers.forms import ProviderKind, end_of
from server.line.channel_routes import view_line_channel
from server.messenger.page_routes import view_messenger_page
from server.phone.settings_routes import view_phone_settings
from server.web.services import Services


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """`values`: as the form's fields hold them. `secrets`: how each that is set ends. `webhook_url`: to be entered at
    the provider. `fault`: the provider's word for what it refused last.
    """

    values: Mapping[str, str]
    secrets: Mapping[str, str] = {}
    since: datetime | None = None
    webhook_url: str | None = None
    fault: str | None = None


async def find_held(conn: Connection, services: Services, program_id: ProgramId, provider: ProviderKind) -> Held | None:
    """None: nothing is set."""
    return await _FINDERS[provider](conn, services, program_id)


async def _find_line(conn: Connection, services: Services, program_id: ProgramId) -> Held | None:
    channel = await find_channel(conn, program_id)
    if channel is None:
        return None
    held = unseal_credentials(services.keyring, program_id, channel.sealed_credentials)
    view = view_line_channel(channel, services)
    return Held(
        values=_type(msgspec.structs.asdict(view)),
        secrets={"channel_secret": end_of(held.channel_secret), "access_token": end_of(held.access_token)},
        since=view.changed_at,
        webhook_url=view.webhook_url,
        fault=view.fault,
    )


async def _find_phone(conn: Connection, services: Services, program_id: ProgramId) -> Held | None:
    account = await find_phone_account(conn, services.keyring, program_id)
    if account is None:
        return None
    view = view_phone_settings(services, account)
    ends = {name: end_of(secret) for name, secret in msgspec.structs.asdict(account.credentials).items()}
    return Held(
        values=_type(msgspec.structs.asdict(view)),
        secrets={name: end for name, end in ends.items() if end},
        since=account.changed_at,
        webhook_url=view.replies_url,
    )


async def _find_mail(conn: Connection, _: Services, program_id: ProgramId) -> Held | None:
    settings = await find_mail_settings(conn, program_id)
    return None if settings is None else Held(values=_type(msgspec.structs.asdict(settings)))


async def _find_messenger(conn: Connection, services: Services, program_id: ProgramId) -> Held | None:
    page = await find_page(conn, program_id)
    if page is None:
        return None
    held = unseal_messenger(services.keyring, program_id, page.sealed_credentials)
    view = view_messenger_page(page, services)
    return Held(
        values={"page_id": view.page_id},
        secrets={name: end_of(secret) for name, secret in msgspec.structs.asdict(held).items()},
        since=view.changed_at,
        webhook_url=view.webhook_url,
    )


async def _find_google_wallet(conn: Connection, _: Services, program_id: ProgramId) -> Held | None:
    held = (await find_google_classes(conn, [program_id])).get(program_id)
    return None if held is None else Held(values=_type(msgspec.structs.asdict(held.design)))


_FINDERS: Mapping[ProviderKind, Callable[[Connection, Services, ProgramId], Awaitable[Held | None]]] = {
    "line": _find_line,
    "phone": _find_phone,
    "mail": _find_mail,
    "messenger": _find_messenger,
    "google_wallet": _find_google_wallet,
}


def _type(values: Mapping[str, Any]) -> dict[str, str]:
    """As they are typed into the form."""
    return {name: "1" if value is True else str(value) for name, value in values.items() if value not in (None, False)}
