"""`count`: how many members a tree means, of whom it is unknown and why, and some of them.

A count that would take long judges a part of the members, and tells between which numbers the whole lies.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from audiences.compile_sql import Compiled, compile_tree
from audiences.counting_repository import (
    AudienceCount,
    count_audience,
    count_in_time,
    count_judged,
    expect_memory,
    find_some,
    foresee,
    take_memory,
)
from audiences.estimate import Interval, estimate, parts_at_least, parts_for_sample, parts_of
from audiences.moment import Moment
from ids import ProgramId, StoreId
from kit.database import Connection
from server.audiences.coarse import coarsen
from server.audiences.settle_tree import SettledTree
from server.audiences.size import AudienceSize, UnknownCount

SAMPLE_SIZE = 20


async def count(
    conn: Connection,
    program_id: ProgramId,
    settled: SettledTree,
    as_of: datetime,
    zone: ZoneInfo,
    stores: Sequence[StoreId] | None,
    *,
    knows_persons: bool,
) -> AudienceSize:
    """`stores`: only members whose home store is one of these; None: all. `knows_persons`: to the person, with a sample
    of them; else in steps. In no transaction.
    """
    size = await _count(conn, program_id, settled, as_of, zone, stores, knows_persons=knows_persons)
    return size if knows_persons else coarsen(size)


async def _count(
    conn: Connection,
    program_id: ProgramId,
    settled: SettledTree,
    as_of: datetime,
    zone: ZoneInfo,
    stores: Sequence[StoreId] | None,
    *,
    knows_persons: bool,
) -> AudienceSize:
    def compiled(parts: int) -> Compiled:
        return compile_scoped(program_id, settled, as_of, zone, stores, parts)

    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await take_memory(conn)
        whole = compiled(1)
        counted, parts = await _count_all(conn, whole)
        await expect_memory(conn)
        if counted is not None:
            size = _exact(counted)
            parts = parts_for_sample(size.matching, size.members)
        else:
            judged = await count_audience(conn, compiled(parts))
            size = _estimated(judged, await count_judged(conn, whole))
            parts = max(parts, parts_for_sample(size.matching, size.members))
        if not knows_persons:
            return size
        sample = await find_some(conn, compiled(parts), SAMPLE_SIZE) if size.matching else []
        return msgspec.structs.replace(size, sample=sample)


async def _count_all(conn: Connection, compiled: Compiled) -> tuple[AudienceCount | None, int]:
    """None where it would take long, or has taken too long: then one of so many parts is to be judged."""
    foreseen = await foresee(conn, compiled)
    parts = parts_of(foreseen)
    if parts > 1:
        return None, parts
    parts = parts_at_least(foreseen)
    if parts == 1:  # they are few: as long as it takes
        return await count_audience(conn, compiled), parts
    return await count_in_time(conn, compiled), parts


def compile_scoped(
    program_id: ProgramId,
    settled: SettledTree,
    as_of: datetime,
    zone: ZoneInfo,
    stores: Sequence[StoreId] | None,
    parts: int = 1,
) -> Compiled:
    return compile_tree(settled.resolved, program_id, Moment(as_of, zone), settled.definitions, stores, parts)


def _exact(counted: AudienceCount) -> AudienceSize:
    return _size(counted, counted.members, Interval(counted.matching, counted.matching), is_estimate=False)


def _estimated(judged: AudienceCount, members: int) -> AudienceSize:
    def of_all(found: int) -> int:
        return estimate(found, judged.members, members)[0]

    matching, interval = estimate(judged.matching, judged.members, members)
    told = msgspec.structs.replace(
        judged,
        matching=matching,
        unknown=of_all(judged.unknown),
        unknown_by={path: of_all(found) for path, found in judged.unknown_by.items()},
    )
    return _size(told, members, interval, is_estimate=True)


def _size(counted: AudienceCount, members: int, interval: Interval, *, is_estimate: bool) -> AudienceSize:
    return AudienceSize(
        members=members,
        is_estimate=is_estimate,
        matching=counted.matching,
        matching_at_least=interval.at_least,
        matching_at_most=interval.at_most,
        share=counted.matching / members if members else 0.0,
        unknown=counted.unknown,
        unknown_by=[
            UnknownCount(path, found)
            for path, found in sorted(counted.unknown_by.items(), key=lambda each: (-each[1], each[0]))
        ],
        sample=None,
    )
