"""Which members of a batch an occasion is for: by their own clock, and by the audiences of the run and its campaign.

The audiences are judged by one statement. Who is not in them is counted, and why is computed again when somebody asks.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from audiences.audiences_repository import load_audiences
from audiences.compile_sql import compile_tree
from audiences.counting_repository import judge_members
from audiences.moment import Moment
from coupons.campaigns.campaign import AudienceVersion, Campaign
from coupons.campaigns.occasions import Wave, end_of_day
from coupons.campaigns.runs import Part, Run
from coupons.campaigns.timed_triggers import RankExpiring
from ids import MemberId
from kit.database import Connection
from points import ranks_repository
from server.rewards.ranks import find_falling
from server.schedules.calendar_days import day_meant
from server.schedules.populations import read_program_zones


def select_wave(
    run: Run, part: Part, members: Sequence[MemberId], zones: Mapping[MemberId, ZoneInfo]
) -> list[MemberId]:
    """Those whose moment comes with this part, in their order. Who has no zone is no member any more."""
    if run.moment is None:
        return [member_id for member_id in members if member_id in zones]
    wave = Wave(part.after_at, part.due_at, part.is_last_wave)
    return [
        member_id for member_id in members if member_id in zones and wave.holds(run.moment.in_zone(zones[member_id]))
    ]


async def select_members(
    conn: Connection,
    campaign: Campaign,
    run: Run,
    members: Sequence[MemberId],
    now: datetime,
) -> list[MemberId]:
    """Those whom the occasion is for, in their order."""
    selected = list(members)
    if isinstance(campaign.trigger, RankExpiring):
        selected = await _select_falling(conn, campaign.trigger, run, selected)
    for audience in {run.audience, campaign.audience} - {None}:
        if selected and audience is not None:
            selected = await _select_in(conn, run, audience, selected, now)
    return selected


async def _select_falling(
    conn: Connection, trigger: RankExpiring, run: Run, members: Sequence[MemberId]
) -> list[MemberId]:
    rules = (await ranks_repository.read_rank_rules(conn, [run.program_id])).get(run.program_id)
    if rules is None:
        return []
    until = end_of_day(day_meant(trigger, run.occasion_day), ZoneInfo(rules.time_zone))
    falling = await find_falling(conn, run.program_id, members, until)
    return [member_id for member_id in members if member_id in falling]


async def _select_in(
    conn: Connection, run: Run, audience: AudienceVersion, members: Sequence[MemberId], now: datetime
) -> list[MemberId]:
    key = audience.audience_id, audience.version
    loaded = (await load_audiences(conn, run.program_id, {key}))[key]
    zone = (await read_program_zones(conn, [run.program_id]))[run.program_id]
    compiled = compile_tree(loaded.tree, run.program_id, Moment(now, zone), loaded.definitions)
    verdicts = await judge_members(conn, compiled, members)
    return [member_id for member_id in members if verdicts.get(member_id)]
