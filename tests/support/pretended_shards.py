"""A database that is said to be spread over several nodes, and is not: what a flow sends is split as it would be there,
and a statement that a cluster refuses fails here too.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from devtools.own_files import find_files
from kit import spread
from kit.shards import Shards
from kit.sql import Queries, name_of
from members import aliases_repository

EIGHT = Shards([-(2**31) + n * 2**29 for n in range(8)])
_LOCKS_ROWS = re.compile(r"\bFOR (NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)\b")
# What it locks is the row of a table that is not spread.
_LOCKS_NO_MEMBER = {"personal.erase_decisions"}
# Citus 13.2 refuses their joins where they ask several shards.
_JOINS = {"last_ones.read_last_ones", "read_passes.read_passes", "recipients.read_ways", "redemptions.take_uses"}
_Run = Callable[..., Awaitable[Any]]


@cache
def batches_of_one_shard() -> frozenset[str]:
    """Texts of the queries of many members that a cluster takes only where all of them lie on one shard."""
    files = [Queries(path) for path in find_files(".sql", of_product=True)]
    batches = {text for queries in files for name, text in queries.items() if queries.reaches[name].startswith("batch")}
    locking = {text for text in batches if _LOCKS_ROWS.search(text) and name_of(text) not in _LOCKS_NO_MEMBER}
    return frozenset(locking | {text for text in batches if name_of(text) in _JOINS})


def pretend_shards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(spread, "shards_of", lambda _: EIGHT)
    patch.setattr(aliases_repository, "shards_of", lambda _: EIGHT)
    for method in ("fetch", "fetchrow", "fetchval", "execute"):
        patch.setattr(asyncpg.Connection, method, _of_one_shard(getattr(asyncpg.Connection, method)))


def _of_one_shard(run: _Run) -> _Run:
    async def checked(connection: Any, query: str, *arguments: Any, **settings: Any) -> Any:
        if query in batches_of_one_shard():
            shards = {EIGHT.find(member_id) for member_id in _first_ids(arguments)}
            assert len(shards) <= 1, f"{name_of(query)} asks {len(shards)} shards at once"
        return await run(connection, query, *arguments, **settings)

    return checked


def _first_ids(arguments: Sequence[Any]) -> Sequence[UUID]:
    """The members: a batch names them before all other ids."""
    lists = (each for each in arguments if isinstance(each, (list, tuple)) and each and isinstance(each[0], UUID))
    return next(lists, ())
