"""Follow-up steps that are due: some at a time, each looked at once, whoever of the workers comes to it.

In one transaction the rows are held, the member and their coupon are looked at, what is to be done is done, and the
next step takes the place. A killed worker leaves the step as it was.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import (
    FollowUpStep,
    GiveOffer,
    SendMessage,
    Standing,
    StepOutcome,
    due_after,
    holds,
    read_steps,
)
from coupons.campaigns.follow_ups_repository import FollowUpKey, advance_follow_ups, lock_due_follow_ups
from coupons.issuing.decision import Outcome
from coupons.issuing.decisions_repository import insert_outcomes
from coupons.offers import Offer, read_offer
from ids import CampaignId, CouponId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.spread import split_by_shard
from kit.sql import load_queries
from server.issuing.step_messages import StepToTell, send_step_messages
from server.messages.member_zones import read_member_zones
from server.runtime.snapshot import Snapshot
from server.schedules.decide_members import Occasion, decide_each

QUERIES = load_queries(__file__, "follow_ups.sql")
BATCH_STEPS = 200
# Whose a coupon was, its campaign and its period.
_Period: TypeAlias = tuple[MemberId, CampaignId, str]


class DueStep(msgspec.Struct, kw_only=True):
    """`over_by`: why no step is to come any more. `outcome`, `result`: what became of it, and of what it did."""

    member_id: MemberId
    coupon_id: CouponId
    program_id: ProgramId
    campaign_id: CampaignId
    campaign_version: int
    number: int
    due_at: datetime
    steps: Sequence[FollowUpStep]
    offer: Offer
    issued_at: datetime
    coupon_ends_at: datetime
    store_id: StoreId | None
    store_name: str | None
    over_by: str | None
    standing: Standing
    outcome: StepOutcome | None = None
    result: str | None = None

    @property
    def key(self) -> FollowUpKey:
        return self.member_id, self.coupon_id

    @property
    def step(self) -> FollowUpStep:
        return self.steps[self.number]

    @property
    def next_due_at(self) -> datetime | None:
        if self.outcome == "follow_up_over" or self.number + 1 == len(self.steps):
            return None
        return due_after(self.steps[self.number + 1], self.due_at)


async def follow_up_some(conn: Connection, snapshot: Snapshot, now: datetime, most: int = BATCH_STEPS) -> int:
    """How many steps were looked at. In a transaction."""
    due = await _read_due(conn, now, most)
    for each in due:
        each.outcome = _judge(each)
    offers = [each for each in due if each.outcome == "followed_up" and isinstance(each.step.action, GiveOffer)]
    if offers:
        # What gives coupons locks budgets, which come before the counts of messages: so messages are another turn.
        due = [each for each in due if each.outcome != "followed_up" or isinstance(each.step.action, GiveOffer)]
        await _give_offers(conn, snapshot, offers, now)
    else:
        telling = [each for each in due if each.outcome == "followed_up"]
        resting = await _tell(conn, snapshot, telling, now)
        due = [each for each in due if each.key not in resting]
    if due:
        await insert_outcomes(conn, [_record(each, now) for each in due])
        await advance_follow_ups(conn, {each.key: each.next_due_at for each in due})
    return len(due)


async def _read_due(conn: Connection, now: datetime, most: int) -> list[DueStep]:
    keys = await lock_due_follow_ups(conn, now, most)
    if not keys:
        return []
    rows: list[Any] = []
    for part in split_by_shard(conn, keys, itemgetter(0)):
        members = sorted({member_id for member_id, _ in part})
        held = {row["member_id"] for row in await conn.fetch(QUERIES.hold_members, members)}
        asked = [key for key in part if key[0] in held]
        if asked:
            rows += await conn.fetch(QUERIES.read_standings, *zip(*asked, strict=True))
    used_before = await _find_used_before(conn, rows)
    return [_due_step(row, used_before, now) for row in rows]


async def _find_used_before(conn: Connection, rows: Sequence[Any]) -> set[_Period]:
    asked = {period for row in rows for period in _periods_before(row)}
    if not asked:
        return set()
    used = await conn.fetch(QUERIES.find_used_before, *zip(*asked, strict=True))
    return {(row["member_id"], row["campaign_id"], row["period_key"]) for row in used}


def _periods_before(row: Any) -> list[_Period]:
    return [(member_id, row["campaign_id"], row["period_key"]) for member_id in row["had_as"] or ()]


def _due_step(row: Any, used_before: Collection[_Period], now: datetime) -> DueStep:
    return DueStep(
        member_id=row["member_id"],
        coupon_id=row["coupon_id"],
        program_id=row["program_id"],
        campaign_id=row["campaign_id"],
        campaign_version=row["campaign_version"],
        number=row["next_step"],
        due_at=row["due_at"],
        steps=read_steps(row["steps"]),
        offer=read_offer(row["offer"]),
        issued_at=row["issued_at"],
        coupon_ends_at=row["expires_at"],
        store_id=row["store_id"],
        store_name=row["store_name"],
        over_by=row["over_by"],
        standing=Standing(
            is_used=row["is_used"] or any(period in used_before for period in _periods_before(row)),
            is_usable=row["has_uses_left"] and now < row["expires_at"],
            is_back=row["is_back"],
        ),
    )


def _judge(due: DueStep) -> StepOutcome:
    if due.over_by is not None:
        return "follow_up_over"
    verdict = holds(due.step, due.standing)
    if verdict is None:
        return "not_so_unknown"
    return "followed_up" if verdict else "not_so"


async def _give_offers(conn: Connection, snapshot: Snapshot, offers: Sequence[DueStep], now: datetime) -> None:
    zones = await read_member_zones(conn, [each.member_id for each in offers])
    asking: list[tuple[DueStep, Campaign]] = []
    for each in offers:
        assert isinstance(each.step.action, GiveOffer)
        campaign = snapshot.find_campaign(each.program_id, each.step.action.campaign_id)
        each.result = "not_active"
        if campaign is not None:
            asking.append((each, campaign))
    occasions = [(campaign, Occasion(each.member_id, each.due_at, None, each.coupon_id)) for each, campaign in asking]
    outcomes = await decide_each(conn, snapshot, occasions, zones, now)
    for (each, _), outcome in zip(asking, outcomes, strict=True):
        each.result = outcome


async def _tell(
    conn: Connection, snapshot: Snapshot, telling: Sequence[DueStep], now: datetime
) -> frozenset[FollowUpKey]:
    """Those that rest: their campaign was paused or started just now, and this process does not know of it yet."""
    known = {each.key: snapshot.find_campaign(each.program_id, each.campaign_id) for each in telling}
    told = [(each, campaign) for each in telling if (campaign := known[each.key]) is not None]
    if told:
        results = await send_step_messages(conn, [_told(each, campaign) for each, campaign in told], now)
        for (each, _), result in zip(told, results, strict=True):
            each.result = result
    return frozenset(key for key, campaign in known.items() if campaign is None)


def _told(due: DueStep, campaign: Campaign) -> StepToTell:
    assert isinstance(due.step.action, SendMessage)
    return StepToTell(
        member_id=due.member_id,
        coupon_id=due.coupon_id,
        campaign=campaign,
        step=due.number + 1,
        action=due.step.action,
        is_reminder=due.step.when == "unused",
        due_at=due.due_at,
        offer=due.offer,
        issued_at=due.issued_at,
        coupon_ends_at=due.coupon_ends_at,
        store_id=due.store_id,
        store_name=due.store_name,
    )


def _record(due: DueStep, now: datetime) -> Outcome:
    assert due.outcome is not None
    return Outcome(
        id=new_id(),
        member_id=due.member_id,
        decided_at=now,
        program_id=due.program_id,
        trigger="follow_up",
        source="follow_up",
        source_id=due.coupon_id,
        store_id=due.store_id,
        event_at=due.due_at,
        outcome=due.outcome,
        campaign_ids=[due.campaign_id],
        campaign_versions=[due.campaign_version],
        inputs=[_inputs(due)],
    )


def _inputs(due: DueStep) -> Mapping[str, object]:
    action = due.step.action
    return {
        "step": due.number + 1,
        "when": due.step.when,
        "action": "message" if isinstance(action, SendMessage) else "offer",
        **({} if due.result is None else {"result": due.result}),
        **({} if due.over_by is None else {"over_by": due.over_by}),
    }
