"""A program's page of Facebook: its credentials, which are never read back."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.params import JSONBody

from channels.messenger.credentials import MessengerCredentials, seal_credentials
from channels.messenger.messenger_pages_repository import MessengerPageRow, delete_page, find_page, upsert_page
from ids import ProgramId
from kit.database import Connection, connect
from server.messenger.webhook_routes import WEBHOOKS
from server.problems import not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

Secret = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,1000}(?!\n)$", description="printable ASCII")]


class MessengerPageChange(Body, frozen=True, kw_only=True):
    """The program's page, as Meta's developer console shows it."""

    page_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}(?!\n)$", examples=["104567890123456"])]
    """The id of the page."""
    app_secret: Secret
    """The secret of the app that has the webhook; Meta signs with it."""
    access_token: Secret
    """The page's long-lived access token."""
    verify_token: Secret
    """A word of your own: enter the same in Meta's console, which shows it once to verify the webhook's address."""


class MessengerPage(msgspec.Struct, frozen=True):
    """The program's page, without its credentials."""

    page_id: str
    """The id of the page."""
    webhook_url: str
    """Enter it as the callback URL in Meta's console. From the root of this API where it begins with a slash."""
    changed_at: datetime
    """When it was set last."""


class MessengerPageController(Controller):
    path = "/v1/program/messenger"
    tags = ("Messenger",)

    @get(operation_id="getMessengerPage", summary="The program's page of Facebook")
    async def get_messenger_page(self, staff: SessionDependency, services: ServicesDependency) -> MessengerPage:
        async with connect(services.pool) as conn:
            page = await find_page(conn, staff.program_id)
        if page is None:
            raise not_found("page of Facebook")
        return view_messenger_page(page, services)

    @put(operation_id="setMessengerPage", summary="Connect the program's page of Facebook")
    async def set_messenger_page(
        self,
        data: JSONBody[MessengerPageChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[MessengerPage]:
        """The credentials are kept sealed and never shown again."""

        async def work(conn: Connection, now: datetime) -> MessengerPage:
            return await change_messenger_page(conn, services, staff.program_id, data, now)

        return await write(request, services, work)

    @delete(operation_id="deleteMessengerPage", summary="Disconnect the program's page of Facebook", status_code=204)
    async def delete_messenger_page(
        self, request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, _: datetime) -> None:
            await remove_messenger_page(conn, staff.program_id)

        return await write(request, services, work, status=204)


async def change_messenger_page(
    conn: Connection, services: Services, program_id: ProgramId, data: MessengerPageChange, now: datetime
) -> MessengerPage:
    credentials = MessengerCredentials(data.app_secret, data.access_token, data.verify_token)
    page = MessengerPageRow(
        program_id=program_id,
        page_id=data.page_id,
        sealed_credentials=seal_credentials(services.keyring, program_id, credentials),
        changed_at=now,
    )
    await upsert_page(conn, page)
    return view_messenger_page(page, services)


async def remove_messenger_page(conn: Connection, program_id: ProgramId) -> None:
    """Raises Problem."""
    if not await delete_page(conn, program_id):
        raise not_found("page of Facebook")


def view_messenger_page(page: MessengerPageRow, services: Services) -> MessengerPage:
    url = f"{services.settings.public_url or ''}{WEBHOOKS}/{page.program_id}"
    return MessengerPage(page.page_id, url, page.changed_at)
