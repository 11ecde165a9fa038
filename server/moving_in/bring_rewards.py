"""Points, ranks and stamps that a file says a member had before."""

from collections.abc import Mapping
from datetime import datetime

from ids import MemberId
from kit.database import Connection
from points import (
    brought_ranks_repository,
    newcomers_repository,
    postings_repository,
    ranks_repository,
    stamps_repository,
)
from points.ledger import Account, Memo
from points.ranks import BroughtRank, MemberRank, brought_until, evaluate_rank, hold_brought
from points.rules import expires_at
from points.stamps import NewStamp
from server.moving_in.prepare import PreparedRow
from server.moving_in.setting import Setting
from server.rewards.ranks import update_member_ranks

Rows = Mapping[MemberId, PreparedRow]


async def give_points(conn: Connection, setting: Setting, rows: Rows) -> dict[MemberId, int]:
    """To members who are new; those whose file says of points that they have, with how many."""
    accounts = {}
    for member_id, row in rows.items():
        if row.row.points:
            account = accounts[member_id] = Account(0, {})
            _bring(account, setting, _lots(setting, row))
    await newcomers_repository.add_accounts(conn, setting.program_id, accounts)
    return {member_id: account.balance for member_id, account in accounts.items()}


async def bring_points(conn: Connection, setting: Setting, rows: Rows) -> set[MemberId]:
    """A balance is brought once: a later file changes it only as long as nothing but files and time has moved it.

    Returns those whose points stay what they are though their file says something else.
    """
    told = {member_id: row for member_id, row in rows.items() if row.row.points is not None}
    if not told:
        return set()
    wanted = {member_id: _lots(setting, row) for member_id, row in told.items()}
    accounts = await postings_repository.open_accounts(conn, dict.fromkeys(wanted, setting.program_id))
    moved = await postings_repository.find_moved(conn, list(wanted))
    kept = set()
    for member_id, lots in wanted.items():
        account = accounts[member_id]
        account.expire(setting.now)
        if _holds(account, told[member_id], lots):
            continue
        if member_id in moved:
            kept.add(member_id)
        else:
            _bring(account, setting, lots)
    await postings_repository.write_accounts(conn, accounts)
    return kept


def _holds(account: Account, row: PreparedRow, lots: Mapping[datetime, int]) -> bool:
    """Of points without a day of expiry the sum is enough: theirs follows from the day on which they came first."""
    if account.owed:
        return False
    if all(each.expire_on is None for each in row.row.points or ()):
        return account.balance == sum(lots.values())
    return {at: points for at, points in account.lots.items() if points} == lots


def _bring(account: Account, setting: Setting, lots: Mapping[datetime, int]) -> None:
    account.move_out(Memo(cause="import", source_key=f"import:{setting.run_id}:former", at=setting.now))
    account.move_in(lots, 0, Memo(cause="import", source_key=f"import:{setting.run_id}", at=setting.now))


def _lots(setting: Setting, row: PreparedRow) -> dict[datetime, int]:
    lots: dict[datetime, int] = {}
    for each in row.row.points or ():
        if each.expire_on is not None:
            end = setting.end_of(each.expire_on)
        else:
            assert setting.points is not None
            end = expires_at(setting.points, setting.now)
        lots[end] = lots.get(end, 0) + each.points
    return lots


async def give_ranks(conn: Connection, setting: Setting, rows: Rows) -> dict[MemberId, str]:
    """To members who are new; the code of whoever has one."""
    rules, holding = setting.ranks, _holding(setting, rows)
    if rules is None or not holding:
        return {}
    await brought_ranks_repository.upsert_brought_ranks(conn, list(holding.items()))
    ranks = []
    for member_id, rank in holding.items():
        status = hold_brought(rules, evaluate_rank(rules, (), setting.now), rank, setting.now)
        ranks.append(
            MemberRank(
                member_id=member_id,
                rank_code=None if status.rank is None else status.rank.code,
                since=setting.now,
                valid_until=status.valid_until,
                rules_version=rules.version,
            )
        )
    await ranks_repository.upsert_member_ranks(conn, [(setting.program_id, rank) for rank in ranks])
    given = {rank.member_id: rank.rank_code for rank in ranks if rank.rank_code is not None}
    if given:
        await ranks_repository.insert_rank_changes(conn, [(m, None, code) for m, code in given.items()], setting.now)
    return given


async def bring_ranks(conn: Connection, setting: Setting, rows: Rows) -> None:
    holding = _holding(setting, rows)
    if not holding:
        return
    await brought_ranks_repository.upsert_brought_ranks(conn, list(holding.items()))
    await postings_repository.open_accounts(conn, dict.fromkeys(sorted(holding), setting.program_id))
    await update_member_ranks(conn, dict.fromkeys(holding, setting.program_id), setting.now)


def _holding(setting: Setting, rows: Rows) -> dict[MemberId, BroughtRank]:
    """The ranks that the rows tell of, and that hold now."""
    rules = setting.ranks
    if rules is None:
        return {}
    brought = {
        member_id: BroughtRank(
            row.row.rank,
            brought_until(rules, setting.now) if row.row.rank_until is None else setting.end_of(row.row.rank_until),
        )
        for member_id, row in rows.items()
        if row.row.rank is not None
    }
    return {member_id: rank for member_id, rank in brought.items() if rank.until > setting.now}


async def bring_stamps(conn: Connection, setting: Setting, rows: Rows) -> None:
    """So many as the file says; those that are there stay, also where a later file says fewer."""
    card_id = setting.stamp_card_id
    if card_id is None:
        return
    stamps = [
        NewStamp(member_id, card_id, f"import:{place}", setting.now)
        for member_id, row in rows.items()
        for place in range(1, (row.row.stamps or 0) + 1)
    ]
    if stamps:
        await stamps_repository.insert_stamps(conn, stamps)
