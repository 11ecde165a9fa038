"""Transfers: is the card to which a confirmed contact leads this person's?"""

from datetime import date, datetime

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from ids import MemberId, StoreId, TransferId, VerificationId
from kit.clock import utc_now
from kit.database import Connection, connect
from members.contacts import ContactKind
from members.transfers import Transfer
from members.transfers_repository import list_open_transfers
from server.accounts.confirm import VerificationResult
from server.accounts.decide_transfer import (
    LastVisit,
    TransferProof,
    complete_transfer,
    decline_transfer,
    object_to_transfer,
    prove_transfer,
    send_transfer_code,
)
from server.accounts.open_transfer import OpenTransfer, view_transfer
from server.accounts.send_code import Verification
from server.alerts.tell_contacts import Telling
from server.problems import CommittedRefusal
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.fields import Body, CardCode, TypedCode
from server.web.networks import network_of
from server.web.writes import write


class TransferAgainst(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else has confirmed this member's contact. If that was not this person: object."""

    id: TransferId
    """The id of the transfer."""
    kind: ContactKind
    """Which contact they confirmed."""
    opened_at: datetime
    """When they confirmed it."""
    completes_at: datetime
    """Until then nobody gets the card but by a code to another contact, or by the card itself."""


class Transfers(msgspec.Struct, frozen=True):
    """The open transfers that concern this member."""

    asked: list[OpenTransfer]
    """Those by which this phone would get another card."""
    against: list[TransferAgainst]
    """Those by which another phone would get this member's card."""


class TransferCodeRequest(Body, frozen=True):
    """A code is to be sent to the card's other contact."""

    kind: ContactKind
    """One of the transfer's `ways`."""


class LastVisitAnswer(Body, frozen=True):
    """Where and when the person was last at a store with the card."""

    store_id: StoreId
    """The store."""
    day: date
    """The day; a week more or less does not matter."""


class TransferProofBody(Body, frozen=True, kw_only=True):
    """One proof: `code_id` and `code`, or `card_code`, or `last_visit`."""

    code_id: VerificationId | None = None
    """The `id` of the answer to POST …/codes."""
    code: TypedCode | None = None
    """The six digits as typed."""
    card_code: CardCode | None = None
    """The digits of the QR code that the card shows on the other phone now."""
    last_visit: LastVisitAnswer | None = None
    """Right, it is taken as a proof when the card's owner has had a week to object."""


class TransferController(Controller):
    path = "/v1/me/transfers"
    tags = ("Member",)

    @get(operation_id="listTransfers", summary="Cards that would come to this phone, or leave it")
    async def list_transfers(self, device: DeviceDependency, services: ServicesDependency) -> Transfers:
        now = utc_now()
        async with connect(services.pool) as conn:
            transfers = await list_open_transfers(conn, device.member_id, now)
            asked = [await view_transfer(conn, each, now) for each in transfers if each.member_id == device.member_id]
        return Transfers(asked, _against(device.member_id, transfers))

    @post("/{transfer_id:uuid}/codes", operation_id="sendTransferCode", summary="Have a code sent to the other contact")
    async def send_transfer_code(
        self,
        transfer_id: FromPath[TransferId],
        data: JSONBody[TransferCodeRequest],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[Verification]:
        """To a contact of the card that was not the one confirmed. It is not told which it is."""

        async def work(conn: Connection, now: datetime) -> Verification:
            return await send_transfer_code(
                conn, services.keyring, services.channels, device, transfer_id, data.kind, network_of(request), now
            )

        return await write(request, services, work, status=201)

    @post(
        "/{transfer_id:uuid}/prove",
        operation_id="proveTransfer",
        summary="Prove that the card is this person's; it comes to this phone",
        status_code=200,
    )
    async def prove_transfer(
        self,
        transfer_id: FromPath[TransferId],
        data: JSONBody[TransferProofBody],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[VerificationResult]:
        """By a code or the card itself at once: the answer has the phone's new token. Send an Idempotency-Key.

        By the last visit, the answer has the `transfer` with the time from which it can be completed.
        """
        visit = None if data.last_visit is None else LastVisit(data.last_visit.store_id, data.last_visit.day)
        proof = TransferProof(code_id=data.code_id, code=data.code, card_code=data.card_code, last_visit=visit)

        async def work(conn: Connection, now: datetime) -> VerificationResult | CommittedRefusal:
            snapshot = services.keeper.current
            return await prove_transfer(conn, services.keyring, snapshot, device, transfer_id, proof, now)

        return await write(request, services, work)

    @post(
        "/{transfer_id:uuid}/complete",
        operation_id="completeTransfer",
        summary="Get the card after the week in which its owner could object",
        status_code=200,
    )
    async def complete_transfer(
        self,
        transfer_id: FromPath[TransferId],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[VerificationResult]:
        """From `completes_at` on, unless the card's owner has objected. Send an Idempotency-Key.

        409 `proof-required`: the owner has been at a store since, or has a second contact now. Have it proved by that.
        """

        async def work(conn: Connection, now: datetime) -> VerificationResult:
            return await complete_transfer(conn, services.keeper.current, device, transfer_id, now)

        return await write(request, services, work)

    @post(
        "/{transfer_id:uuid}/decline",
        operation_id="declineTransfer",
        summary="It is not this person's card: the contact is, and goes on with theirs",
        status_code=204,
    )
    async def decline_transfer(
        self,
        transfer_id: FromPath[TransferId],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            await decline_transfer(conn, Telling.of(services), services.keeper.current, device, transfer_id, now)

        return await write(request, services, work, status=204)

    @post(
        "/{transfer_id:uuid}/object",
        operation_id="objectToTransfer",
        summary="Keep the card: whoever confirmed the contact is somebody else",
        status_code=204,
    )
    async def object_to_transfer(
        self,
        transfer_id: FromPath[TransferId],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        """The contact is no longer this member's: somebody else has it."""

        async def work(conn: Connection, now: datetime) -> None:
            await object_to_transfer(conn, Telling.of(services), services.keeper.current, device, transfer_id, now)

        return await write(request, services, work, status=204)


def _against(member_id: MemberId, transfers: list[Transfer]) -> list[TransferAgainst]:
    return [
        TransferAgainst(id=each.id, kind=each.kind, opened_at=each.created_at, completes_at=each.completes_at)
        for each in transfers
        if each.holder_id == member_id
    ]
