"""How many messages a member has been sent: counted in one row of theirs, whose lock decides who comes first.

The rows are locked behind the messages to push, in the order of members, by whoever takes a place or gives one back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import asyncpg

from ids import MemberId
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "counts.sql")

Days = Sequence[date]


async def lock_counts(conn: Connection, member_ids: Iterable[MemberId]) -> dict[MemberId, Days]:
    """On which days each was sent messages, each day as often as that; the rows are ours until the commit.

    Who was never sent one is absent, and may be sent one beside us: `write_counts` notices.
    """
    rows = await fetch_by_shard(conn, QUERIES.lock_counts, sorted(set(member_ids)))
    return {row["member_id"]: row["days"] for row in rows}


async def write_counts(conn: Connection, held: Mapping[MemberId, Days], counts: Mapping[MemberId, Days]) -> None:
    """`held`: what `lock_counts` has answered. A row is written once.

    Raises SerializationError where somebody who was absent there has been sent a message meanwhile.
    """
    if changed := {key: _text(tuple(days)) for key, days in counts.items() if key in held}:
        await conn.execute(QUERIES.change_counts, list(changed), list(changed.values()))
    if added := {key: _text(tuple(days)) for key, days in counts.items() if key not in held}:
        written = await conn.fetch(QUERIES.add_counts, list(added), list(added.values()))
        if len(written) < len(added):
            raise asyncpg.SerializationError("a member has been sent their first message meanwhile")


@lru_cache(maxsize=10_000)
def _text(days: tuple[date, ...]) -> str:
    """As PostgreSQL reads an array of days: an array of arrays of different lengths it does not take."""
    return f"{{{','.join(map(date.isoformat, days))}}}"


async def give_back(conn: Connection, counted: Sequence[tuple[MemberId, date]]) -> None:
    """What was counted on these days has not been sent after all."""
    if not counted:
        return
    held = await lock_counts(conn, (member_id for member_id, _ in counted))
    too_many = Counter(counted)
    left: dict[MemberId, Days] = {}
    for member_id, days in held.items():
        kept = []
        for day in days:
            if too_many[member_id, day]:
                too_many[member_id, day] -= 1
            else:
                kept.append(day)
        left[member_id] = kept
    await write_counts(conn, held, left)


async def move_counts(conn: Connection, former_id: MemberId, survivor_id: MemberId) -> None:
    """It is one person, who has had the messages of both."""
    held = await lock_counts(conn, [former_id, survivor_id])
    days = [*held.get(survivor_id, ()), *held.get(former_id, ())]
    await write_counts(conn, held, {former_id: [], survivor_id: days})
