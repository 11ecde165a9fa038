"""The staff put a number or address on the suppression list, take it off, and see whether it is there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody

from kit.database import Connection, connect, in_transaction
from members.contacts import ContactKind
from programs.staff_repository import Session
from server.accounts.suppressions import (
    ListedContact,
    SuppressedChannel,
    find_listed,
    lift,
    read_suppressions,
    suppress,
)
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.services import Services
from server.web.writes import write

ContactText = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class ContactQuestion(Body, frozen=True, kw_only=True):
    """A phone number or e-mail address."""

    kind: ContactKind
    """What it is."""
    value: ContactText
    """It, in any usual form."""


class ContactSuppression(ContactQuestion, frozen=True, kw_only=True):
    """A phone number or e-mail address that is to get no more."""

    reason: Literal["asked", "not_theirs", "complained", "undeliverable"]
    """`asked`: the person asked for it. `not_theirs`: it is somebody else's. `complained`: they complained to you.
    `undeliverable`: nothing arrives there. The audit trail keeps it."""


class ContactLift(ContactQuestion, frozen=True, kw_only=True):
    """A phone number or e-mail address that may get messages again."""

    reason: Literal["asked", "mistake", "works_again"]
    """`asked`: the person asked for it. `mistake`: it should not have been on the list. `works_again`: what was
    undeliverable arrives. The audit trail keeps it."""


class ContactSuppressions(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a contact is on the suppression list."""

    is_suppressed: bool
    """Whether it gets no more by one channel at least."""
    suppressions: Sequence[SuppressedChannel]
    """Of each channel why. Of an address: for the member who has it now."""
    key: str
    """How the audit trail names the contact, in `target`: 16 hexadecimal digits, from which nobody learns it."""


class SuppressionController(Controller):
    path = "/v1/suppressions"
    tags = ("Members",)

    @post(
        "/search",
        operation_id="findSuppressions",
        summary="Whether a number or address is on the suppression list",
        status_code=200,
    )
    async def find_suppressions(
        self, data: JSONBody[ContactQuestion], staff: SessionDependency, services: ServicesDependency
    ) -> ContactSuppressions:
        """In a body, because what tells of a person must not stand in a URL. It changes nothing."""

        async def work(conn: Connection) -> ContactSuppressions:
            contact = await find_listed(conn, services.keyring, staff.program_id, data.kind, data.value)
            return await _view(conn, contact)

        return await in_transaction(services.pool, work)

    @post(operation_id="suppressContact", summary="Put a number or address on the suppression list", status_code=200)
    async def suppress_contact(
        self,
        data: JSONBody[ContactSuppression],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[ContactSuppressions]:
        """A number gets no text and no call any more, not even a code. An address, which a member must have, gets no
        e-mail of campaigns; codes that its member asks for still go there.
        """

        async def work(conn: Connection, now: datetime) -> ContactSuppressions:
            contact = await find_listed(conn, services.keyring, staff.program_id, data.kind, data.value)
            await suppress(conn, contact, now)
            return await _view(conn, contact)

        return await write(request, services, work, target=await _target(services, staff, data))

    @post(
        "/removals",
        operation_id="liftSuppressions",
        summary="Take a number or address off the suppression list",
        status_code=200,
    )
    async def lift_suppressions(
        self, data: JSONBody[ContactLift], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[ContactSuppressions]:
        """Whatever had put it there. A consent that the member has withdrawn stays withdrawn, and where a provider of
        SMS keeps a list of its own, the person has to answer START.
        """

        async def work(conn: Connection, _: datetime) -> ContactSuppressions:
            contact = await find_listed(conn, services.keyring, staff.program_id, data.kind, data.value)
            await lift(conn, contact)
            return await _view(conn, contact)

        return await write(request, services, work, target=await _target(services, staff, data))


async def _target(services: Services, staff: Session, data: ContactSuppression | ContactLift) -> str:
    """What the audit trail says: which contact, so that nobody learns it, and why. Raises Problem."""
    async with connect(services.pool) as conn:
        contact = await find_listed(conn, services.keyring, staff.program_id, data.kind, data.value)
    return f"{data.kind} {contact.key}: {data.reason}"


async def _view(conn: Connection, contact: ListedContact) -> ContactSuppressions:
    held = await read_suppressions(conn, contact)
    return ContactSuppressions(is_suppressed=bool(held), suppressions=held, key=contact.key)
