"""`adjust`: staff add points or take some away, with a reason."""

from datetime import datetime
from uuid import UUID

import msgspec

from audiences.facts_repository import update_reward_facts
from ids import MemberId
from kit.database import Connection
from kit.ids import new_id
from members.aliases_repository import lock_members
from members.members_repository import find_member
from points import postings_repository, rules_repository
from points.ledger import Memo, NotEnough
from points.rules import expires_at
from programs.staff_repository import Session
from server.problems import Problem
from server.web.auth import name_of


class AdjustmentResult(msgspec.Struct, frozen=True, kw_only=True):
    """Points that staff have adjusted."""

    id: UUID
    """The id of the posting."""
    member_id: MemberId
    """The member."""
    points: int
    """The change of the balance."""
    points_balance: int
    """The member's points afterwards."""
    reason: str
    """What the staff wrote."""


async def adjust(
    conn: Connection, staff: Session, member_id: MemberId, points: int, reason: str, now: datetime
) -> AdjustmentResult:
    """Raises Problem."""
    await lock_members(conn, [member_id])  # else a merge under way would leave the points behind
    member = await find_member(conn, member_id)
    if member is None or member.program_id != staff.program_id or member.state != "active":
        raise Problem("member-unknown", "Name an active member of your program in member_id.")
    rules = (await rules_repository.read_point_rules(conn, [staff.program_id])).get(staff.program_id)
    if rules is None:
        raise Problem("points-disabled", "Set the program's point rules first.")
    accounts = await postings_repository.open_accounts(conn, {member_id: staff.program_id})
    account = accounts[member_id]
    account.expire(now)
    memo = Memo(
        cause="staff",
        source_key=f"staff:{new_id()}",
        at=now,
        actor=name_of(staff),
        reason=reason,
    )
    try:
        posting = account.adjust(points, expires_at(rules, now), memo)
    except NotEnough as shortage:
        raise Problem("insufficient-points", "Take no more than the balance.", balance=shortage.balance) from None
    await postings_repository.write_accounts(conn, accounts)
    await update_reward_facts(conn, [member_id])
    return AdjustmentResult(
        id=posting.id,
        member_id=member_id,
        points=points,
        points_balance=posting.balance_after,
        reason=reason,
    )
