"""LINE's webhook: checked, stored and answered; a worker handles what it brought."""

from typing import Annotated

import structlog
from litestar import Controller, Response, post
from litestar.params import FromPath, HeaderParameter

from channels.line.credentials import is_signed, unseal_credentials
from channels.line.line_channels_repository import LineChannelRow, find_channel
from channels.line.line_events_repository import insert_events
from channels.line.webhook import REMEMBERED, Unreadable, read_webhook
from ids import ProgramId
from kit.clock import utc_now
from kit.database import connect, in_statement
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import ServicesDependency
from server.web.query_parameters import LENIENT
from server.web.services import Services

WEBHOOKS = "/line/v1/webhooks"

Signature = Annotated[
    str, HeaderParameter(name="X-Line-Signature", description="Base64 of an HMAC-SHA256 of the body, by LINE")
]

log = structlog.get_logger()


class LineWebhookController(Controller):
    path = WEBHOOKS
    tags = ("LINE",)
    opt = LENIENT

    @post(
        "/{program_id:uuid}",
        operation_id="takeLineWebhook",
        summary="Take the events of a program's official account",
        status_code=200,
    )
    async def take_line_webhook(
        self,
        program_id: FromPath[ProgramId],
        request: Call,
        services: ServicesDependency,
        signature: Signature = "",
    ) -> Response[None]:
        """For LINE: the body is its own, signed with the channel's secret. An event that came before has no second
        effect.
        """
        body = await read_body(request)
        channel = await _require_signed(services, program_id, body, signature)
        try:
            webhook = read_webhook(body)
        except Unreadable:
            raise Problem("invalid-request", "Send what LINE sends: an object with `events`.") from None
        if None not in (webhook.destination, channel.bot_user_id) and webhook.destination != channel.bot_user_id:
            raise Problem("webhook-refused", "Post the events of this program's own official account.")
        now = utc_now()
        # What is older may be a replay of an event whose id is forgotten by now.
        fresh = [event for event in webhook.events if now - event.at < REMEMBERED]
        if fresh:
            await in_statement(
                services.pool, lambda conn: insert_events(conn, services.keyring, program_id, fresh, now)
            )
        if len(fresh) < len(webhook.events):
            log.warning("line.stale_events", events=len(webhook.events) - len(fresh))
        return Response(None, status_code=200)


async def _require_signed(services: Services, program_id: ProgramId, body: bytes, signature: str) -> LineChannelRow:
    """Nothing of the body is read before. Raises Problem."""
    async with connect(services.pool) as conn:
        channel = await find_channel(conn, program_id)
    if channel is None:
        raise not_found("LINE channel")
    credentials = unseal_credentials(services.keyring, program_id, channel.sealed_credentials)
    if not is_signed(credentials.channel_secret, body, signature):
        raise Problem("webhook-refused", "Sign the body with this program's channel secret, in X-Line-Signature.")
    return channel
