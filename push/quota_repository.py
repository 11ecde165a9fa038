"""A program's messages a day: a place is taken before a message is sent first, in a short transaction of its own.

So no more go out than the quota has, whatever process dies: a place that was taken for a message is marked on it, and a
worker that takes it over sends it without another. What a provider refuses after that keeps its place.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId
from kit.database import Connection, Pool, in_transaction
from push.counts_repository import QUERIES


class QuotaRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A leased message that is to be sent. `day`: the program's. `quota`: of a day. `attempts`: the fence."""

    program_id: ProgramId
    day: date
    quota: int
    member_id: MemberId
    message_id: UUID
    attempts: int
    priority: int


async def take_quota(pool: Pool, requests: Sequence[QuotaRequest]) -> set[UUID]:
    """Which of the messages may be sent, those of the highest priority first. Raises DatabaseUnavailable."""
    by_day: dict[tuple[ProgramId, date], list[QuotaRequest]] = defaultdict(list)
    for each in requests:
        by_day[each.program_id, each.day].append(each)

    async def work(conn: Connection) -> set[UUID]:
        granted: set[UUID] = set()
        for (program_id, day), asking in sorted(by_day.items()):
            used: int = await conn.fetchval(QUERIES.lock_quota, program_id, day)
            first = sorted(asking, key=lambda each: -each.priority)[: max(0, asking[0].quota - used)]
            if not first:
                continue
            await conn.execute(QUERIES.use_quota, program_id, day, len(first))
            columns = zip(*((each.member_id, each.message_id, each.attempts) for each in first), strict=True)
            await conn.execute(QUERIES.mark_in_quota, *columns, day)
            granted |= {each.message_id for each in first}
        return granted

    return await in_transaction(pool, work) if requests else set()


async def read_quota_used(conn: Connection, program_id: ProgramId, day: date) -> int:
    """How many messages of the day have taken a place: none are counted where there is no quota."""
    used: int | None = await conn.fetchval(QUERIES.read_quota, program_id, day)
    return used or 0


async def purge_quotas(conn: Connection, before: date) -> None:
    await conn.execute(QUERIES.purge_quotas, before)
