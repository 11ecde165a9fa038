"""Messages that go by a channel: sealed rows of the outbox, leased and recorded as pushes are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from ids import CouponId, MemberId, ProgramId
from kit.database import Connection, Pool
from kit.leases import lease_query
from kit.sql import load_queries
from outbox.delivery import Delivery, DeliveryRecord
from outbox.kinds import LANES, ChannelKind, Lane
from outbox.lanes import lease_lanes
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies

QUERIES = load_queries(__file__, "sealed_messages.sql")
LEASE_SEALED = lease_query(
    "outbox",
    key=("member_id", "id"),
    due_at="next_attempt_at",
    counts_attempts=True,
    is_open="t.queue = $4",
    returning=(
        "member_id",
        "id",
        "program_id",
        "channel",
        "sealed_message",
        "payload::text AS payload",
        "attempts",
        "attempts_refused",
        "expires_at",
        "rings_until",
        "counted_on",
        "quota_day",
        "priority",
    ),
)
KEPT = timedelta(days=7)


class NewSealedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`coupon_id`: of what it tells; a code and an alert have none."""

    member_id: MemberId
    id: UUID
    program_id: ProgramId
    channel: ChannelKind
    sealed_message: bytes
    lane: Lane
    now: datetime
    expires_at: datetime
    coupon_id: CouponId | None = None


async def insert_sealed_message(conn: Connection, new: NewSealedMessage) -> None:
    await conn.execute(*QUERIES.insert_sealed_message(**msgspec.structs.asdict(new)))


async def lease_sealed_messages(
    pool: Pool, channel: ChannelKind, now: datetime, *, limit: int, lease_s: float, lanes: Sequence[Lane] = LANES
) -> list[Delivery]:
    """Lease up to `limit` due messages of a channel, those of the first lane first; each counts one attempt more.

    Raises DatabaseUnavailable.
    """
    rows = await lease_lanes(pool, LEASE_SEALED, channel, lanes, now, limit=limit, lease_s=lease_s)
    return [Delivery(**row) for row in rows]


async def record_delivery(conn: Connection, record: DeliveryRecord) -> bool:
    """Whether the lease was still ours. In a transaction: it is counted with it."""
    delivery = record.delivery
    recorded = await conn.fetchrow(
        *QUERIES.record_delivery(
            member_id=delivery.member_id,
            id=delivery.id,
            attempts=delivery.attempts,
            outcome=record.outcome,
            retry_at=record.retry_at,
            now=record.at,
            failure=record.failure,
            provider_message_id=record.provider_message_id,
            held_back=record.held_back,
            reached_nobody=record.outcome not in ("sent", "unknown") and not (record.held_back or record.may_be_out),
        )
    )
    if recorded is None:
        return False
    changes = TallyChanges()
    changes.enter(
        recorded["campaign_id"],
        record.outcome,
        record.failure,
        channel=delivery.channel,
        is_first_deferral=recorded["deferrals"] == 1,
    )
    await change_tallies(conn, changes)
    return True


async def settle_unknown(
    conn: Connection,
    channel: ChannelKind,
    provider_message_id: str | None,
    outcome: Literal["sent", "failed"],
    *,
    at: datetime,
    message_id: UUID | None = None,
    failure: str | None = None,
) -> bool:
    """A receipt has come for what may have been accepted: whether it was one whose outcome was unknown.

    `message_id`: ours, where the receipt carries it; of a message whose acceptance was lost the provider's id is known
    from the receipt only.
    """
    settled = await conn.fetchrow(
        *QUERIES.settle_unknown(
            channel=channel,
            provider_message_id=provider_message_id,
            message_id=message_id,
            outcome=outcome,
            at=at,
            failure=failure,
        )
    )
    if settled is None:
        return False
    changes = TallyChanges()
    changes.leave(settled["campaign_id"], "unknown", channel=channel)
    changes.enter(settled["campaign_id"], outcome, channel=channel)
    await change_tallies(conn, changes)
    return True


async def purge_sealed_messages(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_sealed_messages, now - KEPT)
