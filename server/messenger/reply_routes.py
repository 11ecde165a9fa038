"""An owner answers a member in Messenger, for as long as Meta allows it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from channels.deliveries_repository import queue_message
from channels.messages import MessengerMessage
from channels.messenger.credentials import unseal_user
from channels.messenger.messenger_links_repository import find_link
from channels.messenger.messenger_pages_repository import find_page
from channels.messenger.webhook import MAX_TEXT, WINDOW, is_open
from ids import MemberId
from kit.database import Connection
from members.aliases_repository import lock_members
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import find_member_of
from server.web.writes import write


class MessengerReply(Body, frozen=True):
    """What the member is answered."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, pattern=r"\S")]
    """Plain text."""


class QueuedMessengerReply(msgspec.Struct, frozen=True):
    """The answer waits to be sent."""

    expires_at: datetime
    """Meta takes it until then."""


class MessengerReplyController(Controller):
    path = "/v1/members/{member_id:uuid}/messenger-replies"
    tags = ("Messenger",)

    @post(operation_id="replyByMessenger", summary="Answer a member in Messenger", status_code=202)
    async def reply_by_messenger(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[MessengerReply],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[QueuedMessengerReply]:
        """Within 24 hours of the member's last message to the page. Meta takes nothing later: the message tags that
        reached further are refused since April 2026, and marketing messages are not available in Japan.
        """

        async def work(conn: Connection, now: datetime) -> QueuedMessengerReply:
            await find_member_of(conn, staff, member_id)
            await lock_members(conn, [member_id])
            if await find_page(conn, staff.program_id) is None:
                raise Problem(
                    "messenger-not-configured", "Connect the program's page first, by PUT /v1/program/messenger."
                )
            link = await find_link(conn, member_id)
            if link is None:
                raise Problem("messenger-not-linked", "The member has not written to the page; reach them otherwise.")
            if not is_open(link.last_wrote_at, now):
                raise Problem(
                    "messenger-window-closed",
                    "The member last wrote more than 24 hours ago, and Meta takes an answer for so long only. Its"
                    " message tags are refused since April 2026, and its marketing messages are not available in Japan:"
                    " reach the member by another channel, or wait until they write again.",
                )
            user_id = unseal_user(services.keyring, staff.program_id, link.sealed_user_id)
            expires_at = link.last_wrote_at + WINDOW
            message = MessengerMessage(user_id, data.text)
            await queue_message(conn, services.keyring, member_id, staff.program_id, message, now, expires_at)
            return QueuedMessengerReply(expires_at)

        return await write(request, services, work, status=202)
