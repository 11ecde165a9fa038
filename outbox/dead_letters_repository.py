"""Dead letters: messages that failed for good, or not in time. They are listed without their words, and sent again or
dismissed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from ids import CampaignId, CouponId, MemberId, ProgramId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries
from outbox.kinds import ChannelKind
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies

QUERIES = load_queries(__file__, "dead_letters.sql")


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """`resendable_until` None: it cannot be sent again."""

    id: UUID
    member_id: MemberId
    channel: ChannelKind
    campaign_id: CampaignId | None
    coupon_id: CouponId | None
    reason: str | None
    state: str
    attempts: int
    created_at: datetime
    resendable_until: datetime | None


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of a program, narrowed by whatever is given."""

    program_id: ProgramId
    channel: ChannelKind | None = None
    reason: str | None = None
    campaign_id: CampaignId | None = None
    ids: Collection[UUID] | None = None


async def list_dead_letters(conn: Connection, which: Which, page: PageRequest, now: datetime) -> list[DeadLetter]:
    """Newest first."""
    rows = await conn.fetch(
        *QUERIES.list_dead_letters(
            program_id=which.program_id,
            channel=which.channel,
            reason=which.reason,
            campaign_id=which.campaign_id,
            before=page.before,
            limit=page.fetch_count,
            now=now,
        )
    )
    return [DeadLetter(**row) for row in rows]


async def resend(conn: Connection, which: Which, now: datetime, most: int) -> int:
    """How many go to the governor again, `most` at most. Whoever comes second finds them gone."""
    rows = await conn.fetch(
        *QUERIES.resend(
            program_id=which.program_id,
            channel=which.channel,
            reason=which.reason,
            campaign_id=which.campaign_id,
            ids=None if which.ids is None else list(which.ids),
            now=now,
            outlives_until=now + timedelta(days=1),
            most=most,
        )
    )
    changes = TallyChanges()
    for row in rows:
        changes.leave(row["campaign_id"], "failed", channel=row["channel"])
        changes.enter(row["campaign_id"], "deferred", channel=row["channel"])
    await change_tallies(conn, changes)
    return len(rows)


async def dismiss(conn: Connection, which: Which, now: datetime, most: int) -> int:
    """How many are listed no more, `most` at most. Whoever comes second finds them gone."""
    rows = await conn.fetch(
        *QUERIES.dismiss(
            program_id=which.program_id,
            reason=which.reason,
            campaign_id=which.campaign_id,
            ids=None if which.ids is None else list(which.ids),
            now=now,
            most=most,
        )
    )
    return len(rows)
