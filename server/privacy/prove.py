"""`send_data_code`: a member's contact gets a code for a change of their contacts, an export or an erasure.

What it proves: server.accounts.prove_member.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from kit.database import Connection
from kit.sealing import Keyring
from members import handles_repository
from members.contacts import ContactKind, HeldContact, unseal_contact
from outbox.kinds import ChannelKind
from server.accounts.prove_member import too_new
from server.accounts.send_code import CodeRequest, Verification, require_channel, send_code
from server.alerts.tell_contacts import CHANNEL_OF, channels_of
from server.problems import Problem


async def send_data_code(
    conn: Connection,
    keyring: Keyring,
    channels: Collection[ChannelKind],
    request: CodeRequest,
    kind: ContactKind | None,
    now: datetime,
) -> Verification:
    """To the member's contact of that kind; None takes one that has stood for long, the phone number first.

    Raises Problem; then no code is sent.
    """
    channels = await channels_of(conn, channels, request.program_id)
    contact = _choose(await handles_repository.list_contacts(conn, request.member_id), kind, channels, now)
    if not contact.stands(now):
        raise too_new(contact.stands_at, now)
    require_channel(channels, contact.kind)
    value = unseal_contact(keyring, request.program_id, contact)
    return await send_code(conn, keyring, request, contact, value, now)


def _choose(
    contacts: Sequence[HeldContact], kind: ContactKind | None, channels: Collection[ChannelKind], now: datetime
) -> HeldContact:
    """One that proves something and for which a channel is configured, if there is one."""
    fitting = [contact for contact in contacts if kind in (None, contact.kind)]
    if not fitting:
        raise Problem("contact-not-found", "Name another kind; a member without contacts sends the code of their card.")

    def faults(contact: HeldContact) -> tuple[bool, bool, bool]:
        return not contact.stands(now), CHANNEL_OF[contact.kind] not in channels, contact.kind != "phone"

    return min(fitting, key=faults)
