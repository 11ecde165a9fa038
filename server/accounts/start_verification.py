"""`start_verification`: a member enters a phone number or e-mail address as theirs; a code is sent there.

The answer is the same whether another member has the contact or nobody has: only the code tells, and only the person
who receives it.
"""

from collections.abc import Collection
from datetime import datetime

from kit.database import Connection
from kit.sealing import Keyring
from members.contact_faults import UnusableContact
from members.contacts import Contact, ContactKind, parse_contact, seal_contact
from members.device import Device
from outbox.kinds import ChannelKind
from programs import programs_repository
from server.accounts.send_code import CodeRequest, Verification, require_channel, send_code
from server.accounts.unusable_contacts import refuse_contact
from server.alerts.tell_contacts import channels_of
from server.web.device_guard import lock_active_device


class EnteredContact(Contact, frozen=True):
    """`value`: in clear, in its one form."""

    value: str


async def read_contact(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    device: Device,
    kind: ContactKind,
    text: str,
) -> EnteredContact:
    """Raises Problem."""
    require_channel(await channels_of(conn, channels, device.program_id), kind)
    settings = await programs_repository.find_enrolment_settings(conn, device.program_id)
    try:
        value = parse_contact(kind, text, settings.phone_region)
    except UnusableContact as unusable:
        raise refuse_contact(unusable.fault) from None
    contact = seal_contact(keyring, device.program_id, kind, value)
    return EnteredContact(kind, contact.value_hash, contact.sealed_value, value)


async def start_verification(
    conn: Connection,
    keyring: Keyring,
    device: Device,
    contact: EnteredContact,
    now: datetime,
    *,
    is_proved: bool,
    network: str | None,
) -> Verification:
    """`is_proved`: by what the member had before (`prove_change`). Raises Problem; then no code is sent."""
    request = CodeRequest(
        member_id=device.member_id,
        program_id=device.program_id,
        locale=device.locale,
        purpose="contact",
        message_kind="contact",
        network=network,
    )
    verification = await send_code(conn, keyring, request, contact, contact.value, now, is_proved=is_proved)
    await lock_active_device(conn, device)
    return verification
