"""A member's personal data: export and erasure by an owner, at the member's request."""

from datetime import datetime

from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from ids import MemberId, VerificationId
from kit.database import Connection
from members.contacts import ContactKind
from programs.staff_repository import Session
from server.accounts.contact_routes import VerifiedBy
from server.accounts.prove_member import SentCode, prove_by_codes
from server.accounts.send_code import CodeRequest, Verification
from server.alerts.alert_all import alert_all
from server.alerts.tell_contacts import Telling
from server.privacy.erase_now import erase_now
from server.privacy.prove import send_data_code
from server.privacy.stream_export import stream_export
from server.problems import CommittedRefusal
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body, TypedCode
from server.web.scoping import find_member_of
from server.web.services import Services
from server.web.writes import path_of, write


class MemberDataCodeRequest(Body, frozen=True):
    """The staff have a code for an export sent to the member."""

    kind: ContactKind | None = None
    """To which contact; null takes the phone number, else the e-mail address."""


class CodeProof(Body, frozen=True):
    """The code that the member has received and told the owner."""

    code_id: VerificationId
    """The `id` of the answer to POST /v1/members/{member_id}/data-codes."""
    code: TypedCode
    """The six digits as typed."""


class MemberErasureRequest(Body, frozen=True):
    """The owner erases a member at the member's request."""

    verified_by: VerifiedBy
    """How the owner made sure that the member asks for it. It is kept in the audit trail, without the member."""


class MemberDataController(Controller):
    path = "/v1/members"
    tags = ("Personal data",)

    @post(
        "/{member_id:uuid}/data-codes",
        operation_id="sendMemberDataCode",
        summary="Have a code for an export sent to the member",
        status_code=201,
    )
    async def send_member_data_code(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[MemberDataCodeRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Verification]:
        """The message asks the member to give the owner the code only if they want a copy of their data."""

        async def work(conn: Connection, now: datetime) -> Verification:
            return await send_export_code(conn, services, staff, member_id, data.kind, now)

        return await write(request, services, work, status=201, target=path_of(request))

    @post(
        "/{member_id:uuid}/export",
        operation_id="exportMemberData",
        media_type="application/zip",
        summary="Export everything that is stored about a member, with their code",
        status_code=200,
    )
    async def export_member_data(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[CodeProof],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Stream:
        """For a member who asks for it and cannot use the app. Each export needs a new code."""
        code = SentCode(data.code_id, data.code)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            return await prove_export(conn, services, staff, member_id, code, now)

        await write(request, services, work, is_keyed=False)
        return await stream_export(services, member_id)

    @post(
        "/{member_id:uuid}/erasure",
        operation_id="eraseMemberData",
        summary="Erase everything that is stored about a member",
        status_code=204,
    )
    async def erase_member_data(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[MemberErasureRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        """At the member's request, also for one who has left. It cannot be undone."""

        async def work(conn: Connection, now: datetime) -> None:
            await find_member_of(conn, staff, member_id)
            await erase_now(conn, Telling.of(services), staff.program_id, member_id, now)

        return await write(request, services, work, status=204, target=f"erased, verified by {data.verified_by}")


async def send_export_code(
    conn: Connection,
    services: Services,
    staff: Session,
    member_id: MemberId,
    kind: ContactKind | None,
    now: datetime,
) -> Verification:
    """Raises Problem; then no code is sent."""
    member = await find_member_of(conn, staff, member_id)
    code = CodeRequest(
        member_id=member_id,
        program_id=staff.program_id,
        locale=member.locale,
        purpose="export",
        message_kind="export_by_staff",
        network=None,
    )
    return await send_data_code(conn, services.keyring, services.channels, code, kind, now)


async def prove_export(
    conn: Connection, services: Services, staff: Session, member_id: MemberId, code: SentCode, now: datetime
) -> CommittedRefusal | None:
    """By the code that the member has told; every contact of theirs hears of it. Raises Problem."""
    await find_member_of(conn, staff, member_id)
    shown = await prove_by_codes(conn, services.keyring, member_id, "export", [code], now)
    if isinstance(shown, CommittedRefusal):
        return shown
    await alert_all(conn, services, staff.program_id, member_id, None, "export", now)
    return None
