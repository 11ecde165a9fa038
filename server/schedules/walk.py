"""A run walks its members: a batch of them, what they are given and the run's new place are one transaction.

So whatever ends a worker, the next one goes on behind the last batch that was committed; and where two are at one part,
the second finds its place taken. What is issued twice all the same the coupon's key refuses.
"""

from datetime import datetime
from typing import Literal

import msgspec

from coupons.campaigns import runs_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.runs import Allowance, Part, Run
from coupons.campaigns.timed_triggers import Broadcast, DailyTrigger
from ids import MemberId
from kit.database import Connection
from server.messages.member_zones import read_member_zones
from server.runtime.snapshot import Snapshot
from server.schedules.calendar_days import period_key_of
from server.schedules.decide_members import Occasion, decide_members
from server.schedules.populations import list_concerned
from server.schedules.select_members import select_members, select_wave

BATCH_MEMBERS = 1000

# `gone`: stopped, or taken over. `resting`: its pace leaves nothing now, or its campaign does not run.
Standing = Literal["on", "done", "gone", "resting"]


class Step(msgspec.Struct, frozen=True):
    """What became of a batch; `part` stands where it stands now."""

    part: Part
    standing: Standing
    walked: int = 0


async def walk_batch(conn: Connection, snapshot: Snapshot, part: Part, now: datetime, most: int) -> Step:
    """In a transaction. `most`: how many members to walk past."""
    run = await runs_repository.hold_run(conn, part.run_id)
    if run is None or not await runs_repository.hold_part(conn, part):
        return Step(part, "gone")
    campaign = snapshot.find_campaign(run.program_id, run.campaign_id)
    allowance = await runs_repository.read_allowance(conn, run.id, now)
    if campaign is None or (allowance is not None and allowance.members < 1):
        return Step(part, "resting")
    if allowance is not None and allowance.counts == "walked":
        most = min(most, allowance.members)
    concerned = await list_concerned(conn, campaign, run, part, most)
    zones = await read_member_zones(conn, concerned)
    selected = await select_members(conn, campaign, run, select_wave(run, part, concerned, zones), now)
    walked = concerned
    if allowance is not None:
        selected, walked = _cut(selected, concerned, allowance)
    is_done = len(concerned) < most and len(walked) == len(concerned)
    occasions = [Occasion(member_id, part.due_at, _period_key(campaign, run)) for member_id in selected]
    outcomes = await decide_members(conn, snapshot, campaign, occasions, zones, now, run.id)
    cursor, of_wave = walked[-1] if walked else None, len(select_wave(run, part, walked, zones))
    await runs_repository.advance_part(
        conn, part, cursor=cursor, walked=of_wave, outcomes=outcomes, is_done=is_done, now=now
    )
    moved = msgspec.structs.replace(part, cursor=cursor or part.cursor)
    return Step(moved, "done" if is_done else "on", len(walked))


def _cut(
    selected: list[MemberId], concerned: list[MemberId], allowance: Allowance
) -> tuple[list[MemberId], list[MemberId]]:
    """Those who may be decided on now, and how far the run comes with them."""
    if allowance.counts == "walked" or len(selected) <= allowance.members:
        return selected, concerned
    selected = selected[: allowance.members]
    return selected, [member_id for member_id in concerned if member_id <= selected[-1]]


def _period_key(campaign: Campaign, run: Run) -> str:
    if isinstance(campaign.trigger, DailyTrigger):
        return period_key_of(campaign.trigger, run.occasion_day)
    # With a colon it would be what one member earned, and two who become one would have both.
    return f"{'broadcast' if isinstance(campaign.trigger, Broadcast) else 'at'}-{run.occasion.replace(':', '')}"
