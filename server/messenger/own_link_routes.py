"""A member's own link with the chat of the program's page, as their app makes and ends it."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, delete, get, post

from channels.messenger.messenger_links_repository import MessengerLink, delete_link, find_link
from channels.messenger.messenger_pages_repository import find_page
from channels.messenger.webhook import WINDOW
from kit.database import Connection, connect
from server.messenger.link_member import begin_link
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.writes import write


class MessengerLinkStart(msgspec.Struct, frozen=True):
    """Where the person begins to write to the page."""

    url: str
    """Open it on the same phone: the chat is linked with the member by what they write or press there."""
    expires_at: datetime
    """Until then it links, once."""


class OwnMessengerLink(msgspec.Struct, frozen=True):
    """Whether the member is known in the chat of the program's page."""

    linked_at: datetime | None
    """Since when. Null: they are not."""
    answers_until: datetime | None
    """Until then the page may answer what they wrote last. Null: they are not linked."""


class OwnMessengerLinkController(Controller):
    path = "/v1/me/messenger"
    tags = ("Messenger",)

    @get(operation_id="getMyMessengerLink", summary="Whether the member is known in the chat of the page")
    async def get_my_messenger_link(self, device: DeviceDependency, services: ServicesDependency) -> OwnMessengerLink:
        async with connect(services.pool) as conn:
            return _view(await find_link(conn, device.member_id))

    @post("/link", operation_id="beginMessengerLink", summary="Begin to write to the program's page", status_code=200)
    async def begin_messenger_link(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[MessengerLinkStart]:
        async def work(conn: Connection, now: datetime) -> MessengerLinkStart:
            await lock_active_device(conn, device)
            page = await find_page(conn, device.program_id)
            if page is None:
                raise Problem(
                    "messenger-not-configured", "The program's owner connects its page by PUT /v1/program/messenger."
                )
            return MessengerLinkStart(*await begin_link(conn, device.program_id, device.member_id, page.page_id, now))

        return await write(request, services, work)

    @delete(operation_id="unlinkMyMessenger", summary="Unlink the chat of the program's page", status_code=204)
    async def unlink_my_messenger(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, _: datetime) -> None:
            await lock_active_device(conn, device)
            await delete_link(conn, device.member_id)

        return await write(request, services, work, status=204)


def _view(link: MessengerLink | None) -> OwnMessengerLink:
    if link is None:
        return OwnMessengerLink(None, None)
    return OwnMessengerLink(link.linked_at, link.last_wrote_at + WINDOW)
