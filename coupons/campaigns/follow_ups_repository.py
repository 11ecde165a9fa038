"""Follow-ups in the database: a row for each coupon after which a step is still to come.

Whoever looks at a step holds its row until the next one stands there; a killed worker's is as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import FollowUpStep, due_after, read_steps
from coupons.coupon import CouponPush, NewCoupon
from ids import CampaignId, CouponId, MemberId, ProgramId
from kit.database import Connection
from kit.leases import LOOKED_AT
from kit.spread import split_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "follow_ups.sql")

FollowUpKey = tuple[MemberId, CouponId]


class StepMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`step` counts from 1. `outlives_use`: it is told though the coupon may have been used or be over."""

    member_id: MemberId
    program_id: ProgramId
    coupon_id: CouponId
    campaign_id: CampaignId
    step: int
    outlives_use: bool
    push: CouponPush


async def begin_follow_ups(conn: Connection, issued: Iterable[tuple[NewCoupon, Campaign]]) -> None:
    """Of the coupons whose campaign has steps. Nothing is written where none has."""
    begun = [(coupon, campaign.follow_ups[0]) for coupon, campaign in issued if campaign.follow_ups]
    if not begun:
        return
    await conn.execute(
        *QUERIES.begin_follow_ups(
            member_id=[coupon.member_id for coupon, _ in begun],
            coupon_id=[coupon.id for coupon, _ in begun],
            program_id=[coupon.program_id for coupon, _ in begun],
            campaign_id=[coupon.campaign_id for coupon, _ in begun],
            campaign_version=[coupon.campaign_version for coupon, _ in begun],
            due_at=[due_after(step, coupon.issued_at) for coupon, step in begun],
        )
    )


async def lock_due_follow_ups(conn: Connection, now: datetime, most: int) -> list[FollowUpKey]:
    """Some that are due and that nobody else is at."""
    locked: list[FollowUpKey] = []
    found = await conn.fetch(QUERIES.find_due_follow_ups, now, most * LOOKED_AT)
    for part in split_by_shard(conn, found, itemgetter(0)):
        left = most - len(locked)
        rows = await conn.fetch(QUERIES.lock_due_follow_ups, *zip(*part, strict=True), now, left)
        locked += [(row["member_id"], row["coupon_id"]) for row in rows]
    return locked


async def advance_follow_ups(conn: Connection, due: Mapping[FollowUpKey, datetime | None]) -> None:
    """When the next step of each is due; None: there is none, and the follow-up is over. The caller holds them."""
    going_on = [(*key, due_at) for key, due_at in due.items() if due_at is not None]
    over = [key for key, due_at in due.items() if due_at is None]
    if going_on:
        await conn.execute(QUERIES.advance_follow_ups, *zip(*going_on, strict=True))
    if over:
        await conn.execute(QUERIES.end_follow_ups, *zip(*over, strict=True))


async def insert_step_messages(conn: Connection, messages: Sequence[StepMessage], now: datetime) -> None:
    pushes = [message.push for message in messages]
    await conn.execute(
        *QUERIES.insert_step_messages(
            member_id=[message.member_id for message in messages],
            id=[push.id for push in pushes],
            program_id=[message.program_id for message in messages],
            device_id=[push.device_id for push in pushes],
            coupon_id=[message.coupon_id for message in messages],
            campaign_id=[message.campaign_id for message in messages],
            step=[message.step for message in messages],
            outlives_use=[message.outlives_use for message in messages],
            payload=[push.payload for push in pushes],
            state=[push.state for push in pushes],
            due_at=[push.due_at for push in pushes],
            expires_at=[push.expires_at for push in pushes],
            rings_until=[push.rings_until for push in pushes],
            counted_on=[push.counted_on for push in pushes],
            reason=[push.reason for push in pushes],
            priority=[push.priority for push in pushes],
            channel=[push.channel for push in pushes],
            now=now,
        )
    )


async def move_follow_ups(conn: Connection, member_id: MemberId, survivor_id: MemberId) -> None:
    """After their coupons have moved."""
    taken = await conn.fetch(QUERIES.take_follow_ups, member_id)
    names = ("program_id", "campaign_id", "campaign_version", "next_step", "due_at", "period_key")
    columns = {name: [row[name] for row in taken] for name in names}
    if taken:
        await conn.execute(*QUERIES.give_follow_ups(survivor_id=survivor_id, member_id=member_id, **columns))


async def list_steps(conn: Connection, program_id: ProgramId) -> dict[CampaignId, tuple[str, tuple[FollowUpStep, ...]]]:
    """The name and the steps of each campaign of the program that has some and has not ended."""
    rows = await conn.fetch(QUERIES.list_steps, program_id)
    return {row["id"]: (row["name"], read_steps(row["follow_ups"])) for row in rows}
