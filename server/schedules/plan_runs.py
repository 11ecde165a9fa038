"""A run that is due is cut into parts, which any number of workers share: by ranges of member ids, and by the moments
at which it is so late where members live.
"""

from datetime import datetime

import msgspec

from coupons.campaigns import campaigns_repository, runs_repository
from coupons.campaigns.occasions import Wave, waves_of
from coupons.campaigns.runs import NewPart, Run
from coupons.campaigns.speeds import pace_of
from coupons.campaigns.timed_triggers import Broadcast, Schedule
from kit.database import Connection
from server.schedules.populations import read_borders, read_zones


async def plan_next_run(conn: Connection, now: datetime) -> bool:
    """False where none waits, or others are at those that do. In a transaction."""
    run = await runs_repository.lock_waiting_run(conn, now)
    if run is None:
        return False
    ranges = await _read_ranges(conn, run)
    waves = [Wave(None, run.due_at, True)]
    if run.moment is not None:
        waves = waves_of(run.moment, await read_zones(conn, run.program_id))
    parts = [
        msgspec.structs.replace(
            each,
            due_at=wave.due_at,
            after_at=wave.after_at,
            is_last_wave=wave.is_last,
            members=each.members if wave.after_at is None else None,
        )
        for wave in waves
        for each in ranges
    ]
    members = sum(each.members or 0 for each in ranges)
    await runs_repository.start_run(conn, run.id, parts, pace_of(run.speed, members), now)
    return True


async def _read_ranges(conn: Connection, run: Run) -> list[NewPart]:
    """What concerns few members a day is one range, and nobody counts them beforehand."""
    campaign = await campaigns_repository.find_campaign(conn, run.program_id, run.campaign_id)
    if campaign is not None and isinstance(campaign.trigger, Broadcast | Schedule):
        return await read_borders(conn, campaign, run.due_at)
    return [NewPart(due_at=run.due_at, after_member=None, until_member=None, members=None)]
