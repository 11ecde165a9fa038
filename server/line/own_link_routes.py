"""A member's own link with a LINE account, as their app makes and ends it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import JSONBody

from channels.line.line_links_repository import LineLink, find_link
from kit.database import Connection, connect
from server.line.find_channel import require_channel, require_login_channel
from server.line.link_member import AccountTaken, begin_link, link_account, unlink
from server.problems import Problem
from server.runtime.line_login import MAX_TOKEN_LENGTH
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.writes import write

LineToken = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+(?!\n)$", max_length=MAX_TOKEN_LENGTH)]


class LineAccountLinkRequest(Body, frozen=True):
    """The person came from LINE's chat, to link their account."""

    link_token: LineToken
    """`linkToken` of the address that opened the app."""


class LineAccountLink(msgspec.Struct, frozen=True):
    """Where the person agrees to link."""

    url: str
    """Open it on the same phone: LINE asks the person, and the link is there a moment later."""
    expires_at: datetime
    """Until then it can be opened, once."""


class LineIdToken(Body, frozen=True):
    """What the program's LIFF or MINI App says of who has opened it."""

    id_token: LineToken
    """The ID token (`liff.getIDToken()`), never a profile."""


class OwnLineLink(msgspec.Struct, frozen=True):
    """Whether the member has linked a LINE account."""

    linked_at: datetime | None
    """Since when. Null: none is linked."""
    receives_messages: bool
    """Whether messages by LINE arrive: false where the person has blocked the official account, or has linked none."""
    signs_in_from: datetime | None
    """From then on POST /v1/line-sign-ins signs the member in by this account. Null: none is linked."""


class OwnLineLinkController(Controller):
    path = "/v1/me/line"
    tags = ("LINE",)

    @get(operation_id="getMyLineLink", summary="Whether the member has linked a LINE account")
    async def get_my_line_link(self, device: DeviceDependency, services: ServicesDependency) -> OwnLineLink:
        async with connect(services.pool) as conn:
            return _view(await find_link(conn, device.member_id))

    @post(
        "/account-link",
        operation_id="beginLineAccountLink",
        summary="Begin to link the LINE account that opened the app",
        status_code=200,
    )
    async def begin_line_account_link(
        self,
        data: JSONBody[LineAccountLinkRequest],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[LineAccountLink]:
        async def work(conn: Connection, now: datetime) -> LineAccountLink:
            await lock_active_device(conn, device)
            await require_channel(conn, device.program_id)
            return LineAccountLink(*await begin_link(conn, device.program_id, device.member_id, data.link_token, now))

        return await write(request, services, work)

    @put(operation_id="linkMyLineAccount", summary="Link the LINE account that a LIFF or MINI App was opened with")
    async def link_my_line_account(
        self,
        data: JSONBody[LineIdToken],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[OwnLineLink]:
        """LINE is asked whose the token is. An account that the member had linked before is unlinked."""
        async with connect(services.pool) as conn:
            login_channel_id = await require_login_channel(conn, device.program_id)
        user_id = await services.line_login.verify(data.id_token, login_channel_id)

        async def work(conn: Connection, now: datetime) -> OwnLineLink:
            await lock_active_device(conn, device)
            try:
                return _view(
                    await link_account(conn, services.keyring, device.program_id, device.member_id, user_id, now)
                )
            except AccountTaken:
                raise Problem(
                    "line-account-taken", "Sign in by this LINE account, or unlink it from the other card first."
                ) from None

        return await write(request, services, work)

    @delete(operation_id="unlinkMyLineAccount", summary="Unlink the LINE account", status_code=204)
    async def unlink_my_line_account(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, _: datetime) -> None:
            await lock_active_device(conn, device)
            await unlink(conn, device.member_id)

        return await write(request, services, work, status=204)


def _view(link: LineLink | None) -> OwnLineLink:
    if link is None:
        return OwnLineLink(None, receives_messages=False, signs_in_from=None)
    return OwnLineLink(link.linked_at, receives_messages=link.blocked_at is None, signs_in_from=link.stands_at)
