"""`alert_contacts`: what was done in a member's name is told to every contact that stood before, with a code that stops
it (`server.accounts.stop`). Whoever has the phone's token in hand cannot do it in silence.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec

from channels.code_messages import AlertMessageKind, write_alert
from channels.messages import Words
from ids import AlertId, DeviceId, MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from members import alerts_repository
from members.alerts import AlertKind, NewAlert
from members.contacts import Contact, ContactKind, HeldContact
from members.objection_codes import new_objection_secret
from server.alerts.tell_contacts import Addressee, Telling, tell_contacts


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
    # What the staff have handed out cannot be stopped; the message sends the member to a shop.
    kind: AlertMessageKind = "export_by_staff" if done.kind == "export" and done.device_id is None else done.kind

    def write(locale: Locale, program_name: str, code: str) -> Words:
        return write_alert(locale, program_name, kind, code)

    to = Addressee(program_id=done.program_id, member_id=done.member_id, contacts=contacts)
    await tell_contacts(conn, telling, to, secret, write, now)
