"""Verifications: a member proves that a contact is theirs, and moves their card to a new phone by it."""

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from ids import VerificationId
from kit.database import Connection
from members.contacts import ContactKind
from server.accounts.confirm import VerificationResult, confirm
from server.accounts.prove_member import Proof, SentCode, prove_change
from server.accounts.send_code import Verification
from server.accounts.start_verification import read_contact, start_verification
from server.alerts.tell_contacts import Telling
from server.problems import CommittedRefusal, Problem
from server.web.auth import Call
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.fields import Body, CardCode, TypedCode
from server.web.networks import network_of
from server.web.writes import write


class VerificationRequest(Body, frozen=True):
    """The contact that the person has entered as theirs."""

    kind: ContactKind
    """Whether it is a phone number or an e-mail address."""
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=254, examples=["090-1234-5678"])]
    """In any form that people write. A phone number of another country begins with `+`."""
    code_id: VerificationId | None = None
    """Of a member who has a contact already, and adds or replaces one: the `id` of the answer to POST
    /v1/me/data-codes for a `change`."""
    proof_code: TypedCode | None = None
    """The six digits of that code, as typed."""
    card_code: CardCode | None = None
    """In the place of the two: the digits of the QR code that the card shows now."""
    staff_code: TypedCode | None = None
    """In their place too: the six digits that the staff have told a member who has lost their contact."""


class ConfirmationRequest(Body, frozen=True):
    """The code that the person has received."""

    code: TypedCode
    """As typed: spaces, hyphens and full-width digits are fine."""


class VerificationController(Controller):
    path = "/v1/me/verifications"
    tags = ("Member",)

    @post(operation_id="startVerification", summary="Have a one-time code sent to a phone number or an e-mail address")
    async def start_verification(
        self, data: JSONBody[VerificationRequest], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[Verification]:
        """A member who has a contact proves with it, or with the card, that they add or replace one.

        The new one proves nothing for three days, and the others are told how to stop it.
        """
        network = network_of(request)
        wait_s = services.verification_throttle.wait_s(network, time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you ask for another code.", retry_after_s=int(wait_s) + 1)

        codes = () if data.code_id is None or data.proof_code is None else (SentCode(data.code_id, data.proof_code),)
        proof = Proof(codes, data.card_code, data.staff_code)

        async def work(conn: Connection, now: datetime) -> Verification | CommittedRefusal:
            keyring = services.keyring
            contact = await read_contact(conn, keyring, services.channels, device, data.kind, data.value)
            proved = await prove_change(conn, keyring, device.member_id, contact, proof, now)
            if isinstance(proved, CommittedRefusal):
                return proved
            return await start_verification(conn, keyring, device, contact, now, is_proved=proved, network=network)

        return await write(request, services, work, status=201)

    @post(
        "/{verification_id:uuid}/confirm",
        operation_id="confirmVerification",
        summary="Confirm with the code; may transfer a card to this phone",
        status_code=200,
    )
    async def confirm_verification(
        self,
        verification_id: FromPath[VerificationId],
        data: JSONBody[ConfirmationRequest],
        request: Call,
        device: DeviceDependency,
        services: ServicesDependency,
    ) -> Response[VerificationResult]:
        """Where the contact is another member's, that member's card comes to this phone, and this one becomes them.

        In most cases it must be proved first that the two are one person: then the answer has a `transfer`. Else it has
        a new device token; every other phone of theirs is signed out. Send an Idempotency-Key: if the answer gets lost,
        the same request with the same token brings it again.
        """

        async def work(conn: Connection, now: datetime) -> VerificationResult | CommittedRefusal:
            telling, snapshot = Telling.of(services), services.keeper.current
            return await confirm(conn, telling, snapshot, device, verification_id, data.code, now)

        return await write(request, services, work)
