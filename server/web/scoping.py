"""What of a program a member of the staff may see and change: all of it, or, as a store manager, their stores."""

from collections.abc import Iterable, Sequence

from ids import MemberId, StoreId
from kit.database import Connection
from members.aliases_repository import history_ids
from members.member import Member
from members.members_repository import find_member
from programs.staff_repository import Session
from server.problems import Problem, not_found


def scope_of(session: Session) -> Sequence[StoreId] | None:
    """The stores to narrow a query to; None for all."""
    return None if session.has_all_stores else sorted(session.store_ids)


def require_stores(session: Session, store_ids: Iterable[StoreId]) -> None:
    """Raises Problem where a store manager reaches for a store that is not theirs."""
    if not session.has_all_stores and not set(store_ids) <= session.store_ids:
        raise Problem("forbidden", "Ask an owner of the program to name you manager of that store.")


async def find_member_of(conn: Connection, session: Session, member_id: MemberId) -> Member:
    """Raises Problem: an erased member is nobody's, and a member of another program neither."""
    member = await find_member(conn, member_id)
    if member is None or member.program_id != session.program_id or member.state == "erased":
        raise not_found("member")
    return member


async def find_history_of(conn: Connection, session: Session, member_id: MemberId) -> list[MemberId]:
    """The member, and all who became them: whose rows are the member's history. Raises Problem as `find_member_of`."""
    await find_member_of(conn, session, member_id)
    return await history_ids(conn, member_id)
