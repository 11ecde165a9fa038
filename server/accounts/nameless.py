"""A member as staff see them who read figures and may not know who they are (docs/decisions/0101)."""

import msgspec

from members.member import MemberListItem
from programs.staff_repository import Session


def show_member(member: MemberListItem, staff: Session) -> MemberListItem:
    """A card's number is a name too: tills and the staff's search find its member by it."""
    if staff.role == "owner":
        return member
    return msgspec.structs.replace(member, name=None, kana=None, card_number=None)
