"""Contacts that are to go, and a code of the staff for a member who has lost theirs."""

from datetime import datetime
from typing import Literal

from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from ids import MemberId, VerificationId
from kit.database import Connection
from members.contacts import ContactKind
from server.accounts.permits import ContactPermit, permit_change
from server.accounts.prove_member import Proof, SentCode, prove_member, require_readable
from server.accounts.remove_contact import Removal, remove_contact
from server.alerts.tell_contacts import Telling
from server.problems import CommittedRefusal
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency, SessionDependency
from server.web.device_guard import lock_active_device
from server.web.fields import Body, CardCode, TypedCode
from server.web.scoping import find_member_of
from server.web.writes import write

VerifiedBy = Literal["identity_document", "card_shown", "contact_answered", "legal_order"]


class ContactRemoval(Body, frozen=True, kw_only=True):
    """Which contact is to go, and the proof that the member asks: one of the three."""

    kind: ContactKind
    """The phone number or the e-mail address."""
    code_id: VerificationId | None = None
    """The `id` of the answer to POST /v1/me/data-codes for a `change`; the code may come to the contact that goes."""
    proof_code: TypedCode | None = None
    """The six digits of that code, as typed."""
    card_code: CardCode | None = None
    """The digits of the QR code that the card shows now."""
    staff_code: TypedCode | None = None
    """The six digits that the staff have told the member."""


class ContactCodeRequest(Body, frozen=True):
    """The staff let a member change a contact whose former one they cannot show."""

    verified_by: VerifiedBy
    """How you made sure that it is the member. It is kept in the audit trail."""


class MemberContactRemoval(Body, frozen=True):
    """The staff remove a contact, because the member asks for it or because it is somebody else's."""

    kind: ContactKind
    """The phone number or the e-mail address."""
    verified_by: VerifiedBy
    """How you made sure of it. It is kept in the audit trail."""


class OwnContactController(Controller):
    path = "/v1/me/contact-removals"
    tags = ("Member",)

    @post(operation_id="removeMyContact", summary="Remove the phone number or the e-mail address", status_code=204)
    async def remove_my_contact(
        self, data: JSONBody[ContactRemoval], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        """Nothing is sent there any more, and it leads to nobody. It is told, like the other one, and comes back by the
        code of that message, for seven days. A member without any contact is anonymous: the card works on.
        """
        codes = () if data.code_id is None or data.proof_code is None else (SentCode(data.code_id, data.proof_code),)
        proof = Proof(codes, data.card_code, data.staff_code)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            require_readable(proof)
            shown = await prove_member(conn, services.keyring, device.member_id, "change", proof, now)
            if isinstance(shown, CommittedRefusal):
                return shown
            removal = Removal(device.program_id, device.member_id, data.kind, device.id)
            await remove_contact(conn, Telling.of(services), removal, now)
            await lock_active_device(conn, device)
            return None

        return await write(request, services, work, status=204)


class MemberContactController(Controller):
    path = "/v1/members/{member_id:uuid}"
    tags = ("Members",)

    @post(
        "/contact-codes",
        operation_id="permitContactChange",
        summary="A code for a member who has lost their contact",
        status_code=201,
    )
    async def permit_contact_change(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[ContactCodeRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[ContactPermit]:
        """Tell it to the member, who types it in the app (`staff_code`) to add, change or remove a contact.

        The former contacts are told of the change, and can stop it.
        """

        async def work(conn: Connection, now: datetime) -> ContactPermit:
            return await permit_change(conn, services.keyring, await find_member_of(conn, staff, member_id), now)

        target = f"{member_id}, verified by {data.verified_by}"
        return await write(request, services, work, status=201, target=target)

    @post(
        "/contact-removals",
        operation_id="removeMemberContact",
        summary="Remove a member's phone number or e-mail address",
        status_code=204,
    )
    async def remove_member_contact(
        self,
        member_id: FromPath[MemberId],
        data: JSONBody[MemberContactRemoval],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        """Say, of a number that was given to somebody else. Every contact is told, and can stop it for seven days."""

        async def work(conn: Connection, now: datetime) -> None:
            await find_member_of(conn, staff, member_id)
            removal = Removal(staff.program_id, member_id, data.kind, None)
            await remove_contact(conn, Telling.of(services), removal, now)

        target = f"{member_id}, {data.kind} removed, verified by {data.verified_by}"
        return await write(request, services, work, status=204, target=target)
