"""Whom an occasion may concern: some of the members at a time, in the order of their ids."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.occasions import birthdays_on, end_of_day
from coupons.campaigns.runs import NewPart, Part, Run
from coupons.campaigns.timed_triggers import (
    BirthdayTrigger,
    Broadcast,
    CouponExpiring,
    DailyTrigger,
    Lapsed,
    PointsExpiring,
    Schedule,
)
from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.sql import load_queries
from points import ranks_repository, rules_repository
from server.schedules.calendar_days import day_meant

QUERIES = load_queries(__file__, "populations.sql")

# A part of an hour's work is too much to begin again with, and a part of a second's too little to share.
PART_MEMBERS = 10_000
_NOBODY = UUID(int=0)


async def read_borders(conn: Connection, campaign: Campaign, due_at: datetime) -> list[NewPart]:
    """All active members in ranges; the last one has all who join until it is walked."""
    rows = await conn.fetch(QUERIES.list_borders, campaign.program_id, PART_MEMBERS, home_stores(campaign))
    borders = [row["member_id"] for row in rows[:-1]]
    numbers = [0, *(row["number"] for row in rows)]
    return [
        NewPart(
            due_at=due_at,
            after_member=borders[place - 1] if place else None,
            until_member=borders[place] if place < len(borders) else None,
            members=numbers[place + 1] - numbers[place] if rows else 0,
        )
        for place in range(len(borders) + 1)
    ]


def home_stores(campaign: Campaign) -> list[StoreId] | None:
    """What is for some stores is for those who are at home there. None: for all."""
    return None if campaign.store_ids is None else list(campaign.store_ids)


async def read_zones(conn: Connection, program_id: ProgramId) -> list[ZoneInfo]:
    """Those by which its members may live: at least one."""
    return [ZoneInfo(row["time_zone"]) for row in await conn.fetch(QUERIES.list_zones, program_id)]


async def read_program_zones(conn: Connection, program_ids: Sequence[ProgramId]) -> dict[ProgramId, ZoneInfo]:
    rows = await conn.fetch(QUERIES.list_program_zones, program_ids)
    return {row["id"]: ZoneInfo(row["time_zone"]) for row in rows}


async def list_concerned(conn: Connection, campaign: Campaign, run: Run, part: Part, most: int) -> list[MemberId]:
    """Of the part's members those behind its cursor whom the occasion concerns: fewer than `most`: all."""
    trigger = campaign.trigger
    assert isinstance(trigger, Broadcast | Schedule | DailyTrigger), trigger
    behind = part.after or MemberId(_NOBODY)
    where: dict[str, Any] = {
        "program_id": run.program_id,
        "store_id": home_stores(campaign),
        "after": behind,
        "until": part.until_member,
        "most": most,
    }
    if isinstance(trigger, Broadcast | Schedule):
        return _ids(await conn.fetch(*QUERIES.list_members(**where)))
    day = day_meant(trigger, run.occasion_day)
    if isinstance(trigger, BirthdayTrigger):
        months, days = zip(*birthdays_on(day), strict=True)
        return _ids(await conn.fetch(*QUERIES.list_birthdays(**where, birth_month=months, birth_day=days)))
    if isinstance(trigger, Lapsed):
        return _ids(await conn.fetch(*QUERIES.list_lapsed(**where, last_visit_on=day)))
    if isinstance(trigger, CouponExpiring):
        zone = (await read_program_zones(conn, [run.program_id]))[run.program_id]
        where |= _day_range(day, zone) | {"campaign_id": trigger.campaign_id}
        return _ids(await conn.fetch(*QUERIES.list_coupon_expiries(**where)))
    if isinstance(trigger, PointsExpiring):
        rules = (await rules_repository.read_point_rules(conn, [run.program_id])).get(run.program_id)
        if rules is None:
            return []
        where |= _day_range(day, ZoneInfo(rules.time_zone))
        return _ids(await conn.fetch(*QUERIES.list_point_expiries(**where)))
    ranks = (await ranks_repository.read_rank_rules(conn, [run.program_id])).get(run.program_id)
    if ranks is None:
        return []
    where |= _day_range(day, ZoneInfo(ranks.time_zone))
    return _ids(await conn.fetch(*QUERIES.list_rank_expiries(**where)))


def _day_range(day: date, zone: ZoneInfo) -> dict[str, datetime]:
    """What expires at the end of a day is good on that day, and on the next no more."""
    return {"day_from": end_of_day(day - timedelta(days=1), zone), "day_to": end_of_day(day, zone)}


def _ids(rows: Sequence[Any]) -> list[MemberId]:
    return [row["member_id"] for row in rows]
