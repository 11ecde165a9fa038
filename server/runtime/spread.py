"""Over how many shards the database is spread: one on plain PostgreSQL, those of Citus where it was distributed."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from ids import MemberId
from kit.database import Pool, connect
from kit.shards import ONE_SHARD, Shards

C = TypeVar("C")

# Not among the named queries: plain PostgreSQL has no such table to prepare them with.
_IS_SPREAD = "SELECT to_regclass('pg_dist_shard') IS NOT NULL"
_LOWS = """
SELECT array(SELECT shardminvalue::int FROM pg_dist_shard WHERE logicalrelid = 'members'::regclass ORDER BY 1)
"""


async def read_shards(pool: Pool) -> Shards:
    """Once for each process: shards move from node to node, and their ranges stay."""
    async with connect(pool) as conn:
        lows = await conn.fetchval(_LOWS) if await conn.fetchval(_IS_SPREAD) else []
    return Shards(lows) if lows else ONE_SHARD


def by_shard(shards: Shards, find_member: Callable[[C], MemberId | None]) -> Callable[[C], Hashable]:
    """Which commands may share a transaction. One that does not say whose it is runs alone."""
    if not shards.are_many:
        return lambda _: None

    def find(command: C) -> Hashable:
        member_id = find_member(command)
        return object() if member_id is None else shards.find(member_id)

    return find
