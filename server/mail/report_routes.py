"""What a mail service posts of e-mails, in place of a mailbox that is read: signed by the operator's key."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, post
from litestar.datastructures import State

from channels.mail.bounce_reports import ReportKind
from channels.mail.tokens import read_message_id
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.decode_faults import explain
from kit.signed_posts import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed
from server.problems import Problem
from server.runtime.mail_books import record_report
from server.web.bodies import read_body
from server.web.dependencies import ServicesDependency
from server.web.fields import Body
from server.web.services import Services

MAX_BYTES = 64 * 1024


class MailReport(Body, frozen=True, kw_only=True):
    """What became of an e-mail."""

    message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    """The `Message-ID` that the e-mail had when Noren gave it away, with or without its brackets."""
    kind: ReportKind
    """`bounced`: there is no such mailbox. `failed`: it did not take this e-mail. `complained`: its reader calls it
    spam."""


class MailReports(Body, frozen=True, kw_only=True):
    """The body of the webhook."""

    reports: Annotated[list[MailReport], msgspec.Meta(min_length=1, max_length=100)]
    """In any order."""


class MailReportsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the reports. What is answered 200 need never be sent again."""

    taken: int
    """Those of e-mails of campaigns that Noren has sent; each counts once, however often it is told."""
    ignored: int
    """Those of other e-mails: their `message_id` is none that Noren has signed."""


class MailReportController(Controller):
    path = "/mail/v1/reports"
    tags = ("E-mail",)
    request_max_body_size = MAX_BYTES

    @post(operation_id="reportMails", summary="A mail service reports what became of e-mails", status_code=200)
    async def report_mails(self, request: Request[Any, Any, State], services: ServicesDependency) -> MailReportsTaken:
        """Signed with NOREN_MAIL_REPORT_KEY, at most five minutes ago: see docs/messages.md. By the same rules as what
        `./run admin read-bounces` reads.
        """
        reports = _decode(await _read_signed(request, services)).reports
        taken = 0
        for report in reports:
            taken += await _record(services, report)
        return MailReportsTaken(taken=taken, ignored=len(reports) - taken)


async def _read_signed(request: Request[Any, Any, State], services: Services) -> bytes:
    """The body, of which nothing was read before. Raises Problem."""
    body, key = await read_body(request), services.settings.mail_report_key
    timestamp, signature = (request.headers.get(name) for name in (TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if key is None or not is_signed(key, body, timestamp, signature, utc_now()):
        raise Problem(
            "webhook-refused", "Sign the time and the body with NOREN_MAIL_REPORT_KEY, as docs/messages.md tells."
        )
    return body


def _decode(body: bytes) -> MailReports:
    """Raises Problem."""
    try:
        return msgspec.json.decode(body, type=MailReports)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = explain(error, MailReports) if isinstance(error, msgspec.DecodeError) else "the body is no JSON"
        raise Problem("invalid-request", f"Correct this and send it again: {said}.") from error


async def _record(services: Services, report: MailReport) -> bool:
    """Whether it is of an e-mail of ours. Each in a transaction of its own: what was stored is known when it comes
    again."""
    origin = read_message_id(services.keyring, report.message_id)
    if origin is None:
        return False

    async def work(conn: Connection) -> None:
        await record_report(conn, origin, report.kind, utc_now())

    await in_transaction(services.pool, work)
    return True
