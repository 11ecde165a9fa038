"""A message leaves the channel that has refused it for good: it goes back to the governor, which knows the others.

It waits there in the state `refused` (server/issuing/release_messages.py), with its id and its place in the caps.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ids import MemberId
from kit.database import Connection
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
    if not refused:
        return set()
    rows = await conn.fetch(
        *QUERIES.refuse_messages(
            member_id=[each.member_id for each in refused],
            id=[each.id for each in refused],
            attempts=[each.attempts for each in refused],
            reason=[each.reason for each in refused],
            now=now,
        )
    )
    return {row["id"] for row in rows}


async def refuse_sent(
    conn: Connection, member_id: MemberId, message_id: UUID, channel: ChannelKind, reason: str, now: datetime
) -> bool:
    """Whether a message that was sent, and is reported now as undeliverable, may go by another channel."""
    refused = await conn.fetchrow(
        *QUERIES.refuse_sent(member_id=member_id, id=message_id, channel=channel, reason=reason, now=now)
    )
    if refused is None:
        return False
    changes = TallyChanges()
    changes.leave(refused["campaign_id"], "sent", channel=channel)
    await change_tallies(conn, changes)
    return True
