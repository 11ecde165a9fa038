"""What concerns many members, a part for each shard on which some of them lie.

A spread database locks rows of several members only where one shard holds them all. On one machine there is one part.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

import asyncpg

from kit.sessions import Connection, shards_of

T = TypeVar("T")
Id = TypeVar("Id", bound=UUID)


def split_by_shard(conn: Connection, items: Iterable[T], member_of: Callable[[T], UUID]) -> list[list[T]]:
    """In the order of the shards, so that two who lock rows of the same members do not wait for each other; within a
    part in the order of the items. No part is empty.
    """
    shards = shards_of(conn)
    parts: dict[int, list[T]] = {}
    for item in items:
        parts.setdefault(shards.find(member_of(item)), []).append(item)
    return [parts[shard] for shard in sorted(parts)]


def split_members(conn: Connection, member_ids: Iterable[Id]) -> list[list[Id]]:
    return split_by_shard(conn, member_ids, lambda member_id: member_id)


async def fetch_by_shard(
    conn: Connection, query: str, member_ids: Iterable[UUID], *arguments: object
) -> list[asyncpg.Record]:
    """The rows of a query whose $1 is a list of members. An empty list asks nothing."""
    parts = split_members(conn, member_ids)
    return [row for part in parts for row in await conn.fetch(query, part, *arguments)]
