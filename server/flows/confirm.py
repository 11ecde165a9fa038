"""`confirm`: the code that was sent to a contact comes back, so the contact is this member's, or this is its member.

A wrong code is answered and not raised: the attempt that was counted must be committed with it.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.sealing import Keyring
from members import claims_repository, devices_repository, handles_repository, members_repository
from members.aliases_repository import lock_members
from members.claim_codes import is_right, read_code
from members.claims_repository import Attempt
from members.devices_repository import Device
from members.handles_repository import Contact
from server.catalogue import Catalogue
from server.flows.complete_cards import complete_cards
from server.flows.merge import merge
from server.problems import Problem, not_found, unauthenticated
from server.tokens import write_token


class Confirmed(msgspec.Struct, frozen=True):
    """`device_token` null: this phone goes on as it is. Else it has taken a card over, and is another member's now.

    The token, told this once, takes the place of the one that was used; read the card and the rest anew.
    """

    member_id: UUID
    device_id: UUID
    device_token: str | None


async def confirm(
    conn: Connection,
    keyring: Keyring,
    catalogue: Catalogue,
    device: Device,
    claim_id: UUID,
    presented: str,
    now: datetime,
) -> Confirmed | Problem:
    """A Problem that is returned is to be committed with what was counted; one that is raised leaves nothing behind."""
    code = read_code(presented)
    if code is None:
        raise Problem("invalid-request", "Let the person type the six digits of the code.")
    attempt = await claims_repository.count_attempt(conn, device.member_id, claim_id, now)
    if attempt is None:
        if not await claims_repository.is_known(conn, device.member_id, claim_id):
            raise not_found("claim")
        return Problem("claim-over", "Ask for a new code.")
    if not is_right(keyring, claim_id, code, attempt.code_hash):
        return Problem("code-wrong", "Let the person type it again.", tries_left=attempt.tries_left)
    await claims_repository.confirm_claim(conn, device.member_id, claim_id)
    return await _take(conn, catalogue, device, attempt, now)


async def _take(conn: Connection, catalogue: Catalogue, device: Device, attempt: Attempt, now: datetime) -> Confirmed:
    contact = Contact(attempt.kind, attempt.value_hash, attempt.sealed_value)
    holder = await handles_repository.claim_contact(conn, device.program_id, device.member_id, contact)
    if holder != device.member_id:
        token = await merge(conn, catalogue, device, holder, now)
        return Confirmed(token.member_id, token.device_id, write_token(token))
    await lock_members(conn, [device.member_id])
    if await devices_repository.find_device(conn, device.member_id, device.id) is None:  # since the token was looked at
        raise unauthenticated()
    await handles_repository.release_other_contacts(conn, device.member_id, contact.kind, contact.value_hash)
    await members_repository.set_claimed(conn, device.member_id, now)
    await complete_cards(conn, catalogue, device.member_id, device.program_id, now)
    return Confirmed(device.member_id, device.id, None)
