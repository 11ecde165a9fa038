"""Which commands may share a transaction where the database is spread over several shards."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from ids import MemberId
from kit.shards import Shards

C = TypeVar("C")


def by_shard(shards: Shards, find_member: Callable[[C], MemberId | None]) -> Callable[[C], Hashable]:
    """Those of one shard. One that does not say whose it is runs alone."""
    if not shards.are_many:
        return lambda _: None

    def find(command: C) -> Hashable:
        member_id = find_member(command)
        return object() if member_id is None else shards.find(member_id)

    return find
