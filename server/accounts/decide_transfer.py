"""How an open transfer ends: it is proved, it is not their card, or the card's owner objects.

Locks, in the order of every transaction: the code that was tried, the contact's handle, the transfer, and then as in
`merge` or `confirm`.
"""

from collections.abc import Collection
from datetime import date, datetime

import msgspec

from cards import card_keys_repository
from ids import MemberId, StoreId, TransferId, VerificationId
from kit.database import Connection
from kit.sealing import Keyring
from members import alerts_repository, handles_repository, transfers_repository
from members.aliases_repository import lock_members
from members.contacts import ContactKind, unseal_contact
from members.device import Device
from members.devices_repository import find_device
from members.standing import stands_from
from members.transfers import Transfer, is_near
from outbox.kinds import ChannelKind
from server.accounts.confirm import VerificationResult
from server.accounts.merge import merge
from server.accounts.open_transfer import find_last_visits, find_ways, list_other_contacts, view_transfer
from server.accounts.prove_member import SentCode, prove_by_codes, show_card, too_new
from server.accounts.send_code import CodeRequest, Verification, require_channel, send_code
from server.accounts.stop import stop
from server.accounts.take_contact import NewContact, take_contact
from server.alerts.alert_all import tell_all
from server.alerts.tell_contacts import Addressee, Telling, channels_of
from server.problems import CommittedRefusal, Problem, not_found, unauthenticated
from server.runtime.snapshot import Snapshot
from server.web.device_guard import lock_active_device
from server.web.tokens import write_token

_SECONDS_A_DAY = 86_400


class LastVisit(msgspec.Struct, frozen=True):
    """Where and about when a person says that they were last."""

    store_id: StoreId
    day: date


class TransferProof(msgspec.Struct, frozen=True, kw_only=True):
    """One of them: the code that was sent to the other contact, the code that the card shows, or the last visit."""

    code_id: VerificationId | None = None
    code: str | None = None
    card_code: str | None = None
    last_visit: LastVisit | None = None


async def send_transfer_code(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    device: Device,
    transfer_id: TransferId,
    kind: ContactKind,
    network: str | None,
    now: datetime,
) -> Verification:
    """To the holder's other contact, of this kind. It is the holder's code. Raises Problem; then no code is sent."""
    transfer = await _find_asked(conn, device, transfer_id, now)
    contacts = await handles_repository.list_contacts(conn, transfer.holder_id)
    contact = next((each for each in contacts if each.kind == kind != transfer.kind), None)
    if contact is None:
        raise Problem("contact-not-found", "Name a kind that is listed in the transfer's `ways`.")
    if not contact.stands(now):
        raise too_new(contact.stands_at, now)
    require_channel(await channels_of(conn, channels, transfer.program_id), kind)
    request = CodeRequest(
        member_id=transfer.holder_id,
        program_id=transfer.program_id,
        locale=device.locale,
        purpose="transfer",
        message_kind="transfer",
        network=network,
    )
    value = unseal_contact(keyring, transfer.program_id, contact)
    verification = await send_code(conn, keyring, request, contact, value, now)
    await lock_active_device(conn, device)
    return verification


async def prove_transfer(
    conn: Connection,
    keyring: Keyring,
    snapshot: Snapshot,
    device: Device,
    transfer_id: TransferId,
    proof: TransferProof,
    now: datetime,
) -> VerificationResult | CommittedRefusal:
    """A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back."""
    transfer = await _find_asked(conn, device, transfer_id, now)
    if proof.code_id is not None and proof.code is not None:
        sent = SentCode(proof.code_id, proof.code)
        shown = await prove_by_codes(conn, keyring, transfer.holder_id, "transfer", [sent], now)
        if isinstance(shown, CommittedRefusal):
            return shown
        await _lock_open(conn, transfer)
        return await _become_holder(conn, snapshot, device, transfer, now)
    await _lock_open(conn, transfer)
    if proof.card_code is not None:
        key = await card_keys_repository.find_live_key(conn, transfer.holder_id)
        await show_card(conn, key, proof.card_code, now)
        return await _become_holder(conn, snapshot, device, transfer, now)
    if proof.last_visit is None:
        raise Problem("proof-required", "Prove it by one of the transfer's `ways`.")
    return await _answer(conn, device, transfer, proof.last_visit, now)


