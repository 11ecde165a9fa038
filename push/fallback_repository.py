"""A message leaves the channel that has refused it for good: it goes back to the governor, which knows the others.

It waits there in the state `refused` (server/issuing/release_messages.py), with its id and its place in the caps.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import asyncpg
import msgspec

from ids import MemberId
from kit.database import Connection
from kit.spread import split_by_shard
from kit.sql import load_queries
from outbox.kinds import ChannelKind
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies

QUERIES = load_queries(__file__, "fallback.sql")


class RefusedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker holds the lease of: `attempts` is its fence."""

    member_id: MemberId
    id: UUID
    attempts: int
    reason: str


async def refuse_messages(conn: Connection, refused: Sequence[RefusedAttempt], now: datetime) -> set[UUID]:
    """Those of them that another channel may take. The others are as they were, to be recorded as what they are."""
    handed_on: set[UUID] = set()
    for part in split_by_shard(conn, refused, attrgetter("member_id")):
        found = await conn.fetch(
            *QUERIES.find_refusable(
                member_id=[each.member_id for each in part],
                id=[each.id for each in part],
                attempts=[each.attempts for each in part],
                reason=[each.reason for each in part],
                now=now,
            )
        )
        handed_on.update(row["id"] for row in await _refuse(conn, found, "sending", now))
    return handed_on


async def refuse_sent(
    conn: Connection, member_id: MemberId, message_id: UUID, channel: ChannelKind, reason: str, now: datetime
) -> bool:
    """Whether a message that was sent, and is reported now as undeliverable, may go by another channel."""
    found = await conn.fetch(
        *QUERIES.find_refusable_sent(member_id=member_id, id=message_id, channel=channel, reason=reason, now=now)
    )
    refused = await _refuse(conn, found, "sent", now)
    changes = TallyChanges()
    for row in refused:
        changes.leave(row["campaign_id"], "sent", channel=channel)
    await change_tallies(conn, changes)
    return bool(refused)


async def _refuse(
    conn: Connection, found: Sequence[asyncpg.Record], former_state: str, now: datetime
) -> list[asyncpg.Record]:
    """Those of them that nobody else has changed since they were found."""
    if not found:
        return []
    columns = {name: [row[name] for row in found] for name in ("member_id", "id", "attempts", "reason", "refusals")}
    return await conn.fetch(*QUERIES.refuse_messages(**columns, former_state=former_state, now=now))
