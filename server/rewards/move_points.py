"""Two members become one: the points of the one that goes move to the one that stays, by a posting on each side.

What a shop takes or gives back later of a purchase or spending of the one that went moves along in the same way.
"""

from collections.abc import Mapping
from datetime import datetime

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from members.aliases_repository import find_survivors, history_ids, lock_members
from points import postings_repository
from points.ledger import Account, Memo


async def move_points(
    conn: Connection, program_id: ProgramId, from_member: MemberId, to_member: MemberId, now: datetime
) -> int:
    """The balance of `to_member` afterwards. A second move finds nothing left, or what has come since the first.

    Two visits at one store on one day are one visit now, and earn once.
    """
    accounts = await postings_repository.open_accounts(conn, dict.fromkeys((from_member, to_member), program_id))
    for account in accounts.values():
        account.expire(now)
    stays = await history_ids(conn, to_member)
    for earned in await postings_repository.find_duplicate_visits(conn, from_member, stays):
        memo = Memo(
            cause="visit",
            source_key=f"duplicate:{earned.id}",
            at=now,
            store_id=earned.memo.store_id,
        )
        accounts[from_member].reverse_earning(earned.earned, earned, memo)
    move_account(accounts, from_member, to_member, now)
    await postings_repository.write_accounts(conn, accounts)
    return accounts[to_member].balance


async def lock_holder(conn: Connection, member_id: MemberId) -> MemberId | None:
    """Who has the member's points: they, or whom they became. They become nobody else until the commit.

    None: they are erased. Nobody has their points, and nothing more is written about them.
    """
    holder_id: MemberId | None = None
    while (survivor_id := (await find_survivors(conn, [member_id])).get(member_id, member_id)) != holder_id:
        holder_id = survivor_id
        if (await lock_members(conn, {member_id, holder_id}))[member_id] == "erased":
            return None
    return holder_id


def move_account(
    accounts: Mapping[MemberId, Account], from_member: MemberId, to_member: MemberId, now: datetime
) -> None:
    """All that the one account holds or owes, to the other; nothing where both are one."""
    if from_member == to_member:
        return
    memo = Memo(cause="merge", source_key=f"merge:{new_id()}", at=now)
    lots, owed = accounts[from_member].move_out(memo)
    accounts[to_member].move_in(lots, owed, memo)