async def complete_transfer(
    conn: Connection, snapshot: Snapshot, device: Device, transfer_id: TransferId, now: datetime
) -> VerificationResult:
    """What an answer or the staff have made believable, or nothing can prove, after the time to object to it.

    Raises Problem; also where the holder has become somebody who can be asked for a proof.
    """
    transfer = await _lock_open(conn, await _find_asked(conn, device, transfer_id, now))
    if not transfer.waits and await find_ways(conn, transfer, now):
        raise Problem("proof-required", "Prove it by one of the transfer's `ways`.")
    wait_s = (transfer.completes_at - now).total_seconds()
    if wait_s > 0:
        raise Problem("transfer-waiting", "Wait: the card's owner can still object.", retry_after_s=int(wait_s) + 1)
    return await _become_holder(conn, snapshot, device, transfer, now)


async def decline_transfer(
    conn: Connection, telling: Telling, snapshot: Snapshot, device: Device, transfer_id: TransferId, now: datetime
) -> None:
    """It is not their card: the contact is this member's, and the card stays whose it was. Raises Problem."""
    transfer = await _lock_open(conn, await _find_asked(conn, device, transfer_id, now))
    await transfers_repository.decide_transfer(conn, transfer, "declined", now)
    await _give_contact(conn, telling, snapshot, transfer, device, now)


async def object_to_transfer(
    conn: Connection, telling: Telling, snapshot: Snapshot, device: Device, transfer_id: TransferId, now: datetime
) -> None:
    """By a phone of the holder. Raises Problem."""
    transfer = await transfers_repository.find_transfer_from(conn, device.member_id, transfer_id)
    await _object(conn, telling, snapshot, transfer, device, now)


async def object_for_holder(
    conn: Connection,
    telling: Telling,
    snapshot: Snapshot,
    holder_id: MemberId,
    transfer_id: TransferId,
    now: datetime,
) -> None:
    """By the staff, for the member who stands before them. Raises Problem."""
    transfer = await transfers_repository.find_transfer_from(conn, holder_id, transfer_id)
    await _object(conn, telling, snapshot, transfer, None, now)


async def approve_for_holder(
    conn: Connection, telling: Telling, holder_id: MemberId, transfer_id: TransferId, now: datetime
) -> None:
    """By the staff, who have made sure that the member is the one who asks. Like a right answer it is no proof yet: the
    week stays in which the member can object, and they are told. Raises Problem.
    """
    found = await transfers_repository.find_transfer_from(conn, holder_id, transfer_id)
    if found is None:
        raise not_found("transfer")
    transfer = await _lock_open(conn, found)
    if not transfer.is_open(now):
        raise _over()
    if transfer.approved_at is not None:
        return
    await _lock_both(conn, transfer, None)
    await transfers_repository.set_approved(conn, transfer, now)
    contacts = await list_other_contacts(conn, holder_id, transfer.kind)
    to = Addressee(program_id=transfer.program_id, member_id=holder_id, contacts=contacts)
    await tell_all(conn, telling, to, "transfer_approved", now)


async def object_by_code(conn: Connection, telling: Telling, snapshot: Snapshot, secret: bytes, now: datetime) -> None:
    """By the code of the message that told them: of a transfer, or of what was done in their name. Raises Problem."""
    alert = await alerts_repository.find_alert_by_objection(conn, secret, now)
    if alert is not None:
        await stop(conn, alert, now)
        return
    transfer = await transfers_repository.find_transfer_by_objection(conn, secret)
    await _object(conn, telling, snapshot, transfer, None, now)


