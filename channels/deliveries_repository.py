"""Deliveries: messages on their way, written in the transaction of their cause and sealed until they are out."""

from datetime import datetime, timedelta
from uuid import UUID

from channels.delivery import Delivery, DeliveryOutcome
from channels.messages import EmailMessage, Message, channel_of, encode_message
from ids import MemberId, ProgramId, StaffId
from kit.database import Connection, Pool, connect, in_statement
from kit.ids import new_id
from kit.leases import backlog_query, lease_query
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "deliveries.sql")
LEASE_DELIVERIES = lease_query(
    "deliveries",
    key=("member_id", "id"),
    due_at="next_attempt_at",
    counts_attempts=True,
    returning=("member_id", "id", "program_id", "channel", "sealed_message", "attempts", "expires_at"),
)
LEASE_STAFF_DELIVERIES = lease_query(
    "staff_deliveries",
    key=("id",),
    due_at="next_attempt_at",
    counts_attempts=True,
    returning=("id", "program_id", "channel", "sealed_message", "attempts", "expires_at"),
)
MEASURE_DELIVERIES = backlog_query("deliveries", due_at="next_attempt_at")
MEASURE_STAFF_DELIVERIES = backlog_query("staff_deliveries", due_at="next_attempt_at")
KEPT = timedelta(hours=24)


async def queue_message(
    conn: Connection,
    keyring: Keyring,
    member_id: MemberId,
    program_id: ProgramId,
    message: Message,
    now: datetime,
    expires_at: datetime,
) -> None:
    delivery_id, sealed = _seal(keyring, message)
    await conn.execute(
        *QUERIES.insert_delivery(
            member_id=member_id,
            id=delivery_id,
            program_id=program_id,
            channel=channel_of(message),
            sealed_message=sealed,
            now=now,
            expires_at=expires_at,
        )
    )


async def queue_staff_message(
    conn: Connection,
    keyring: Keyring,
    staff_id: StaffId | None,
    program_id: ProgramId,
    message: EmailMessage,
    now: datetime,
    expires_at: datetime,
) -> None:
    """By e-mail. For nobody (None) as much is done as for somebody, and nothing is sent."""
    delivery_id, sealed = _seal(keyring, message)
    await conn.execute(
        *QUERIES.insert_staff_delivery(
            staff_id=staff_id,
            id=delivery_id,
            program_id=program_id,
            channel=channel_of(message),
            sealed_message=None if staff_id is None else sealed,
            now=now,
            expires_at=expires_at,
        )
    )


def _seal(keyring: Keyring, message: Message) -> tuple[UUID, bytes]:
    delivery_id = new_id()
    return delivery_id, keyring.seal("message", delivery_id.bytes, encode_message(message))


async def lease_deliveries(pool: Pool, now: datetime, *, limit: int, lease_s: float) -> list[Delivery]:
    """Lease up to `limit` to members and as many to the staff that are due; each counts one attempt more.

    Raises DatabaseUnavailable.
    """

    async def work(conn: Connection) -> list[Delivery]:
        return [Delivery(**row) for row in await conn.fetch(LEASE_DELIVERIES, now, lease_s, limit)]

    async def work_for_staff(conn: Connection) -> list[Delivery]:
        rows = await conn.fetch(LEASE_STAFF_DELIVERIES, now, lease_s, limit)
        return [Delivery(member_id=None, **row) for row in rows]

    return [*await in_statement(pool, work), *await in_statement(pool, work_for_staff)]


async def record_delivery(
    pool: Pool,
    delivery: Delivery,
    outcome: DeliveryOutcome,
    now: datetime,
    *,
    retry_at: datetime | None = None,
    failure: str | None = None,
    provider_message_id: str | None = None,
) -> None:
    ended = {
        "id": delivery.id,
        "attempts": delivery.attempts,
        "outcome": outcome,
        "retry_at": retry_at,
        "now": now,
        "failure": failure,
        "provider_message_id": provider_message_id,
    }
    if delivery.member_id is None:
        query = QUERIES.record_staff_delivery(**ended)
    else:
        query = QUERIES.record_delivery(member_id=delivery.member_id, **ended)
    async with connect(pool) as conn:
        await conn.execute(*query)


async def purge_old_deliveries(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_deliveries, now - KEPT)
    await conn.execute(QUERIES.purge_staff_deliveries, now - KEPT)
