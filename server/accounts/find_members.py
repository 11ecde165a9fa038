"""Finding a member by what a person says on the phone: their number, their e-mail address, the number on the card."""

from cards.numbers import parse_number
from ids import ProgramId
from kit.database import Connection
from kit.sealing import Keyring
from members.contact_faults import UnusableContact
from members.contacts import ContactKind, parse_contact
from members.handles import HandleKind, hash_handle
from members.handles_repository import find_holder
from members.member import MemberListItem
from members.members_repository import find_listed
from programs import programs_repository
from server.accounts.unusable_contacts import refuse_contact
from server.problems import Problem


async def find_by_contact(
    conn: Connection, keyring: Keyring, program_id: ProgramId, kind: ContactKind, text: str
) -> MemberListItem | None:
    """The member who has confirmed it; None where nobody has. Raises Problem for what cannot be a contact."""
    settings = await programs_repository.find_enrolment_settings(conn, program_id)
    try:
        value = parse_contact(kind, text, settings.phone_region)
    except UnusableContact as unusable:
        raise refuse_contact(unusable.fault) from None
    return await _find(conn, keyring, program_id, kind, value)


async def find_by_card_number(
    conn: Connection, keyring: Keyring, program_id: ProgramId, text: str
) -> MemberListItem | None:
    """The member who has the card now, also where it was that of a member who became them. Raises Problem."""
    number = parse_number(text)
    if number is None:
        raise Problem("invalid-request", "Give card_number as the 13 digits on the card; its check digit is not right.")
    return await _find(conn, keyring, program_id, "card_number", number)


async def _find(
    conn: Connection, keyring: Keyring, program_id: ProgramId, kind: HandleKind, value: str
) -> MemberListItem | None:
    member_id = await find_holder(conn, program_id, kind, hash_handle(keyring, kind, value))
    return None if member_id is None else await find_listed(conn, program_id, member_id)
