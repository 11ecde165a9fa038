"""The ledger in the database: accounts, their lots, and the postings that record every change.

Whoever posts opens the accounts first (`open_accounts`), which locks them until the commit, works on them in memory
and writes them back. Where the accounts' turn is among the locks: server/web/writes.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.pages import PageRequest
from kit.spread import fetch_by_shard
from kit.sql import load_queries
from points.ledger import Account, LotChanges, Memo, Posting
from points.posting import Balance, ExpiredPoints, PointPosting
from points.ranks import DatedAmount, group_by_member
from points.rules import NEVER

QUERIES = load_queries(__file__, "postings.sql")


class BrokenLedger(Exception):
    """A stored balance is not the sum of its lots. Nothing is posted; `./run admin check-points` names the accounts."""


async def open_accounts(conn: Connection, holders: Mapping[MemberId, ProgramId]) -> dict[MemberId, Account]:
    """The accounts of these members (member_id -> program_id), locked until the commit. Who has none gets one.

    Raises SerializationError where somebody else opens one of them at this moment: locked after others, it would be
    out of turn.
    """
    accounts = await lock_accounts(conn, holders)
    await _insert_accounts(conn, accounts)
    for account in accounts.values():
        account.opens_in = None
    return accounts


async def lock_accounts(conn: Connection, holders: Mapping[MemberId, ProgramId]) -> dict[MemberId, Account]:
    """The same for who writes them back in any case, whatever is posted: an account that is not there yet is opened by
    `write_accounts` with what stands in it then, and not written twice.
    """
    members = sorted(holders)
    owed = {row["member_id"]: row["owed"] for row in await fetch_by_shard(conn, QUERIES.lock_accounts, members)}
    lots: dict[MemberId, dict[datetime, int]] = {member_id: {} for member_id in owed}
    for row in await conn.fetch(QUERIES.read_lots, list(owed)) if owed else ():
        lots[row["member_id"]][row["expires_at"]] = row["remaining"]
    return {
        member_id: Account(owed[member_id], lots[member_id])
        if member_id in owed
        else Account(0, {}, opens_in=holders[member_id])
        for member_id in members
    }


async def find_accounts(conn: Connection, member_ids: Sequence[MemberId]) -> list[MemberId]:
    """Those of them who have one."""
    return [row["member_id"] for row in await conn.fetch(QUERIES.find_accounts, member_ids)]


async def write_accounts(conn: Connection, accounts: Mapping[MemberId, Account]) -> None:
    """Write what was posted on them, and open those that are not there yet. Raises BrokenLedger, and
    SerializationError as `open_accounts` does.
    """
    programs = await _insert_accounts(conn, accounts)
    posted = {member_id: account for member_id, account in accounts.items() if account.postings}
    if kept := {member_id: account for member_id, account in posted.items() if account.opens_in is None}:
        programs |= await _update_accounts(conn, kept)
    if posted:
        await _write_lots(conn, posted)
        postings = [(member, posting) for member in sorted(posted) for posting in posted[member].postings]
        await _insert_postings(conn, programs, postings)


async def _insert_accounts(conn: Connection, accounts: Mapping[MemberId, Account]) -> dict[MemberId, ProgramId]:
    """Those that are not there yet; the program of each."""
    programs = {member_id: account.opens_in for member_id, account in accounts.items() if account.opens_in is not None}
    if not programs:
        return programs
    new = [accounts[member_id] for member_id in programs]
    query = QUERIES.insert_accounts(
        member_id=list(programs),
        program_id=list(programs.values()),
        balance=[account.balance for account in new],
        owed=[account.owed for account in new],
        next_expiry_at=[account.next_expiry_at for account in new],
    )
    try:
        await conn.execute(*query)
    except asyncpg.UniqueViolationError as error:
        raise asyncpg.SerializationError("somebody else has opened a member's account meanwhile") from error
    return programs


async def _update_accounts(conn: Connection, posted: Mapping[MemberId, Account]) -> dict[MemberId, ProgramId]:
    """The program of each. Raises BrokenLedger."""
    members = sorted(posted)
    rows = await conn.fetch(
        *QUERIES.update_accounts(
            member_id=members,
            opening_balance=[posted[member_id].opening_balance for member_id in members],
            balance=[posted[member_id].balance for member_id in members],
            owed=[posted[member_id].owed for member_id in members],
            next_expiry_at=[posted[member_id].next_expiry_at for member_id in members],
        )
    )
    if len(rows) != len(members):
        raise BrokenLedger
    return {row["member_id"]: row["program_id"] for row in rows}


async def find_postings(conn: Connection, keys: Sequence[tuple[MemberId, str]]) -> dict[tuple[MemberId, str], Posting]:
    """By (member_id, source_key); what was not posted is absent."""
    members, sources = [key[0] for key in keys], [key[1] for key in keys]
    rows = await conn.fetch(QUERIES.find_postings, members, sources)
    return {(row["member_id"], row["source_key"]): _posting(row) for row in rows}


async def find_moved(conn: Connection, member_ids: Sequence[MemberId]) -> set[MemberId]:
    """Those whose points something else has moved than a file that brought them, or time."""
    return {row["member_id"] for row in await conn.fetch(QUERIES.find_moved, member_ids)}


async def find_reversals(conn: Connection, member_id: MemberId, posting_id: UUID) -> list[Posting]:
    return [_posting(row) for row in await conn.fetch(QUERIES.find_reversals, member_id, posting_id)]


async def read_expired_points(
    conn: Connection, member_ids: Sequence[MemberId], expired_at: datetime
) -> ExpiredPoints | None:
    """Of one person, who may be several members; None where nothing ran out then."""
    row = await conn.fetchrow(QUERIES.read_expired_points, member_ids, expired_at)
    return ExpiredPoints(**row) if row else None


async def find_duplicate_visits(conn: Connection, member_id: MemberId, others: Sequence[MemberId]) -> list[Posting]:
    """What the member earned by visits, not taken back yet, that one of the others made too: same store, same day."""
    keys = [row["visit_key"] for row in await conn.fetch(QUERIES.list_visit_keys, others)]
    return [_posting(row) for row in await conn.fetch(QUERIES.find_duplicate_visits, member_id, keys)]


async def find_paid_visits(
    conn: Connection, member_ids: Sequence[MemberId], visit_keys: Sequence[str]
) -> set[tuple[MemberId, str]]:
    """Of these visits the (member_id, visit key) that were paid, in whatever earning round, and not taken back."""
    rows = await conn.fetch(QUERIES.find_paid_visits, member_ids, visit_keys)
    return {(row["member_id"], row["visit_key"]) for row in rows}


async def list_postings(conn: Connection, member_id: MemberId, page: PageRequest) -> list[PointPosting]:
    rows = await conn.fetch(QUERIES.list_postings, member_id, page.before, page.fetch_count)
    return [PointPosting(**row) for row in rows]


async def read_balance(conn: Connection, member_id: MemberId, now: datetime) -> Balance:
    row = await conn.fetchrow(QUERIES.read_balance, member_id, now, NEVER)
    assert row is not None
    expires_at: datetime | None = row["expires_at"]
    return Balance(row["balance"], row["owed"], row["first_points"] if expires_at else 0, expires_at)


async def read_balances(conn: Connection, holders: Mapping[MemberId, ProgramId], now: datetime) -> dict[MemberId, int]:
    """Of these members (member_id -> program_id) the points that can be spent; absent where a program has none."""
    rows = await conn.fetch(QUERIES.read_balances, list(holders), list(holders.values()), now)
    return {row["member_id"]: row["balance"] for row in rows}


async def read_earned(
    conn: Connection, member_ids: Sequence[MemberId], since: datetime
) -> dict[MemberId, list[DatedAmount]]:
    rows = await conn.fetch(QUERIES.read_earned, member_ids, since)
    return group_by_member((row["member_id"], DatedAmount(row["at"], row["amount"])) for row in rows)


async def find_due_accounts(conn: Connection, now: datetime, limit: int) -> dict[MemberId, ProgramId]:
    """Members (with their program) who hold points that have expired."""
    rows = await conn.fetch(QUERIES.find_due_accounts, now, limit)
    return {row["member_id"]: row["program_id"] for row in rows}


async def find_mismatches(conn: Connection) -> list[MemberId]:
    """Members whose stored balance, debt or next expiry is not what their lots and postings come to."""
    return [row["member_id"] for row in await conn.fetch(QUERIES.find_mismatches, NEVER)]


async def _write_lots(conn: Connection, accounts: Mapping[MemberId, Account]) -> None:
    changed = [(member, at, account.lots[at]) for member, account in accounts.items() for at in account.changed_lots]
    new = [lot for lot in changed if lot[2] and lot[1] not in accounts[lot[0]].opening_lots]
    kept = [lot for lot in changed if lot[2] and lot[1] in accounts[lot[0]].opening_lots]
    gone = [lot for lot in changed if not lot[2]]
    for query, lots in ((QUERIES.insert_lots, new), (QUERIES.update_lots, kept)):
        if lots:
            await conn.execute(query, *(list(column) for column in zip(*lots, strict=True)))
    if gone:
        await conn.execute(QUERIES.remove_lots, [lot[0] for lot in gone], [lot[1] for lot in gone])


async def _insert_postings(
    conn: Connection, programs: Mapping[MemberId, ProgramId], postings: Sequence[tuple[MemberId, Posting]]
) -> None:
    await conn.execute(
        *QUERIES.insert_postings(
            member_id=[member_id for member_id, _ in postings],
            id=[posting.id for _, posting in postings],
            program_id=[programs[member_id] for member_id, _ in postings],
            kind=[posting.kind for _, posting in postings],
            points=[posting.points for _, posting in postings],
            owed_change=[posting.owed_change for _, posting in postings],
            balance_after=[posting.balance_after for _, posting in postings],
            lots=[msgspec.json.encode(posting.lots).decode() for _, posting in postings],
            cause=[posting.memo.cause for _, posting in postings],
            source_key=[posting.memo.source_key for _, posting in postings],
            reverses=[posting.reverses for _, posting in postings],
            store_id=[posting.memo.store_id for _, posting in postings],
            actor=[posting.memo.actor for _, posting in postings],
            reason=[posting.memo.reason for _, posting in postings],
            at=[posting.memo.at for _, posting in postings],
        )
    )


def _posting(row: Any) -> Posting:
    memo = Memo(
        cause=row["cause"],
        source_key=row["source_key"],
        at=row["at"],
        store_id=row["store_id"],
        actor=row["actor"],
        reason=row["reason"],
    )
    lots = msgspec.json.decode(row["lots"], type=LotChanges)
    return Posting(
        id=row["id"],
        kind=row["kind"],
        points=row["points"],
        owed_change=row["owed_change"],
        balance_after=row["balance_after"],
        lots=lots,
        memo=memo,
        reverses=row["reverses"],
    )
