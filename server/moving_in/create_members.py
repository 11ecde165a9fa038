"""Rows of nobody who is here yet become members, each with a card, who wait for their phones.

Nobody else can know of them before the commit, so all of theirs is copied in and nothing is looked for; only their
numbers are everybody's.
"""

from collections.abc import Mapping, Sequence

import msgspec

from audiences.facts import MemberFacts
from audiences.facts_repository import add_facts
from cards.card import Card
from cards.cards_repository import add_cards
from ids import MemberId
from imports import imports_repository
from imports.imports_repository import ImportedMember, WaitingContact
from kit.copying import parents_held
from kit.database import Connection
from kit.ids import new_id
from members import newcomers_repository
from members.consent import Consent, is_granted
from members.handles import HandleKind
from members.member import NewMember
from members.profile import KeptProfile, Profile
from programs.programs_repository import hold_program
from server.moving_in.bring_rewards import bring_stamps, give_points, give_ranks
from server.moving_in.prepare import PreparedRow
from server.moving_in.setting import Setting
from server.moving_in.turns import Turn

CONSENT_TEXT = "import"
# A number of ours, and its hash.
DrawnNumber = tuple[str, bytes]


async def create_members(
    conn: Connection, setting: Setting, rows: Sequence[PreparedRow], numbers: Sequence[DrawnNumber], turn: Turn
) -> dict[MemberId, PreparedRow]:
    """By the new members' ids. `numbers`: for the card of each, that nobody has; there may be more. Raises HandleTaken
    where somebody else has got a number meanwhile: then the transaction is over.
    """
    if not rows:
        return {}
    await hold_program(conn, setting.program_id)
    new = {MemberId(new_id()): row for row in rows}
    cards = dict(zip(new, numbers, strict=False))
    async with parents_held(conn):
        members = [_member(setting, *each) for each in new.items()]
        await newcomers_repository.add_members(conn, members)
        await turn.wait_for_numbers()
        await newcomers_repository.add_numbers(conn, setting.program_id, _handles(new, cards))
        turn.tell_numbers()
        await add_cards(conn, [Card(each, setting.program_id, cards[each][0], setting.now) for each in new])
        profiles = [_profile(setting, *each) for each in new.items() if has_profile(each[1])]
        await newcomers_repository.add_profiles(conn, profiles)
        tags = {member_id: row.row.tags or () for member_id, row in new.items()}
        await newcomers_repository.add_tags_of_file(conn, setting.program_id, tags, setting.now)
        brought = [imported_member(*each) for each in new.items()]
        await imports_repository.add_imported(conn, setting.program_id, setting.run_id, brought, setting.now)
        await imports_repository.add_contacts(conn, setting.program_id, waiting_contacts(new))
        points = await give_points(conn, setting, new)
    ranks = await give_ranks(conn, setting, new)
    await bring_stamps(conn, setting, new)
    async with parents_held(conn):
        await add_facts(conn, [_facts(setting, each, new[each.member_id], points, ranks) for each in members])
    return new


def _handles(
    rows: Mapping[MemberId, PreparedRow], cards: Mapping[MemberId, DrawnNumber]
) -> list[tuple[HandleKind, bytes, MemberId]]:
    brought = [(kind, value_hash, member_id) for member_id, row in rows.items() for kind, value_hash in row.handles]
    return [*brought, *(("card_number", value_hash, member_id) for member_id, (_, value_hash) in cards.items())]


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
    tags = {} if row.tags is None else {"tags": row.tags}
    said = {**(former or {}), **row.standard, **({"attributes": own} if own else {}), **tags}
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


def _facts(
    setting: Setting,
    member: NewMember,
    each: PreparedRow,
    points: Mapping[MemberId, int],
    ranks: Mapping[MemberId, str],
) -> MemberFacts:
    """What the books would be counted to (audiences/facts.sql): visits from before count where one of their days is
    told.
    """
    row = each.row
    first, last = row.first_visit_on or row.last_visit_on, row.last_visit_on or row.first_visit_on
    return MemberFacts(
        member_id=member.member_id,
        program_id=setting.program_id,
        is_active=True,
        may_profile=is_granted(member.consents, "profiling") or False,
        home_store_id=member.enrolled_store_id,
        joined_at=member.created_at,
        visits=0 if last is None else max(row.visits or 0, 1),
        first_visit_on=first,
        last_visit_on=last,
        purchases=0,
        spend=0,
        last_purchase_at=None,
        points=points.get(member.member_id, 0),
        rank_code=ranks.get(member.member_id),
        stamps=0 if setting.stamp_card_id is None else row.stamps or 0,
        coupons_issued=0,
        coupons_used=0,
    )
