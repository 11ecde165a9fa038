"""The links of e-mails: unsubscription, confirmation that e-mail is wanted, counted clicks and openings.

Whoever has the link may use it. Nothing but counting is done by a GET: mailboxes and their
filters open links before people do.
"""

import base64
from contextlib import suppress
from typing import Literal

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from channels.mail.tokens import Link, LinkPurpose, unseal_link
from kit.clock import utc_now
from kit.database import Connection, DatabaseUnavailable, connect, in_transaction
from kit.locales import Locale
from members.members_repository import find_member
from programs.programs_repository import find_program
from push.receipts_repository import record_receipt
from server.mail.opt_in import confirm_opt_in
from server.mail.pages import HEADERS, show_page
from server.mail.unsubscribe import unsubscribe
from server.problems import Problem, not_found
from server.web.bodies import read_body
from server.web.dependencies import ServicesDependency
from server.web.services import Services

_ONE_CLICK = b"One-Click"
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")  # either may come (RFC 8058, section 3.2)


class MailLinkController(Controller):
    path = "/mail"
    tags = ("E-mail",)

    @get(
        "/unsubscribe/{token:str}",
        operation_id="showUnsubscribePage",
        summary="A page that asks whether no more e-mail is to come",
        media_type="text/html",
    )
    async def show_unsubscribe_page(self, token: FromPath[str], services: ServicesDependency) -> Response[str]:
        """In the member's language. Its button posts to the same address."""
        return await _page(services, "unsubscribe", _open(services, "unsubscribe", token))

    @post(
        "/unsubscribe/{token:str}",
        operation_id="unsubscribeByLink",
        summary="No more e-mail of campaigns (RFC 8058, one click)",
        media_type="text/html",
        status_code=200,
        opt={"media_types": _FORMS},
    )
    async def unsubscribe_by_link(
        self, token: FromPath[str], request: Request[None, None, State], services: ServicesDependency
    ) -> Response[str]:
        """The body is `List-Unsubscribe=One-Click`, as the header `List-Unsubscribe-Post` of the e-mail has it."""
        link = _open(services, "unsubscribe", token)
        if _ONE_CLICK not in await read_body(request):
            raise Problem("invalid-request", "Send List-Unsubscribe=One-Click as the body.")

        async def work(conn: Connection) -> None:
            await unsubscribe(conn, link, utc_now())

        await in_transaction(services.pool, work)
        return await _page(services, "unsubscribed", link)

    @get(
        "/opt-in/{token:str}",
        operation_id="showOptInPage",
        summary="A page that asks whether e-mail is wanted",
        media_type="text/html",
    )
    async def show_opt_in_page(self, token: FromPath[str], services: ServicesDependency) -> Response[str]:
        """In the member's language. Its button posts to the same address."""
        return await _page(services, "opt-in", _open(services, "opt-in", token))

    @post(
        "/opt-in/{token:str}",
        operation_id="confirmOptIn",
        summary="E-mail of campaigns is wanted",
        media_type="text/html",
        status_code=200,
        opt={"media_types": _FORMS},
    )
    async def confirm_opt_in(self, token: FromPath[str], services: ServicesDependency) -> Response[str]:
        """Of a program that asks for it (double opt-in). Confirmed twice it is confirmed once."""
        link = _open(services, "opt-in", token)
        is_new = await in_transaction(services.pool, lambda conn: confirm_opt_in(conn, link, utc_now()))
        return await _page(services, "opted-in" if is_new or await _wants(services, link) else "over", link)

    @get(
        "/click/{token:str}",
        operation_id="followCountedLink",
        summary="A link of an e-mail whose clicks are counted",
        status_code=302,
    )
    async def follow_counted_link(self, token: FromPath[str], services: ServicesDependency) -> Response[None]:
        """To where the writer had it lead, and nowhere else. Counted while the member consents to profiling."""
        link = _open(services, "click", token)
        if link.url is None:
            raise not_found("link")
        await _count(services, link, "clicked")
        return Response(None, status_code=302, headers=HEADERS | {"Location": link.url})

    @get(
        "/open/{token:str}",
        operation_id="countOpening",
        summary="The picture by which openings of an e-mail are counted",
        media_type="image/gif",
    )
    async def count_opening(self, token: FromPath[str], services: ServicesDependency) -> Response[bytes]:
        """One transparent pixel. Counted while the member consents to profiling."""
        await _count(services, _open(services, "open", token), "opened")
        return Response(_PIXEL, media_type="image/gif", headers=HEADERS)


async def _count(services: Services, link: Link, kind: Literal["opened", "clicked"]) -> None:
    """Nobody waits for a database that is away."""
    message_id = link.message_id
    if message_id is None:
        return

    async def work(conn: Connection) -> None:
        await record_receipt(conn, link.member_id, message_id, kind, utc_now())

    with suppress(DatabaseUnavailable):
        await in_transaction(services.pool, work)


def _open(services: Services, purpose: LinkPurpose, token: str) -> Link:
    link = unseal_link(services.keyring, purpose, token)
    if link is None:
        raise not_found("link")
    return link


async def _wants(services: Services, link: Link) -> bool:
    async with connect(services.pool) as conn:
        member = await find_member(conn, link.member_id)
    return member is not None and member.email_consent


async def _page(services: Services, name: str, link: Link) -> Response[str]:
    """Of who has been erased it says the same, in Japanese."""
    locale: Locale = "ja"
    async with connect(services.pool) as conn:
        member = await find_member(conn, link.member_id)
        program = None if member is None else await find_program(conn, member.program_id)
    if member is not None:
        locale = member.locale
    return Response(show_page(name, locale, "" if program is None else program.name), headers=HEADERS)
