"""The outbox as its workers see it: lease, look up the target, record. The rows are written with their coupons."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from ids import CouponId, DeviceId, MemberId, ProgramId
from kit.database import Connection, Pool, connect, in_transaction
from kit.leases import lease_query
from kit.sql import load_queries
from outbox.kinds import LANES, PHONE_IDLE_AFTER, Lane
from outbox.lanes import lease_lanes
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies
from push.counts_repository import give_back
from push.fallback_repository import RefusedAttempt, refuse_messages
from push.messages import Payload
from push.outcomes import Outcome
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
        "reached_device_ids",
        "created_at",
    ),
)

# What a till scans of a coupon: it is stored nowhere.
CodeOf = Callable[[MemberId, CouponId], str]

# Of one member, those that were seen last: whoever enrols phones without end is told on these.
MOST_PHONES = 10

_payload = msgspec.json.Decoder(Payload)


class NewPush(msgspec.Struct, frozen=True, kw_only=True):
    """One of no coupon. `payload`: as of push.messages.Payload."""

    member_id: MemberId
    id: UUID
    program_id: ProgramId
    device_id: DeviceId
    payload: Mapping[str, object]
    now: datetime
    expires_at: datetime


async def insert_push(conn: Connection, new: NewPush) -> None:
    columns = msgspec.structs.asdict(new) | {"payload": msgspec.json.encode(new.payload).decode()}
    await conn.execute(*QUERIES.insert_push(**columns))


async def lease_messages(
    pool: Pool, now: datetime, *, limit: int, lease_s: float, code_of: CodeOf, lanes: Sequence[Lane] = LANES
) -> list[LeasedMessage]:
    """Lease up to `limit` due messages, those of the first lane first; each counts one attempt more.

    Raises DatabaseUnavailable.
    """
    rows = await lease_lanes(pool, LEASE_MESSAGES, "push", lanes, now, limit=limit, lease_s=lease_s)
    return [_leased_message(row, code_of) for row in rows]


async def find_targets(pool: Pool, leased: Sequence[LeasedMessage], now: datetime) -> dict[UUID, list[Target]]:
    """The phones that the leased messages go to as it is now, by the message's id, at least one each; a message whose
    device is gone is left out.
    """
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
        to_all = list({row["member_id"] for row in rows if row["message_phones"] == "all"})
        phones = await _list_phones(connection, to_all, now) if to_all else {}
    reached = {message.id: message.reached for message in leased}
    return {row["message_id"]: _targets(row, phones.get(row["member_id"]), reached[row["message_id"]]) for row in rows}


async def _list_phones(
    connection: Connection, member_ids: Sequence[MemberId], now: datetime
) -> dict[MemberId, list[asyncpg.Record]]:
    """Only of programs that tell all phones of a member; others pay nothing for it."""
    phones: dict[MemberId, list[asyncpg.Record]] = {member_id: [] for member_id in member_ids}
    for row in await connection.fetch(QUERIES.list_phones, member_ids, now - PHONE_IDLE_AFTER, MOST_PHONES):
        phones[row["member_id"]].append(row)
    return phones


async def record_outcomes(pool: Pool, records: Sequence[AttemptRecord], now: datetime) -> Counter[str]:
    """Write what the leased messages came to and retire dead tokens, in one transaction.

    What was refused for good may go back to the governor, which knows other channels: then it is `refused`.
    Returns how many messages entered each state; those that another worker has leased anew are not among them.
    """
    # One order of locks for all workers.
    ordered = sorted(records, key=lambda record: (record.message.member_id, record.message.id))

    async def work(connection: Connection) -> Counter[str]:
        handed_on = await refuse_messages(connection, _refused(ordered), now)
        ended = [record for record in ordered if record.message.id not in handed_on]
        rows = await connection.fetch(*QUERIES.record_outcomes(now=now, **_outcome_columns(ended)))
        await change_tallies(connection, _tally(rows))
        states = {row["id"]: row["state"] for row in rows}
        await give_back(connection, _uncounted(ended, states))
        reached = _reached_columns(ended, states)
        if reached:
            await connection.execute(QUERIES.note_reached, *reached)
        retired = _token_columns(ordered)
        if retired:
            await connection.execute(QUERIES.retire_tokens, *retired)
        return Counter(row["state"] for row in rows) + Counter({"refused": len(handed_on)})

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
        coupon_code=None if row["coupon_id"] is None else code_of(row["member_id"], row["coupon_id"]),
        payload=payload,
        attempts=row["attempts"],
        attempts_before=row["attempts_before"],
        expires_at=row["expires_at"],
        rings_until=row["rings_until"],
        counted_on=row["counted_on"],
        is_in_quota=row["quota_day"] is not None,
        priority=row["priority"],
        timed_from=row["created_at"] if _is_timed(row) else None,
        reached=row["reached_device_ids"] or (),
    )


def _is_timed(row: asyncpg.Record) -> bool:
    """Not what quiet hours, a step of follow-ups or the staff (who sent it again) have held back."""
    is_first = row["lane"] == "urgent" and row["follow_up_step"] == 0 and row["attempts_before"] == 0
    return bool(is_first and row["coupon_id"] is not None)


def _targets(row: asyncpg.Record, phones: Sequence[asyncpg.Record] | None, reached: Sequence[DeviceId]) -> list[Target]:
    """`phones`: all of the member's that are to be told; None: it is the one that the message names."""
    named = _target(row, is_reached=bool(reached))
    if phones is None:
        return [msgspec.structs.replace(named, is_reachable=False)] if row["device_id"] in reached else [named]
    fields = ("device_id", "platform", "push_token", "push_token_kind")
    others = [
        msgspec.structs.replace(named, is_reachable=True, **{field: phone[field] for field in fields})
        for phone in phones
        if phone["device_id"] not in reached
    ]
    return others or [msgspec.structs.replace(named, is_reachable=False)]


def _target(row: asyncpg.Record, *, is_reached: bool) -> Target:
    return Target(
        device_id=row["device_id"],
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
        is_reached=is_reached,
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


def _refused(records: Sequence[AttemptRecord]) -> list[RefusedAttempt]:
    return [
        RefusedAttempt(
            member_id=record.message.member_id,
            id=record.message.id,
            attempts=record.message.attempts,
            reason=record.outcome.failure or record.outcome.state,
        )
        for record in records
        if record.outcome.is_refusal
    ]


def _reached_nobody(outcome: Outcome) -> bool:
    return outcome.state != "sent" and not outcome.held_back and not outcome.may_be_out


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
        "reached_nobody": [_reached_nobody(outcome) for outcome in outcomes],
    }


def _reached_columns(records: Sequence[AttemptRecord], states: Mapping[UUID, str]) -> list[list[object]]:
    """Of messages that are to be tried again: the phones that need not be."""
    rows = [
        (record.message.member_id, record.message.id, device_id)
        for record in records
        if states.get(record.message.id) == "retryable"
        for device_id in record.reached
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _token_columns(records: Sequence[AttemptRecord]) -> list[list[object]]:
    rows = [
        (record.message.member_id, token.device_id, token.push_token, token.state)
        for record in records
        for token in record.retired
    ]
    return [list(column) for column in zip(*rows, strict=True)]
