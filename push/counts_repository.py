"""How many messages a member has been sent: counted in one row of theirs, whose lock decides who comes first.

The rows are locked behind the messages to push, in the order of members, by whoever takes a place or gives one back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from ids import MemberId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "counts.sql")

Days = Sequence[date]


async def lock_counts(conn: Connection, member_ids: Iterable[MemberId]) -> dict[MemberId, Days]:
    """On which days each was sent messages, each day as often as that; the rows are ours until the commit."""
    rows = await conn.fetch(QUERIES.lock_counts, sorted(set(member_ids)))
    return {row["member_id"]: row["days"] for row in rows}


async def write_counts(conn: Connection, counts: Mapping[MemberId, Days]) -> None:
    """Of rows that are locked."""
    if counts:
        days = [msgspec.json.encode(days).decode() for days in counts.values()]
        await conn.execute(QUERIES.write_counts, list(counts), days)


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
    await write_counts(conn, left)


async def move_counts(conn: Connection, former_id: MemberId, survivor_id: MemberId) -> None:
    """It is one person, who has had the messages of both."""
    held = await lock_counts(conn, [former_id, survivor_id])
    await write_counts(conn, {former_id: [], survivor_id: [*held[survivor_id], *held[former_id]]})
