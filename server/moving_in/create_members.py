"""Rows of nobody who is here yet become members, each with a card, who wait for their phones."""

from collections.abc import Mapping, Sequence

import msgspec

from cards import cards_repository, numbers
from cards.card import Card
from ids import MemberId
from imports import imports_repository
from imports.imports_repository import ImportedMember, WaitingContact
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members import handles_repository, members_repository, profiles_repository
from members.consent import Consent
from members.handles import hash_handle
from members.member import NewMember
from members.profile import KeptProfile, Profile
from server.moving_in.bring_rewards import bring_points, bring_ranks, bring_stamps
from server.moving_in.prepare import PreparedRow
from server.moving_in.setting import Setting

CONSENT_TEXT = "import"


async def create_members(
    conn: Connection, keyring: Keyring, setting: Setting, rows: Sequence[PreparedRow]
) -> dict[MemberId, PreparedRow]:
    """By the new members' ids. Raises HandleTaken where somebody else has got one of the numbers meanwhile."""
    new = {MemberId(new_id()): row for row in rows}
    await members_repository.create_members(conn, [_member(setting, *each) for each in new.items()])
    taken = await handles_repository.reserve_numbers(
        conn,
        setting.program_id,
        [(kind, value_hash, member_id) for member_id, row in new.items() for kind, value_hash in row.handles],
    )
    if taken:
        raise HandleTaken
    await _give_cards(conn, keyring, setting, list(new))
    await profiles_repository.upsert_profiles(
        conn, [_profile(setting, *each) for each in new.items() if has_profile(each[1])]
    )
    await imports_repository.insert_imported(
        conn, setting.program_id, setting.run_id, [imported_member(*each) for each in new.items()], setting.now
    )
    await imports_repository.upsert_contacts(conn, setting.program_id, waiting_contacts(new))
    await bring_points(conn, setting, new, are_new=True)
    await bring_ranks(conn, setting, new, are_new=True)
    await bring_stamps(conn, setting, new)
    return new


class HandleTaken(Exception):
    """The batch is to be judged once more."""


def waiting_contacts(rows: Mapping[MemberId, PreparedRow]) -> list[WaitingContact]:
    return [
        WaitingContact(member_id, contact.kind, contact.value_hash, contact.sealed_value)
        for member_id, row in rows.items()
        for contact in row.contacts
    ]


def imported_member(
    member_id: MemberId, each: PreparedRow, former: Mapping[str, object] | None = None
) -> ImportedMember:
    """`former`: what files said of the profile before."""
    row = each.row
    own = {**(former or {}).get("attributes", {}), **row.own}  # type: ignore[dict-item]
    said = {**(former or {}), **row.standard, **({"attributes": own} if own else {})}
    return ImportedMember(
        member_id=member_id,
        line=each.line,
        row_hash=each.row_hash,
        profile=msgspec.json.encode(said),
        visits=row.visits,
        first_visit_on=row.first_visit_on,
        last_visit_on=row.last_visit_on,
    )


def consents_of(setting: Setting, each: PreparedRow) -> list[Consent]:
    return [
        Consent(
            purpose=consent.purpose,
            granted=consent.granted,
            text_version=CONSENT_TEXT,
            source="import",
            at=setting.at(consent.at or each.row.joined_on),
        )
        for consent in each.row.consents
    ]


def has_profile(each: PreparedRow) -> bool:
    return bool(each.row.standard or each.row.own)


def _member(setting: Setting, member_id: MemberId, each: PreparedRow) -> NewMember:
    return NewMember(
        member_id=member_id,
        program_id=setting.program_id,
        locale="en" if each.row.locale == "en" else "ja" if each.row.locale == "ja" else setting.locale,
        consents=consents_of(setting, each),
        created_at=setting.at(each.row.joined_on),
    )


def _profile(setting: Setting, member_id: MemberId, each: PreparedRow) -> KeptProfile:
    return KeptProfile(
        member_id=member_id,
        program_id=setting.program_id,
        profile=Profile(**each.row.standard, attributes=each.row.own),  # type: ignore[arg-type]
        updated_at=setting.now,
        version=1,
    )


async def _give_cards(conn: Connection, keyring: Keyring, setting: Setting, members: Sequence[MemberId]) -> None:
    """A number of ours each: what the till shows and the app draws. Drawn until each has one that was free."""
    given: dict[MemberId, str] = {}
    while without := [member_id for member_id in members if member_id not in given]:
        drawn = {member_id: numbers.new_number() for member_id in without}
        wanted = [(setting.program_id, hash_handle(keyring, "card_number", drawn[each]), each) for each in without]
        given |= {each: drawn[each] for each in await handles_repository.reserve_card_numbers(conn, wanted)}
    await cards_repository.create_cards(
        conn, [Card(each, setting.program_id, given[each], setting.now) for each in members]
    )
