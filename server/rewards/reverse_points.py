"""What the parts that take earned points back share: of points that ran out unspent nobody has gained."""

from collections.abc import Mapping
from datetime import datetime

from ids import MemberId, ProgramId
from kit.database import Connection
from points import postings_repository
from points.ledger import Account, Memo, Posting
from points.rules import points_to_restore


async def open_expired_accounts(
    conn: Connection, holders: Mapping[MemberId, ProgramId], now: datetime
) -> dict[MemberId, Account]:
    """Locked until the commit. Expired points are posted first, so that they can be read."""
    accounts = await postings_repository.open_accounts(conn, holders)
    for account in accounts.values():
        account.expire(now)
    if not any(account.postings for account in accounts.values()):
        return accounts
    await postings_repository.write_accounts(conn, accounts)
    return await postings_repository.open_accounts(conn, holders)


async def restore_expired(
    conn: Connection, accounts: Mapping[MemberId, Account], earned: Posting, taken: int, memo: Memo
) -> None:
    """Of the points that are about to be reversed, restore those that expired unspent: nobody gained by them."""
    over = [at for at, _ in earned.lots if at <= memo.at]
    expired = await postings_repository.read_expired_points(conn, list(accounts), over[0]) if over else None
    points = 0 if expired is None else points_to_restore(taken, expired.earned, expired.expired)
    if expired is not None and points:
        accounts[expired.member_id].restore_expired(points, expired.id, over[0], memo)
