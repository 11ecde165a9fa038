"""`count`: how many members a tree means, of whom it is unknown and why, and some of them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from audiences.compile_sql import Compiled, compile_tree
from audiences.counting_repository import count_audience, sample_audience
from audiences.moment import Moment
from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from server.audiences.settle_tree import SettledTree

SAMPLE_SIZE = 20


class UnknownCount(msgspec.Struct, frozen=True):
    """A condition that is unknown of some members."""

    at: str
    """Where it stands in the tree, such as `tree.of[1]`, with the audiences that the tree refers to in their places."""
    members: int
    """Of how many of the members of whom the whole is unknown."""


class AudienceSize(msgspec.Struct, frozen=True, kw_only=True):
    """How many members an audience has at a moment."""

    members: int
    """How many active members were judged: those of the program, or whose home store is one of yours."""
    matching: int
    """How many of them are in the audience."""
    share: float
    """How large a part that is, from 0 to 1; 0 where there are no members."""
    unknown: int
    """Of how many it is unknown; they are not in it."""
    unknown_by: list[UnknownCount]
    """Which conditions are unknown of those, the most frequent first."""
    sample: list[MemberId] | None
    """Some who are in it. Null: only owners see members."""


async def count(
    conn: Connection,
    program_id: ProgramId,
    settled: SettledTree,
    as_of: datetime,
    zone: ZoneInfo,
    stores: Sequence[StoreId] | None,
) -> AudienceSize:
    """`stores`: only members whose home store is one of these; None: all, and a sample of them."""
    compiled = compile_scoped(program_id, settled, as_of, zone, stores)
    size = await count_audience(conn, compiled)
    sample = None if stores is not None else await _sample(conn, compiled, size.matching)
    return AudienceSize(
        members=size.members,
        matching=size.matching,
        share=size.matching / size.members if size.members else 0.0,
        unknown=size.unknown,
        unknown_by=[
            UnknownCount(path, members)
            for path, members in sorted(size.unknown_by.items(), key=lambda each: (-each[1], each[0]))
        ],
        sample=sample,
    )


def compile_scoped(
    program_id: ProgramId, settled: SettledTree, as_of: datetime, zone: ZoneInfo, stores: Sequence[StoreId] | None
) -> Compiled:
    return compile_tree(settled.resolved, program_id, Moment(as_of, zone), settled.definitions, stores)


async def _sample(conn: Connection, compiled: Compiled, matching: int) -> list[MemberId]:
    return await sample_audience(conn, compiled, min(SAMPLE_SIZE, matching)) if matching else []
