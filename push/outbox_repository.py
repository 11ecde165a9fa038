"""The outbox as its workers see it: lease, look up the target, record. The rows are written with their coupons."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from ids import CouponId, MemberId
from kit.database import Connection, Pool, connect, in_transaction
from kit.leases import lease_query
from kit.sql import load_queries
from outbox.kinds import LANES, Lane, queue_of
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies
from push.counts_repository import give_back
from push.messages import Payload
from push.recheck import AttemptRecord, LeasedMessage, Target

QUERIES = load_queries(__file__, "outbox.sql")
LEASE_MESSAGES = lease_query(
    "outbox",
    key=("member_id", "id"),
    due_at="next_attempt_at",
    counts_attempts=True,
    is_open="t.queue = $4",
    returning=(
        "member_id",
        "id",
        "device_id",
        "coupon_id",
        "payload::text AS payload",
        "attempts",
        "attempts_before",
        "expires_at",
        "rings_until",
        "counted_on",
        "quota_day",
        "priority",
        "lane",
        "follow_up_step",
        "campaign_id",
        "outlives_use",
        "created_at",
    ),
)

# What a till scans of a coupon: it is stored nowhere.
CodeOf = Callable[[MemberId, CouponId], str]

_payload = msgspec.json.Decoder(Payload)


async def lease_messages(
    pool: Pool, now: datetime, *, limit: int, lease_s: float, code_of: CodeOf, lanes: Sequence[Lane] = LANES
) -> list[LeasedMessage]:
    """Lease up to `limit` due messages, those of the first lane first; each counts one attempt more.

    Raises DatabaseUnavailable.
    """

    async def work(connection: Connection) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = []
        for lane in lanes:
            if len(rows) < limit:
                rows += await connection.fetch(LEASE_MESSAGES, now, lease_s, limit - len(rows), queue_of("push", lane))
        return rows

    return [_leased_message(row, code_of) for row in await in_transaction(pool, work)]


async def find_targets(pool: Pool, leased: Sequence[LeasedMessage]) -> dict[UUID, Target]:
    """What the leased messages go to as it is now, by the message's id; one whose device is gone is left out."""
    async with connect(pool) as connection:
        rows = await connection.fetch(
            *QUERIES.find_targets(
                member_id=[message.member_id for message in leased],
                message_id=[message.id for message in leased],
                device_id=[message.device_id for message in leased],
                coupon_id=[message.coupon_id for message in leased],
                campaign_id=[message.campaign_id for message in leased],
                outlives_use=[message.outlives_use for message in leased],
            )
        )
    return {row["message_id"]: _target(row) for row in rows}


async def record_outcomes(pool: Pool, records: Sequence[AttemptRecord], now: datetime) -> Counter[str]:
    """Write what the leased messages came to and retire dead tokens, in one transaction.

    Returns how many messages entered each state; those that another worker has leased anew are not among them.
    """
    # One order of locks for all workers.
    ordered = sorted(records, key=lambda record: (record.message.member_id, record.message.id))

    async def work(connection: Connection) -> Counter[str]:
        rows = await connection.fetch(*QUERIES.record_outcomes(now=now, **_outcome_columns(ordered)))
        await change_tallies(connection, _tally(rows))
        await give_back(connection, _uncounted(ordered, {row["id"]: row["state"] for row in rows}))
        retired = _token_columns(ordered)
        if retired:
            await connection.execute(QUERIES.retire_tokens, *retired)
        return Counter(row["state"] for row in rows)

    return await in_transaction(pool, work)


def _leased_message(row: asyncpg.Record, code_of: CodeOf) -> LeasedMessage:
    try:
        payload = _payload.decode(row["payload"])
    except msgspec.DecodeError:
        payload = None
    return LeasedMessage(
        member_id=row["member_id"],
        id=row["id"],
        device_id=row["device_id"],
        coupon_id=row["coupon_id"],
        campaign_id=row["campaign_id"],
        outlives_use=row["outlives_use"],
        coupon_code=code_of(row["member_id"], row["coupon_id"]),
        payload=payload,
        attempts=row["attempts"],
        attempts_before=row["attempts_before"],
        expires_at=row["expires_at"],
        rings_until=row["rings_until"],
        counted_on=row["counted_on"],
        is_in_quota=row["quota_day"] is not None,
        priority=row["priority"],
        timed_from=row["created_at"] if _is_timed(row) else None,
    )


def _is_timed(row: asyncpg.Record) -> bool:
    """Not what quiet hours, a step of follow-ups or the staff (who sent it again) have held back."""
    return bool(row["lane"] == "urgent" and row["follow_up_step"] == 0 and row["attempts_before"] == 0)


def _target(row: asyncpg.Record) -> Target:
    return Target(
        platform=row["platform"],
        push_token=row["push_token"],
        push_token_kind=row["push_token_kind"],
        is_reachable=row["is_reachable"],
        is_active=row["is_active"],
        push_consent=row["push_consent"],
        fate=row["fate"],
        program_id=row["program_id"],
        quota=row["message_quota"],
        zone=ZoneInfo(row["time_zone"]),
    )


def _tally(rows: Sequence[asyncpg.Record]) -> TallyChanges:
    changes = TallyChanges()
    for row in rows:
        changes.enter(row["campaign_id"], row["state"], row["failure"], is_first_deferral=row["deferrals"] == 1)
    return changes


def _uncounted(records: Sequence[AttemptRecord], states: Mapping[UUID, str]) -> list[tuple[MemberId, date]]:
    """Whose place in a cap is free again: what was not sent, and will not be tried again."""
    ended = [record.message for record in records if states.get(record.message.id, "sent") not in ("sent", "retryable")]
    return [(message.member_id, message.counted_on) for message in ended if message.counted_on is not None]


def _outcome_columns(records: Sequence[AttemptRecord]) -> dict[str, list[object]]:
    outcomes = [record.outcome for record in records]
    return {
        "member_id": [record.message.member_id for record in records],
        "id": [record.message.id for record in records],
        "attempts": [record.message.attempts for record in records],
        "state": [outcome.state for outcome in outcomes],
        "retry_at": [outcome.retry_at if outcome.state in ("retryable", "deferred") else None for outcome in outcomes],
        "provider_message_id": [record.provider_message_id for record in records],
        "failure": [outcome.failure for outcome in outcomes],
        "held_back": [outcome.held_back for outcome in outcomes],
    }


def _token_columns(records: Sequence[AttemptRecord]) -> list[list[object]]:
    rows = [
        (record.message.member_id, record.message.device_id, record.push_token, record.outcome.retire)
        for record in records
        if record.outcome.retire is not None and record.push_token is not None
    ]
    return [list(column) for column in zip(*rows, strict=True)]
