"""`claim`: a member says that a phone number or e-mail address is theirs; a code goes there.

The answer is the same whether somebody has the contact already or nobody: only the code tells, to who holds it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from channels.deliveries_repository import queue_letter
from channels.letters import ChannelKind, write_code_letter
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members import claims_repository
from members.claim_codes import LIFE, hash_code, new_code
from members.claims_repository import RESEND_AFTER, CountKind, NewClaim
from members.devices_repository import Device
from members.handles_repository import ContactKind
from programs import programs_repository
from server.contacts import parse_contact, seal_contact
from server.problems import Problem, not_found

CHANNEL_OF: dict[ContactKind, ChannelKind] = {"phone": "sms", "email": "email"}


class Claimed(msgspec.Struct, frozen=True):
    """The code is on its way. Another one can be had from `resend_at` on; it voids this one."""

    id: UUID
    kind: ContactKind
    expires_at: datetime
    resend_at: datetime


async def claim(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    device: Device,
    kind: ContactKind,
    text: str,
    now: datetime,
) -> Claimed:
    """Raises Problem; then no code goes out."""
    if CHANNEL_OF[kind] not in channels:
        raise Problem("channel-missing", "Use the other kind of contact; the operator has set up no way for this one.")
    program = await programs_repository.find_program(conn, device.program_id)
    if program is None:
        raise not_found("program")
    settings = await programs_repository.find_enrolment_settings(conn, device.program_id)
    value = parse_contact(kind, text, settings.phone_region)
    if value is None:
        raise Problem("contact-unusable", "Let the person correct it; a phone number of another country begins with +.")
    contact, code, claim_id = seal_contact(keyring, program.id, kind, value), new_code(), new_id()
    await _count(conn, program.id, kind, contact.value_hash, now)
    await _count(conn, program.id, "member", device.member_id.bytes, now)
    code_hash = hash_code(keyring, claim_id, code)
    new = NewClaim(
        device.member_id, claim_id, program.id, kind, contact.value_hash, contact.sealed_value, code_hash, now
    )
    if not await claims_repository.open_claim(conn, new):
        raise _too_many(RESEND_AFTER.total_seconds())
    letter = write_code_letter(value, device.locale, program.name, code, int(LIFE.total_seconds() // 60))
    await queue_letter(conn, keyring, device.member_id, program.id, CHANNEL_OF[kind], letter, now, new.expires_at)
    return Claimed(claim_id, kind, new.expires_at, now + RESEND_AFTER)


async def _count(conn: Connection, program_id: UUID, kind: CountKind, value_hash: bytes, now: datetime) -> None:
    wait = await claims_repository.count_code(conn, program_id, kind, value_hash, now)
    if wait:
        raise _too_many(wait.total_seconds())


def _too_many(wait_s: float) -> Problem:
    return Problem("too-many-attempts", "Wait before you ask for another code.", retry_after_s=int(wait_s) + 1)
