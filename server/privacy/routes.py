"""A member's personal data: export and erasure, by the member, or by an owner at the member's request."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO, Annotated, Literal

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from ids import MemberId, VerificationId
from kit.database import Connection, in_read_only_transaction
from members.contacts import ContactKind
from server.accounts.send_code import CodeRequest, Verification
from server.privacy.erase import erase
from server.privacy.export import export
from server.privacy.prove import DataPurpose, Proof, prove, prove_by_code, send_data_code
from server.problems import CommittedRefusal, Problem
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency, SessionDependency
from server.web.device_guard import DATA_RIGHTS_STATES, lock_active_device
from server.web.fields import Body
from server.web.scoping import find_member_of
from server.web.services import Services
from server.web.writes import path_of, write

_CHUNK_BYTES = 65536

TypedCode = Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["123 456"])]
CardCode = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class DataCodeRequest(Body, frozen=True):
    """The member asks for a one-time code that proves an export or an erasure."""

    purpose: DataPurpose
    """What the code is good for."""
    kind: ContactKind | None = None
    """To which contact; null takes the phone number, else the e-mail address."""


class MemberDataCodeRequest(Body, frozen=True):
    """The staff have a code for an export sent to the member."""

    kind: ContactKind | None = None
    """To which contact; null takes the phone number, else the e-mail address."""


class MemberProof(Body, frozen=True):
    """A member with a contact sends `code_id` and `code`; a member without one sends `card_code`.

    A member without a contact, none of whose phones makes the card's codes, sends neither.
    """

    code_id: VerificationId | None = None
    """The `id` of the answer to POST /v1/me/data-codes."""
    code: TypedCode | None = None
    """The six digits as typed."""
    card_code: CardCode | None = None
    """The digits of the QR code that the card shows now."""


class CodeProof(Body, frozen=True):
    """The code that the member has received and told the owner."""

    code_id: VerificationId
    """The `id` of the answer to POST /v1/members/{member_id}/data-codes."""
    code: TypedCode
    """The six digits as typed."""


class MemberErasureRequest(Body, frozen=True):
    """The owner erases a member at the member's request."""

    verified_by: Literal["identity_document", "card_shown", "contact_answered", "legal_order"]
    """How the owner made sure that the member asks for it. It is kept in the audit trail, without the member."""


class OwnDataController(Controller):
    path = "/v1/me"
    tags = ("Personal data",)

    @post(
        "/data-codes",
        operation_id="sendMyDataCode",
        summary="Have a code sent, for a copy of the data or for its erasure",
        status_code=201,
    )
    async def send_my_data_code(
        self, data: JSONBody[DataCodeRequest], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[Verification]:
        """To one of the member's contacts. It is good for the purpose that was asked for, and no other."""
        code = CodeRequest(
            member_id=device.member_id,
            program_id=device.program_id,
            locale=device.locale,
            purpose=data.purpose,
            message_kind=data.purpose,
        )

        async def work(conn: Connection, now: datetime) -> Verification:
            verification = await send_data_code(conn, services.keyring, services.channels, code, data.kind, now)
            await lock_active_device(conn, device, DATA_RIGHTS_STATES)
            return verification

        return await write(request, services, work, status=201)

    @post(
        "/export",
        operation_id="exportMyData",
        media_type="application/zip",
        summary="Export everything that is stored about the member, as a ZIP",
        status_code=200,
    )
    async def export_my_data(
        self, data: JSONBody[MemberProof], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Stream:
        """One JSON file a table, and a README.txt that explains them. Each export needs a new proof."""
        proof = Proof(data.code_id, data.code, data.card_code)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            problem = await prove(conn, services.keyring, device, "export", proof, now)
            await lock_active_device(conn, device, DATA_RIGHTS_STATES)
            return problem

        await write(request, services, work, is_keyed=False)
        return await _stream_export(services, device.member_id)

    @post(
        "/erasure",
        operation_id="eraseMyData",
        summary="Erase everything that is stored about the member",
        status_code=204,
    )
    async def erase_my_data(
        self, data: JSONBody[MemberProof], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        """The accounting records stay (purchases, points, redemptions), without a person. It cannot be undone.

        The device token ends with it: a repeated request is answered 401.
        """
        proof = Proof(data.code_id, data.code, data.card_code)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            problem = await prove(conn, services.keyring, device, "erasure", proof, now)
            if problem is None:
                await erase(conn, device.program_id, device.member_id, now, device)
            return problem

        return await write(request, services, work, status=204, is_keyed=False)


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
            member = await find_member_of(conn, staff, member_id)
            code = CodeRequest(
                member_id=member_id,
                program_id=staff.program_id,
                locale=member.locale,
                purpose="export",
                message_kind="export_by_staff",
            )
            return await send_data_code(conn, services.keyring, services.channels, code, data.kind, now)

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
        proof = Proof(data.code_id, data.code)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            await find_member_of(conn, staff, member_id)
            return await prove_by_code(conn, services.keyring, member_id, "export", proof, now)

        await write(request, services, work, is_keyed=False)
        return await _stream_export(services, member_id)

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
            await erase(conn, staff.program_id, member_id, now)

        return await write(request, services, work, status=204, target=f"erased, verified by {data.verified_by}")


async def _stream_export(services: Services, member_id: MemberId) -> Stream:
    """In a temporary file, which is deleted with the answer. Raises Problem."""
    wait_s = services.export_throttle.wait_s(str(member_id), time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Use the copy that you have.", retry_after_s=int(wait_s) + 1)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        async with services.export_slots:
            await in_read_only_transaction(services.pool, lambda conn: export(conn, services.keyring, member_id, file))
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    disposition = {"Content-Disposition": 'attachment; filename="noren-data.zip"', "Cache-Control": "no-store"}
    return Stream(_read(file), media_type="application/zip", headers=disposition)


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk
