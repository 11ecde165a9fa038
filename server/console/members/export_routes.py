"""A copy of a member's data at the desk, by the flow of the API: a code is sent to the member, who tells it, and the
owner gets the file. No page shows a contact, or what is in the file.
"""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from ids import MemberId, VerificationId
from kit.database import Connection, connect
from members.contacts import ContactKind
from members.handles_repository import list_contacts
from server.accounts.prove_member import SentCode
from server.accounts.send_code import Verification
from server.console.form_values import read_id
from server.console.forms import read_fields
from server.console.members.export_words import EXPORT
from server.console.members.member_page import member_url, open_member
from server.faces.pages import PageRequest, lead_to
from server.privacy.member_routes import prove_export, send_export_code
from server.privacy.stream_export import stream_export
from server.problems import CommittedRefusal, Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import path_of, write

_KINDS: tuple[ContactKind, ...] = ("phone", "email")
# Problems that the page itself says.
_SAID = {
    "invalid-request": "code_unreadable",
    "incorrect-code": "code_wrong",
    "verification-expired": "code_over",
    "contact-not-found": "no_contact",
    "channel-not-configured": "no_channel",
    "proof-too-new": "contact_too_new",
    "too-many-attempts": "too_often",
    "invalid-member-state": "nothing_to_export",
}


class MemberExportController(Controller):
    path = "/console/members/{member_id:uuid}/export"

    @get()
    async def show_export(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        code_id = read_id(request.query_params.get("code", ""), VerificationId)
        return await _show(request, staff, services, member_id, code_id)

    @post("/code", status_code=303)
    async def send_code(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = (await read_fields(request)).get("kind", "")
        kind = next((each for each in _KINDS if each == typed), None)
        sent: list[Verification] = []

        async def work(conn: Connection, now: datetime) -> None:
            sent.append(await send_export_code(conn, services, staff, member_id, kind, now))

        try:
            await write(request, services, work, is_keyed=False, target=path_of(request))
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            return await _show(request, staff, services, member_id, None, error=_SAID[problem.slug])
        return lead_to(f"{member_url(member_id, 'export')}?code={sent[-1].id}&done=code")

    @post(status_code=200)
    async def hand_out(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any] | Stream:
        """The file. Each needs a code of its own, however often the form is sent."""
        typed = await read_fields(request)
        code_id = read_id(typed.get("code_id", ""), VerificationId)
        if code_id is None:
            return await _show(request, staff, services, member_id, None, error="code_over")
        code = SentCode(code_id, typed.get("code", ""))

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            return await prove_export(conn, services, staff, member_id, code, now)

        try:
            await write(request, services, work, is_keyed=False)
            return await stream_export(services, member_id)
        except Problem as problem:
            said = "code_over" if problem.slug == "not-found" else _SAID.get(problem.slug)
            if said is None:
                raise
            kept = code_id if said in ("code_wrong", "code_unreadable") else None
            return await _show(request, staff, services, member_id, kept, error=said)


async def _show(
    request: PageRequest,
    staff: Any,
    services: Services,
    member_id: MemberId,
    code_id: VerificationId | None,
    *,
    error: str | None = None,
) -> Response[str]:
    """`code_id`: of the code that was sent, and is to be typed."""
    async with connect(services.pool) as conn:
        page = await open_member(conn, request, services, staff, member_id, "account")
        contacts = await list_contacts(conn, member_id)
    return page.show(
        template="export",
        words=EXPORT,
        status=200 if error is None else 422,
        kinds=[kind for kind in _KINDS if any(each.kind == kind for each in contacts)],
        code_id=code_id,
        error=error,
    )
