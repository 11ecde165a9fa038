"""`confirm`: the code that was sent to a contact comes back. The contact becomes this member's; where it is
another member's already, this phone becomes that member's (a device transfer: `server.accounts.merge`), in most cases
once it is proved that the two are one person (`server.accounts.open_transfer`). Where it is that of one member who came
by a file and waits, the phone becomes theirs (`server.accounts.claim`)."""

from datetime import datetime

import msgspec

from ids import DeviceId, MemberId, VerificationId
from imports.imports_repository import find_waiting, take_claim
from kit.database import Connection
from members import devices_repository, handles_repository
from members.aliases_repository import lock_members
from members.contacts import Contact
from members.device import Device
from members.standing import stands_from
from members.suppressions_repository import lift_bounces
from members.verification import VerificationAttempt
from server.accounts.claim import claim
from server.accounts.merge import merge
from server.accounts.open_transfer import OpenTransfer, is_in_doubt, open_transfer
from server.accounts.send_code import check_code
from server.accounts.take_contact import NewContact, take_contact
from server.alerts.tell_contacts import Telling
from server.problems import CommittedRefusal, Problem, unauthenticated
from server.runtime.snapshot import Snapshot
from server.web.tokens import write_token


class VerificationResult(msgspec.Struct, frozen=True):
    """Whose device this is now.

    Where this phone has become another member's, it has a new device and token: read everything again.
    """

    member_id: MemberId
    """The id of the member."""
    device_id: DeviceId
    """The id of this device."""
    device_token: str | None
    """Null: go on as before. Else use this token from now on. It is sent only in this answer: store it."""
    transfer: OpenTransfer | None = None
    """The contact leads to another card: ask the person whether it is theirs, and have them prove it. Else null."""
    is_number_needed: bool = False
    """Several members with this contact came along from before: have the person scan or type the number of their old
    card, and send it to POST /v1/me/claims."""


async def confirm(
    conn: Connection,
    telling: Telling,
    snapshot: Snapshot,
    device: Device,
    verification_id: VerificationId,
    presented: str,
    now: datetime,
) -> VerificationResult | CommittedRefusal:
    """A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back."""
    attempt = await check_code(conn, telling.keyring, device.member_id, verification_id, presented, "contact", now)
    if isinstance(attempt, CommittedRefusal):
        return attempt
    return await _assign_contact(conn, telling, snapshot, device, attempt, now)


async def _assign_contact(
    conn: Connection,
    telling: Telling,
    snapshot: Snapshot,
    device: Device,
    attempt: VerificationAttempt,
    now: datetime,
) -> VerificationResult:
    contact = Contact(attempt.kind, attempt.value_hash, attempt.sealed_value)
    held = await handles_repository.list_contacts(conn, device.member_id)
    holder, is_new = await handles_repository.reserve_contact(
        conn, device.program_id, device.member_id, contact, stands_from(now, is_first=False)
    )
    if held and (is_new or holder != device.member_id):
        _require_proof(attempt)
    if holder != device.member_id:
        if await is_in_doubt(conn, holder, now):
            opened = await open_transfer(conn, telling, device, holder, contact, now)
            return VerificationResult(device.member_id, device.id, None, opened)
        token = await merge(conn, snapshot, device, holder, now)
        return VerificationResult(token.member_id, token.device_id, write_token(token))
    waiting = await find_waiting(conn, device.program_id, contact.kind, contact.value_hash)
    if len(waiting) == 1 and await take_claim(conn, waiting[0], now):
        token = await claim(conn, snapshot, device, waiting[0], now)
        return VerificationResult(token.member_id, token.device_id, write_token(token))
    await lock_members(conn, [device.member_id])
    if await devices_repository.find_device(conn, device.member_id, device.id) is None:  # since the token was checked
        raise unauthenticated()
    if contact.kind == "email":
        await lift_bounces(conn, device.member_id, contact.value_hash)
    if is_new:
        taking = NewContact(device.program_id, device.member_id, contact.kind, contact.value_hash, device.id)
        await take_contact(conn, telling, snapshot, taking, now)
    return VerificationResult(device.member_id, device.id, None, is_number_needed=len(waiting) > 1)


def _require_proof(attempt: VerificationAttempt) -> None:
    """The member had no contact yet when this code was sent, and has one by now."""
    if not attempt.is_proved:
        detail = "Verify the contact again, with a code that was sent to the contact that the member has."
        raise Problem("proof-required", detail, proof="code")
