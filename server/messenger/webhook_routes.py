"""Meta's webhook of a page: verified once by a word, and each post by its signature."""

from typing import Annotated

import msgspec
import structlog
from litestar import Controller, Response, get, post
from litestar.params import FromPath, HeaderParameter, QueryParameter

from channels.messenger.credentials import MessengerCredentials, is_same, is_signed, unseal_credentials
from channels.messenger.messenger_pages_repository import MessengerPageRow, find_page
from channels.messenger.webhook import Contacted, Unreadable, read_webhook
from ids import ProgramId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from server.messenger.link_member import PersonTaken, take_contact
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import ServicesDependency
from server.web.query_parameters import LENIENT
from server.web.services import Services

WEBHOOKS = "/messenger/v1/webhooks"

Signature = Annotated[
    str, HeaderParameter(name="X-Hub-Signature-256", description="`sha256=` and the HMAC-SHA256 of the body, by Meta")
]
Mode = Annotated[str, QueryParameter(name="hub.mode", description="`subscribe`")]
VerifyToken = Annotated[str, QueryParameter(name="hub.verify_token", description="the program's word")]
Challenge = Annotated[str, QueryParameter(name="hub.challenge", max_length=500, description="what to answer")]

log = structlog.get_logger()


class MessengerWebhookController(Controller):
    path = WEBHOOKS
    tags = ("Messenger",)
    opt = LENIENT

    @get(
        "/{program_id:uuid}",
        operation_id="verifyMessengerWebhook",
        summary="Verify the address of a page's webhook",
        media_type="text/plain",
    )
    async def verify_messenger_webhook(
        self,
        program_id: FromPath[ProgramId],
        services: ServicesDependency,
        mode: Mode = "",
        verify_token: VerifyToken = "",
        challenge: Challenge = "",
    ) -> Response[str]:
        """For Meta, when the owner enters the address."""
        _, credentials = await _require_page(services, program_id)
        if mode != "subscribe" or not is_same(credentials.verify_token, verify_token):
            raise Problem("webhook-refused", "Enter the verify_token of PUT /v1/program/messenger in Meta's console.")
        return Response(challenge, media_type="text/plain")

    @post(
        "/{program_id:uuid}",
        operation_id="takeMessengerWebhook",
        summary="Take what people write to a program's page",
        status_code=200,
    )
    async def take_messenger_webhook(
        self,
        program_id: FromPath[ProgramId],
        request: Call,
        services: ServicesDependency,
        signature: Signature = "",
    ) -> Response[None]:
        """For Meta: the body is its own, signed with the app's secret. What comes twice, or late, changes nothing."""
        body = await read_body(request)
        page, credentials = await _require_page(services, program_id)
        if not is_signed(credentials.app_secret, body, signature):
            raise Problem("webhook-refused", "Sign the body with this program's app secret, in X-Hub-Signature-256.")
        try:
            contacts = read_webhook(body)
        except Unreadable:
            raise Problem("invalid-request", "Send what Meta sends: an object `page` with its entries.") from None
        for contact in contacts:
            if contact.page_id == page.page_id:  # an app may have several pages; this address is one's
                await _take(services, program_id, contact)
        return Response(None, status_code=200)


async def _take(services: Services, program_id: ProgramId, contact: Contacted) -> None:
    async def work(conn: Connection) -> None:
        await take_contact(conn, services.keyring, program_id, contact, utc_now())

    try:
        await in_transaction(services.pool, work)
    except PersonTaken:
        log.info("messenger.person_taken")
        # They have written all the same, and whose account it is may be answered.
        without_link = msgspec.structs.replace(contact, ref=None)
        await in_transaction(
            services.pool, lambda conn: take_contact(conn, services.keyring, program_id, without_link, utc_now())
        )


async def _require_page(services: Services, program_id: ProgramId) -> tuple[MessengerPageRow, MessengerCredentials]:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        page = await find_page(conn, program_id)
    if page is None:
        raise not_found("page of Facebook")
    return page, unseal_credentials(services.keyring, program_id, page.sealed_credentials)
