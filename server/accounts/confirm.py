"""`confirm`: the code that was sent to a contact comes back. The contact becomes this member's; where it is
another member's already, this phone becomes that member's (a device transfer: `server.accounts.merge`)."""

from datetime import datetime

import msgspec

from ids import DeviceId, MemberId, VerificationId
from kit.database import Connection
from kit.sealing import Keyring
from members import devices_repository, handles_repository, members_repository
from members.aliases_repository import lock_members
from members.contacts import Contact
from members.device import Device
from members.verification import VerificationAttempt
from server.accounts.merge import merge
from server.accounts.send_code import check_code
from server.problems import CommittedRefusal, unauthenticated
from server.rewards.complete_cards import complete_cards
from server.runtime.snapshot import Snapshot
from server.web.tokens import write_token


class VerificationResult(msgspec.Struct, frozen=True):
    """Whose device this is now.

    Where the contact belonged to another member, this phone has become that member's, with a new device and token. Read
    the card and everything else again.
    """

    member_id: MemberId
    """The id of the member."""
    device_id: DeviceId
    """The id of this device."""
    device_token: str | None
    """Null: go on as before. Else use this token from now on. It is sent only in this answer: store it."""


async def confirm(
    conn: Connection,
    keyring: Keyring,
    snapshot: Snapshot,
    device: Device,
    verification_id: VerificationId,
    presented: str,
    now: datetime,
) -> VerificationResult | CommittedRefusal:
    """A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back."""
    attempt = await check_code(conn, keyring, device.member_id, verification_id, presented, "contact", now)
    if isinstance(attempt, CommittedRefusal):
        return attempt
    return await _assign_contact(conn, snapshot, device, attempt, now)


async def _assign_contact(
    conn: Connection, snapshot: Snapshot, device: Device, attempt: VerificationAttempt, now: datetime
) -> VerificationResult:
    contact = Contact(attempt.kind, attempt.value_hash, attempt.sealed_value)
    holder = await handles_repository.reserve_contact(conn, device.program_id, device.member_id, contact)
    if holder != device.member_id:
        token = await merge(conn, snapshot, device, holder, now)
        return VerificationResult(token.member_id, token.device_id, write_token(token))
    await lock_members(conn, [device.member_id])
    if await devices_repository.find_device(conn, device.member_id, device.id) is None:  # since the token was checked
        raise unauthenticated()
    await handles_repository.release_other_contacts(conn, device.member_id, contact.kind, contact.value_hash)
    await members_repository.set_verified(conn, device.member_id, now)
    await complete_cards(conn, snapshot, device.member_id, device.program_id, now)
    return VerificationResult(device.member_id, device.id, None)
