"""A member's personal data: export and erasure, by the member."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, delete, post
from litestar.params import JSONBody
from litestar.response import Stream

from ids import VerificationId
from kit.database import Connection
from members.contacts import ContactKind
from members.device import Device
from members.handles_repository import list_contacts
from members.personal_repository import request_erasure, withdraw_erasure_request
from server.accounts.prove_member import DataPurpose, Proof, SentCode, prove_member
from server.accounts.send_code import CodeRequest, Verification
from server.alerts.alert_all import alert_all
from server.alerts.tell_contacts import Telling
from server.privacy.erase_now import erase_now
from server.privacy.prove import send_data_code
from server.privacy.stream_export import stream_export
from server.problems import CommittedRefusal
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.device_guard import DATA_RIGHTS_STATES, lock_active_device
from server.web.fields import Body, CardCode, TypedCode
from server.web.networks import network_of
from server.web.services import Services
from server.web.writes import write


class DataCodeRequest(Body, frozen=True):
    """The member asks for a one-time code that proves a change of their contacts, an export or an erasure."""

    purpose: DataPurpose
    """What the code is good for."""
    kind: ContactKind | None = None
    """To which contact; null takes the phone number, else the e-mail address."""


class MemberProof(Body, frozen=True):
    """A member sends `code_id` and `code`, or `card_code`; for an erasure at once, two of the three proofs.

    What a contact or a card proves that came less than three days ago: nothing. A member without a contact, none of
    whose phones makes the card's codes, sends none.
    """

    code_id: VerificationId | None = None
    """The `id` of the answer to POST /v1/me/data-codes."""
    code: TypedCode | None = None
    """The six digits as typed."""
    second_code_id: VerificationId | None = None
    """The `id` of a second code, which was sent to the member's other contact."""
    second_code: TypedCode | None = None
    """The six digits of that one."""
    card_code: CardCode | None = None
    """The digits of the QR code that the card shows now."""


class Erasure(msgspec.Struct, frozen=True):
    """What has become of the request."""

    erases_at: datetime | None
    """Null: everything is erased. Else it will be, then, unless the member withdraws it."""


class OwnDataController(Controller):
    path = "/v1/me"
    tags = ("Personal data",)

    @post(
        "/data-codes",
        operation_id="sendMyDataCode",
        summary="Have a code sent, for another contact, a copy of the data or its erasure",
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
            network=network_of(request),
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
        proof = _read_proof(data)

        async def work(conn: Connection, now: datetime) -> CommittedRefusal | None:
            shown = await prove_member(conn, services.keyring, device.member_id, "export", proof, now)
            await lock_active_device(conn, device, DATA_RIGHTS_STATES)
            if isinstance(shown, CommittedRefusal):
                return shown
            await alert_all(conn, services, device.program_id, device.member_id, device.id, "export", now)
            return None

        await write(request, services, work, is_keyed=False)
        return await stream_export(services, device.member_id)

    @post(
        "/erasure",
        operation_id="eraseMyData",
        summary="Erase everything that is stored about the member",
        status_code=200,
    )
    async def erase_my_data(
        self, data: JSONBody[MemberProof], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[Erasure]:
        """The accounting records stay (purchases, points, redemptions), without a person. It cannot be undone.

        A member with a contact who shows one proof is erased after 24 hours: every contact is told, and can stop it.
        With two proofs it is done at once; the device token ends with it, and a repeated request is answered 401.
        """
        proof = _read_proof(data)

        async def work(conn: Connection, now: datetime) -> Erasure | CommittedRefusal:
            shown = await prove_member(conn, services.keyring, device.member_id, "erasure", proof, now)
            if isinstance(shown, CommittedRefusal):
                return shown
            if shown < 2 and await list_contacts(conn, device.member_id):
                return await _request_erasure(conn, services, device, now)
            await erase_now(conn, Telling.of(services), device.program_id, device.member_id, now, device)
            return Erasure(None)

        return await write(request, services, work, is_keyed=False)

    @delete(
        "/erasure", operation_id="withdrawMyErasure", summary="Stay, after having asked for an erasure", status_code=204
    )
    async def withdraw_my_erasure(
        self, request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[None]:
        """Nothing happens where there is no such request."""

        async def work(conn: Connection, _: datetime) -> None:
            await withdraw_erasure_request(conn, device.member_id)
            await lock_active_device(conn, device, DATA_RIGHTS_STATES)

        return await write(request, services, work, status=204)


def _read_proof(data: MemberProof) -> Proof:
    sent = ((data.code_id, data.code), (data.second_code_id, data.second_code))
    return Proof([SentCode(id_, code) for id_, code in sent if id_ is not None and code is not None], data.card_code)


async def _request_erasure(conn: Connection, services: Services, device: Device, now: datetime) -> Erasure:
    erases_at = await request_erasure(conn, device.member_id, device.program_id, now)
    await lock_active_device(conn, device, DATA_RIGHTS_STATES)
    await alert_all(conn, services, device.program_id, device.member_id, device.id, "erasure", now)
    return Erasure(erases_at)
