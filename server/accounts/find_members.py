"""Finding a member by what a person says on the phone: name, number, e-mail address, the number on the card."""

from cards.numbers import parse_number
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.pages import InvalidCursor, Page, PageRequest, make_page
from kit.sealing import Keyring
from members.contact_faults import UnusableContact
from members.contacts import ContactKind, parse_contact
from members.handles import HandleKind, hash_handle
from members.handles_repository import find_holder
from members.member import MemberListItem
from members.members_repository import find_listed, list_listed
from members.name_search import read_search
from members.numbers import parse_own_number, parse_plastic_card
from members.search_repository import GoneCursor, list_found, list_holders
from programs import programs_repository
from server.accounts.unusable_contacts import refuse_contact
from server.problems import Problem


async def search_members(
    conn: Connection, keyring: Keyring, program_id: ProgramId, text: str, page: PageRequest
) -> Page[MemberListItem]:
    """Whose number or address the text is; where it is nobody's, those whose name or reading it stands in.

    In a transaction. Raises InvalidCursor.
    """
    settings = await programs_repository.find_enrolment_settings(conn, program_id)
    handles = [
        (kind, hash_handle(keyring, kind, value)) for kind, value in _read_handles(text, settings.phone_region).items()
    ]
    holders = await list_holders(conn, program_id, handles) if handles else []
    if holders:
        return Page(await _list(conn, program_id, holders), None)
    search = read_search(program_id, text)
    if search is None:
        return Page([], None)
    try:
        found = await list_found(conn, program_id, search, page)
    except GoneCursor:
        raise InvalidCursor from None
    ids = make_page(found, page, lambda member_id: member_id)
    return Page(await _list(conn, program_id, list(ids.items)), ids.next_cursor)


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


def _read_handles(text: str, region: str) -> dict[HandleKind, str]:
    """As what it could be looked up, each in its one form."""
    read: dict[HandleKind, str | None] = {
        "card_number": parse_number(text),
        "own_number": parse_own_number(text),
        "plastic_card": parse_plastic_card(text),
        "phone": _read_contact("phone", text, region),
        "email": _read_contact("email", text, region),
    }
    return {kind: value for kind, value in read.items() if value is not None}


def _read_contact(kind: ContactKind, text: str, region: str) -> str | None:
    try:
        return parse_contact(kind, text, region)
    except UnusableContact:
        return None


async def _list(conn: Connection, program_id: ProgramId, member_ids: list[MemberId]) -> list[MemberListItem]:
    """In the order of the ids."""
    listed = await list_listed(conn, program_id, member_ids)
    return [listed[member_id] for member_id in member_ids if member_id in listed]


async def _find(
    conn: Connection, keyring: Keyring, program_id: ProgramId, kind: HandleKind, value: str
) -> MemberListItem | None:
    member_id = await find_holder(conn, program_id, kind, hash_handle(keyring, kind, value))
    return None if member_id is None else await find_listed(conn, program_id, member_id)
