"""`remove_contact`: a phone number or e-mail address is the member's no more, and nothing takes its place."""

from datetime import datetime

import msgspec

from audiences.facts_repository import recount_facts
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from members import handles_repository
from members.aliases_repository import lock_members
from members.contacts import ContactKind
from server.alerts.alert_contacts import Done, alert_contacts
from server.alerts.tell_contacts import Telling
from server.problems import Problem


class Removal(msgspec.Struct, frozen=True):
    """`device_id`: the phone by which the member did it; None where the staff did."""

    program_id: ProgramId
    member_id: MemberId
    kind: ContactKind
    device_id: DeviceId | None


async def remove_contact(conn: Connection, telling: Telling, removal: Removal, now: datetime) -> None:
    """Every contact that stood before is told, the removed one too: by the code of that message it comes back.

    Locks the handle and the member. Raises Problem.
    """
    held = await handles_repository.list_contacts(conn, removal.member_id)
    contact = next((each for each in held if each.kind == removal.kind), None)
    if contact is None:
        raise Problem("contact-not-found", "Read the member again: they have no contact of this kind.")
    holder = await handles_repository.lock_contact(conn, removal.program_id, contact.kind, contact.value_hash)
    if holder != removal.member_id:
        raise Problem("contact-not-found", "Read the member again: the contact is another member's by now.")
    await lock_members(conn, [removal.member_id])
    done = Done(
        program_id=removal.program_id,
        member_id=removal.member_id,
        kind="contact",
        device_id=removal.device_id,
        contact_kind=contact.kind,
        former=contact,
    )
    await alert_contacts(conn, telling, done, held, now)
    await handles_repository.release_contact(conn, removal.program_id, contact.kind, contact.value_hash)
    await recount_facts(conn, [removal.member_id])