async def _object(
    conn: Connection,
    telling: Telling,
    snapshot: Snapshot,
    transfer: Transfer | None,
    device: Device | None,
    now: datetime,
) -> None:
    if transfer is None:
        raise not_found("transfer")
    if transfer.state == "objected":
        return  # a repeated objection
    transfer = await _lock_open(conn, transfer)
    await transfers_repository.decide_transfer(conn, transfer, "objected", now)
    await _give_contact(conn, telling, snapshot, transfer, device, now)


async def _find_asked(conn: Connection, device: Device, transfer_id: TransferId, now: datetime) -> Transfer:
    transfer = await transfers_repository.find_transfer(conn, device.member_id, transfer_id)
    if transfer is None:
        raise not_found("transfer")
    if not transfer.is_open(now):
        raise _over()
    return transfer


async def _lock_open(conn: Connection, transfer: Transfer) -> Transfer:
    """Until the commit the contact leads to the holder, and nobody else decides."""
    holder_id = await handles_repository.lock_contact(conn, transfer.program_id, transfer.kind, transfer.value_hash)
    locked = await transfers_repository.lock_open_transfer(conn, transfer)
    if locked is None or holder_id != transfer.holder_id:
        raise _over()
    return locked


async def _become_holder(
    conn: Connection, snapshot: Snapshot, device: Device, transfer: Transfer, now: datetime
) -> VerificationResult:
    await transfers_repository.decide_transfer(conn, transfer, "proved", now)
    token = await merge(conn, snapshot, device, transfer.holder_id, now)
    return VerificationResult(token.member_id, token.device_id, write_token(token))


async def _answer(
    conn: Connection, device: Device, transfer: Transfer, answer: LastVisit, now: datetime
) -> VerificationResult | CommittedRefusal:
    """A right one is no proof yet: somebody close to the member knows it too. So the member may object first."""
    await _lock_both(conn, transfer, device)
    left = await transfers_repository.count_answers_left(conn, transfer.holder_id, now)
    if left == 0:
        raise Problem("too-many-attempts", "Prove it another way.", retry_after_s=_SECONDS_A_DAY)
    await transfers_repository.count_answer(conn, transfer)
    visits = await find_last_visits(conn, transfer.holder_id)
    if not any(visit.store_id == answer.store_id and is_near(answer.day, visit.business_day) for visit in visits):
        return CommittedRefusal(
            Problem("incorrect-answer", "Let the person think again, or prove it another way.", tries_left=left - 1)
        )
    await transfers_repository.set_answered(conn, transfer, now)
    answered = msgspec.structs.replace(transfer, answered_at=now)
    return VerificationResult(device.member_id, device.id, None, await view_transfer(conn, answered, now))


async def _give_contact(
    conn: Connection, telling: Telling, snapshot: Snapshot, transfer: Transfer, by: Device | None, now: datetime
) -> None:
    """To who confirmed it, if they are still there."""
    is_there = await _lock_both(conn, transfer, by)
    if not is_there:
        await handles_repository.release_contact(conn, transfer.program_id, transfer.kind, transfer.value_hash)
        return
    stands_at = stands_from(now, is_first=False)
    device_id = by.id if by is not None and by.member_id == transfer.member_id else None
    new = NewContact(transfer.program_id, transfer.member_id, transfer.kind, transfer.value_hash, device_id)
    await handles_repository.move_contact(conn, new.program_id, new.kind, new.value_hash, new.member_id, stands_at)
    await take_contact(conn, telling, snapshot, new, now)


async def _lock_both(conn: Connection, transfer: Transfer, by: Device | None) -> bool:
    """Whether who asked for it is active. Raises Problem where the device `by` which it is decided is none any more."""
    members: list[MemberId] = [transfer.member_id, transfer.holder_id]
    states = await lock_members(conn, members)
    if by is not None and await find_device(conn, by.member_id, by.id) is None:
        raise unauthenticated()
    return states[transfer.member_id] == "active"


def _over() -> Problem:
    return Problem("transfer-over", "Verify the contact again, if it is still to be this member's.")
