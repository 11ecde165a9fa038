"""Two members become one: the points of the one that goes move to the one that stays, by a posting on each side."""

from datetime import datetime
from uuid import UUID

from kit.database import Connection
from kit.ids import new_id
from points import postings_repository
from points.ledger import Memo


async def move_points(conn: Connection, program_id: UUID, from_member: UUID, to_member: UUID, now: datetime) -> int:
    """The balance of `to_member` afterwards. A second move finds nothing left, or what has come since the first."""
    accounts = await postings_repository.open_accounts(conn, dict.fromkeys((from_member, to_member), program_id))
    source, target = accounts[from_member], accounts[to_member]
    source.expire(now)
    target.expire(now)
    memo = Memo("merge", f"merge:{new_id()}", now)
    lots, owed = source.hand_over(memo)
    target.take_over(lots, owed, memo)
    await postings_repository.write_accounts(conn, accounts)
    return target.balance
