"""Messages by a channel, written in the transaction of their cause and sealed until they are out.

Those to members stand in the outbox (`outbox.sealed_messages_repository`), those to the staff in a table of their own.
"""

from datetime import datetime, timedelta
from uuid import UUID

from channels.addressing import Addressing
from channels.messages import EmailMessage, Message, channel_of, decode_message, encode_message
from ids import CouponId, MemberId, ProgramId, StaffId
from kit.database import Connection, Pool, connect, in_statement, in_transaction
from kit.ids import new_id
from kit.leases import backlog_query, lease_query
from kit.sealing import Keyring
from kit.sql import load_queries
from outbox import sealed_messages_repository
from outbox.delivery import Delivery, DeliveryRecord
from outbox.kinds import Lane
from outbox.sealed_messages_repository import NewSealedMessage

QUERIES = load_queries(__file__, "deliveries.sql")
LEASE_STAFF_DELIVERIES = lease_query(
    "staff_deliveries",
    key=("id",),
    due_at="next_attempt_at",
    counts_attempts=True,
    returning=("id", "program_id", "channel", "sealed_message", "attempts", "expires_at"),
)
MEASURE_STAFF_DELIVERIES = backlog_query("staff_deliveries", due_at="next_attempt_at")
KEPT = timedelta(hours=24)
# What is out, or may be, or is yet to go: it keeps its place in the caps.
_COUNTING = ("sent", "unknown", "retryable")


async def queue_message(  # noqa: PLR0913 - to whom, what, and until when; the rest is seldom said
    conn: Connection,
    keyring: Keyring,
    member_id: MemberId,
    program_id: ProgramId,
    message: Message,
    now: datetime,
    expires_at: datetime,
    *,
    lane: Lane = "urgent",
    coupon_id: CouponId | None = None,
) -> UUID:
    """The id of the message. `coupon_id`: what it tells of; a code and an alert have none."""
    message_id, sealed = _seal(keyring, message)
    new = NewSealedMessage(
        member_id=member_id,
        id=message_id,
        program_id=program_id,
        channel=channel_of(message),
        sealed_message=sealed,
        lane=lane,
        now=now,
        expires_at=expires_at,
        coupon_id=coupon_id,
    )
    await sealed_messages_repository.insert_sealed_message(conn, new)
    return message_id


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
    message_id = new_id()
    return message_id, keyring.seal("message", message_id.bytes, encode_message(message))


def unseal(keyring: Keyring, delivery: Delivery) -> Message:
    """Of one with a sealed message. Raises kit.sealing.Unsealable, msgspec.DecodeError."""
    assert delivery.sealed_message is not None
    return decode_message(keyring.unseal("message", delivery.id.bytes, delivery.sealed_message))


async def lease_staff_deliveries(pool: Pool, now: datetime, *, limit: int, lease_s: float) -> list[Delivery]:
    """Lease up to `limit` that are due; each counts one attempt more. Raises DatabaseUnavailable."""

    async def work(conn: Connection) -> list[Delivery]:
        rows = await conn.fetch(LEASE_STAFF_DELIVERIES, now, lease_s, limit)
        return [Delivery(member_id=None, **row) for row in rows]

    return await in_statement(pool, work)


async def record_delivery(pool: Pool, record: DeliveryRecord, addressing: Addressing | None = None) -> None:
    """A worker whose lease ran out changes nothing. Raises DatabaseUnavailable."""
    if record.delivery.member_id is not None:
        await in_transaction(pool, lambda conn: _record_delivery(conn, record, addressing))
        return
    async with connect(pool) as conn:
        await conn.execute(
            *QUERIES.record_staff_delivery(
                id=record.delivery.id,
                attempts=record.delivery.attempts,
                outcome=record.outcome,
                retry_at=record.retry_at,
                now=record.at,
                failure=record.failure,
                provider_message_id=record.provider_message_id,
                held_back=record.held_back,
            )
        )


async def _record_delivery(conn: Connection, record: DeliveryRecord, addressing: Addressing | None) -> None:
    if record.is_refusal and addressing is not None:
        reason = record.failure or record.outcome
        if await addressing.hand_on(conn, record.delivery, reason, record.at):
            return
    is_ours = await sealed_messages_repository.record_delivery(conn, record)
    if is_ours and addressing is not None and record.outcome not in _COUNTING:
        await addressing.give_back(conn, record.delivery)


async def purge_staff_deliveries(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_staff_deliveries, now - KEPT)
