"""`lock_owner`: whose an e-mail's link is by now, and that they are there until the commit."""

from ids import MemberId
from kit.database import Connection
from members.aliases_repository import find_survivors, lock_members
from members.member import MemberState

_THERE: tuple[MemberState, ...] = ("active", "blocked", "closed")


async def lock_owner(conn: Connection, member_id: MemberId) -> MemberId | None:
    """Who became somebody else is those. None: they were erased, and nothing is to be written about them."""
    owner_id = (await find_survivors(conn, [member_id])).get(member_id, member_id)
    states = await lock_members(conn, [owner_id])
    return owner_id if states[owner_id] in _THERE else None
