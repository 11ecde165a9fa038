"""`alert_contacts`: what was done in a member's name is told to every contact that stood before, with a code that stops
it (`server.accounts.stop`). Whoever has the phone's token in hand cannot do it in silence.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from channels.deliveries_repository import queue_message
from channels.messages import AlertMessageKind, ChannelKind, write_alert
from ids import AlertId, DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members import alerts_repository, members_repository
from members.alerts import AlertKind, NewAlert
from members.contacts import Contact, ContactKind, HeldContact, unseal_contact
from members.objection_codes import new_objection_secret, write_objection_code
from programs import programs_repository
from server.accounts.send_code import CHANNEL_OF
from server.problems import not_found

# One that did not get through within a day is not sent again: the provider has given it up.
_LIFE = timedelta(hours=24)


class Telling(msgspec.Struct, frozen=True):
    """With what members are told: their contacts are sealed, and a channel may not be there."""

    keyring: Keyring
    channels: Collection[ChannelKind]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """In a member's name. `device_id`: by which phone; None where it was nobody's of theirs.

    `contact_kind`, `former`: of a change, what was added or changed, and the contact that it replaced.
    """

    program_id: ProgramId
    member_id: MemberId
    kind: AlertKind
    device_id: DeviceId | None
    contact_kind: ContactKind | None = None
    former: HeldContact | None = None


async def alert_contacts(
    conn: Connection, telling: Telling, done: Done, contacts: Collection[Contact], now: datetime
) -> None:
    """Nothing happens where there is no contact."""
    if not contacts:
        return
    secret = new_objection_secret()
    alert = NewAlert(
        member_id=done.member_id,
        id=AlertId(new_id()),
        program_id=done.program_id,
        kind=done.kind,
        device_id=done.device_id,
        contact_kind=done.contact_kind,
        former=done.former,
        objection_secret=secret,
        created_at=now,
    )
    await alerts_repository.create_alert(conn, alert)
    member = await members_repository.find_member(conn, done.member_id)
    program = await programs_repository.find_program(conn, done.program_id)
    if member is None or program is None:
        raise not_found("member")
    code = write_objection_code(secret)
    # What the staff have handed out cannot be stopped; the message sends the member to a shop.
    kind: AlertMessageKind = "export_by_staff" if done.kind == "export" and done.device_id is None else done.kind
    for contact in contacts:
        channel = CHANNEL_OF[contact.kind]
        if channel in telling.channels:
            value = unseal_contact(telling.keyring, program.id, contact)
            message = write_alert(value, member.locale, program.name, kind, code)
            await queue_message(conn, telling.keyring, member.member_id, program.id, channel, message, now, now + _LIFE)
