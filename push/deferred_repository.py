"""Messages that the governor has held back, until it decides on them again; and those that it has dropped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId
from kit.daily_hours import DailyHours
from kit.database import Connection
from kit.spread import fetch_by_shard
from kit.sql import load_queries
from outbox.kinds import ChannelKind
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies
from push.counts_repository import give_back
from push.fallback import Refusal, read_refusals
from push.governor import WAY_REFUSALS, Defer, Drop, DropReason, Matter, SendNow, Verdict

QUERIES = load_queries(__file__, "deferred.sql")
_encode = msgspec.json.Encoder().encode


class DeferredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`device_id`: whose phone was to ring when it was held back; None: it goes by another channel.

    `channels`: those of its campaign now. `step`: of the follow-ups, and `steps` what the coupon's version of them
    says, in JSON; 0: of the coupon itself. `failure`, `refusals`: of one that was `refused`. `counted_on`: the day in
    whose cap it has kept its place. `is_resent`: the staff have sent it again.
    """

    member_id: MemberId
    id: UUID
    program_id: ProgramId
    channel: ChannelKind
    device_id: DeviceId | None
    coupon_id: CouponId
    campaign_id: CampaignId
    channels: Sequence[ChannelKind]
    step: int
    steps: str | None
    state: Literal["deferred", "refused"]
    failure: str | None
    refusals: Sequence[Refusal]
    counted_on: date | None
    is_resent: bool
    priority: int
    matter: Matter


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What the governor has made of a message. `counted_on`: the day to whose cap one that is sent counts.

    `channel`: by which it goes from now on. `payload`: its words, where it has changed to that one.
    """

    message: DeferredMessage
    verdict: Verdict
    device_id: DeviceId | None
    counted_on: date | None
    channel: ChannelKind
    payload: Mapping[str, object] | None = None


async def list_due_members(conn: Connection, now: datetime, limit: int) -> list[MemberId]:
    """Whose messages are due: of so many of those that are due longest."""
    return [row["member_id"] for row in await conn.fetch(QUERIES.list_due_members, now, limit)]


async def list_due(conn: Connection, member_ids: Collection[MemberId], now: datetime) -> list[DeferredMessage]:
    """All that are due of these, locked. The caller has locked their counts."""
    return [_message(row) for row in await fetch_by_shard(conn, QUERIES.list_due, member_ids, now)]


async def settle(conn: Connection, settled: Sequence[Settled], now: datetime) -> None:
    """Write what becomes of them: sent from now on, held back again, or dropped."""
    if settled:
        changes = TallyChanges()
        for row in await conn.fetch(*QUERIES.settle(**_columns(settled, now))):
            changes.leave(row["campaign_id"], row["former_state"], channel=row["former_channel"])
            is_deferred = row["state"] == "deferred"
            if row["deferrals"] > is_deferred:
                changes.move_deferral(row["campaign_id"], row["former_channel"], row["channel"])
            changes.enter(
                row["campaign_id"],
                row["state"],
                row["failure"],
                channel=row["channel"],
                is_first_deferral=row["deferrals"] == 1,
            )
        await change_tallies(conn, changes)


async def drop_messages(
    conn: Connection, member_id: MemberId, coupon_ids: Collection[CouponId], reason: DropReason
) -> None:
    """What waits of these coupons, in whatever way; it counts to no cap any more."""
    if coupon_ids:
        await _drop(conn, member_id, list(coupon_ids), reason)


async def drop_all_messages(conn: Connection, member_id: MemberId) -> None:
    """What waits of any coupon of a member who is gone."""
    await _drop(conn, member_id, None, "member_closed")


async def _drop(conn: Connection, member_id: MemberId, coupon_ids: list[CouponId] | None, reason: DropReason) -> None:
    rows = await conn.fetch(QUERIES.drop_messages, member_id, coupon_ids, reason)
    changes = TallyChanges()
    for row in rows:
        changes.leave(row["campaign_id"], row["state"], channel=row["channel"])
        changes.enter(row["campaign_id"], "dropped", reason, channel=row["channel"])
    await change_tallies(conn, changes)
    await give_back(conn, [(member_id, row["counted_on"]) for row in rows if row["counted_on"] is not None])


def _message(row: Any) -> DeferredMessage:
    hours = None if row["quiet_start"] is None else DailyHours(row["quiet_start"], row["quiet_end"])
    matter = Matter(
        good_until=row["expires_at"],
        ends_at=row["ends_at"],
        quiet_hours=hours if row["own_quiet_hours"] else "program",
        fate=row["fate"],
    )
    return DeferredMessage(
        member_id=row["member_id"],
        id=row["id"],
        program_id=row["program_id"],
        channel=row["channel"],
        device_id=row["device_id"],
        coupon_id=row["coupon_id"],
        campaign_id=row["campaign_id"],
        channels=row["channels"],
        step=row["follow_up_step"],
        steps=row["steps"],
        state=row["state"],
        failure=row["failure"],
        refusals=read_refusals(row["refusals"]),
        counted_on=row["counted_on"],
        is_resent=row["attempts_before"] > 0,
        priority=row["priority"],
        matter=matter,
    )


def _columns(settled: Sequence[Settled], now: datetime) -> dict[str, object]:
    verdicts = [each.verdict for each in settled]
    ends = [_end_of(each) for each in settled]
    return {
        "now": now,
        "member_id": [each.message.member_id for each in settled],
        "id": [each.message.id for each in settled],
        "state": [state for state, _ in ends],
        "device_id": [each.device_id for each in settled],
        "due_at": [verdict.until if isinstance(verdict, Defer) else now for verdict in verdicts],
        "expires_at": [
            each.verdict.good_until if isinstance(each.verdict, Defer) else each.message.matter.good_until
            for each in settled
        ],
        "rings_until": [verdict.rings_until if isinstance(verdict, SendNow) else None for verdict in verdicts],
        "counted_on": [each.counted_on for each in settled],
        "failure": [failure for _, failure in ends],
        "channel": [each.channel for each in settled],
        "payload": [None if each.payload is None else _encode(each.payload).decode() for each in settled],
        "former_state": [each.message.state for each in settled],
        "former_channel": [each.message.channel for each in settled],
    }


def _end_of(settled: Settled) -> tuple[str, str | None]:
    """Its state, and why. What one channel has refused, and no other takes, has ended as that one said."""
    message, verdict = settled.message, settled.verdict
    if not isinstance(verdict, Drop):
        return "pending" if isinstance(verdict, SendNow) else "deferred", None
    if message.state == "refused" and verdict.reason in WAY_REFUSALS:
        return "dropped" if message.failure in WAY_REFUSALS else "failed", message.failure
    return "dropped", verdict.reason
