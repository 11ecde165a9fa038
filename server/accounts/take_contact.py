"""`take_contact`: a contact that leads to a member since now becomes their only one of its kind, and verifies them."""

from datetime import datetime

import msgspec

from audiences.facts_repository import recount_facts
from cards.card_keys_repository import find_live_key
from ids import DeviceId, MemberId, ProgramId
from kit.database import Connection
from members import handles_repository, members_repository
from members.alerts_repository import has_changed_contacts
from members.contacts import ContactKind
from members.standing import PROVES_AFTER, stands_from
from server.alerts.alert_contacts import Done, alert_contacts
from server.alerts.tell_contacts import Telling
from server.mail.opt_in import ask_for_opt_in
from server.rewards.complete_cards import complete_cards
from server.runtime.snapshot import Snapshot


class NewContact(msgspec.Struct, frozen=True):
    """`device_id`: the phone that brought it; None where it was another member's decision."""

    program_id: ProgramId
    member_id: MemberId
    kind: ContactKind
    value_hash: bytes
    device_id: DeviceId | None


async def take_contact(
    conn: Connection,
    telling: Telling,
    snapshot: Snapshot,
    new: NewContact,
    now: datetime,
) -> None:
    """Its handle is the member's since this transaction; they are locked. The contacts that they had are told."""
    contacts = await handles_repository.list_contacts(conn, new.member_id)
    others = [contact for contact in contacts if contact.value_hash != new.value_hash]
    is_first = not others and await _has_nothing_else(conn, new.member_id, now)
    await handles_repository.set_standing(
        conn, new.program_id, new.kind, new.value_hash, stands_from(now, is_first=is_first)
    )
    done = Done(
        program_id=new.program_id,
        member_id=new.member_id,
        kind="contact",
        device_id=new.device_id,
        contact_kind=new.kind,
        former=next((contact for contact in others if contact.kind == new.kind), None),
    )
    await alert_contacts(conn, telling, done, others, now)
    await handles_repository.release_other_contacts(conn, new.member_id, new.kind, new.value_hash)
    await members_repository.set_verified(conn, new.member_id, now)
    if new.kind == "email":
        await ask_for_opt_in(conn, telling.keyring, telling.public_url, new.member_id, new.program_id, now)
    await complete_cards(conn, snapshot, new.member_id, new.program_id, now)
    await recount_facts(conn, [new.member_id])


async def _has_nothing_else(conn: Connection, member_id: MemberId, now: datetime) -> bool:
    """Neither a card on a phone nor, of late, a contact: else whoever removes one would have another stand at once."""
    if await find_live_key(conn, member_id) is not None:
        return False
    return not await has_changed_contacts(conn, member_id, now - PROVES_AFTER)
