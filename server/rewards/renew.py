"""`renew`: points whose time is over are posted as expired, and ranks that are no longer valid are determined again.

Found by their time, so a restart loses nothing, and any number of workers may meet: an account is locked before it is
looked at, and the second finds nothing left to do. Readers do not wait for it: balances leave out what has expired.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from audiences.facts_repository import update_reward_facts
from ids import MemberId, ProgramId
from kit.batching import run_split
from kit.database import Connection, DatabaseUnavailable, Pool, connect, describe_failure, in_transaction
from members.aliases_repository import find_survivors, hold_persons
from points import postings_repository, ranks_repository
from server.rewards.ranks import update_member_ranks

MAX_BATCH_SIZE = 500

Find = Callable[[Connection, datetime, int], Awaitable[dict[MemberId, ProgramId]]]
Renew = Callable[[Connection, dict[MemberId, ProgramId], datetime], Awaitable[None]]

log = structlog.get_logger()


async def renew_all(pool: Pool, now: datetime) -> int:
    """Until nothing is due any more; how many members it touched. Raises DatabaseUnavailable."""
    expired = await _renew_due(pool, now, postings_repository.find_due_accounts, _expire)
    return expired + await _renew_due(pool, now, ranks_repository.find_members_due_for_ranking, _judge)


async def _renew_due(pool: Pool, now: datetime, find: Find, renew: Renew) -> int:
    renewed = 0
    while True:
        async with connect(pool) as conn:
            due = await find(conn, now, MAX_BATCH_SIZE)
        results = await run_split(partial(_in_transaction, pool, renew, now), list(due.items())) if due else []
        for result in results:
            if isinstance(result, DatabaseUnavailable):
                raise result
            if isinstance(result, Exception):
                log.error("renew.failed", **describe_failure(result))
        done = sum(not isinstance(result, Exception) for result in results)
        renewed += done
        if len(due) < MAX_BATCH_SIZE or not done:
            return renewed


async def _in_transaction(
    pool: Pool, renew: Renew, now: datetime, holders: Sequence[tuple[MemberId, ProgramId]]
) -> Sequence[Exception | None]:
    await in_transaction(pool, lambda conn: renew(conn, dict(holders), now))
    return [None] * len(holders)


async def _expire(conn: Connection, holders: dict[MemberId, ProgramId], now: datetime) -> None:
    accounts = await postings_repository.open_accounts(conn, holders)
    for account in accounts.values():
        account.expire(now)
    await postings_repository.write_accounts(conn, accounts)
    await update_reward_facts(conn, holders)


async def _judge(conn: Connection, holders: dict[MemberId, ProgramId], now: datetime) -> None:
    await hold_persons(conn, holders)
    await postings_repository.open_accounts(conn, holders)
    gone = await find_survivors(conn, list(holders))  # merged since they were found: their rank is the other one's
    await update_member_ranks(conn, {each: program for each, program in holders.items() if each not in gone}, now)
    await update_reward_facts(conn, holders)
