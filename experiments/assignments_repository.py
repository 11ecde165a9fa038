"""To which arm each member was assigned: written once, and never moved by a change of the experiment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from experiments.experiment import Assignment
from ids import CampaignId, MemberId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "assignments.sql")

Arms: TypeAlias = Mapping[tuple[MemberId, CampaignId], str]

KEPT_FOR = timedelta(days=90)
_PURGED_AT_ONCE = 100_000

_COLUMNS = ("member_id", "campaign_id", "program_id", "version", "program_percent", "arm", "first_eligible_at")


async def settle_assignments(conn: Connection, wanted: Sequence[Assignment]) -> Arms:
    """The arm of each of these members and campaigns: the one that is written, by us or by who was first.

    Of two transactions that assign a member at once, one waits for the other and finds what that wrote.
    """
    asked = {(each.member_id, each.campaign_id): each for each in reversed(wanted)}  # the earliest of a member counts
    arms = dict(await _find_arms(conn, list(asked)))
    missing = [each for key, each in asked.items() if key not in arms]
    if missing:
        columns = {name: [getattr(each, name) for each in missing] for name in _COLUMNS}
        written = await conn.fetch(*QUERIES.insert_assignments(**columns))
        arms |= {(row["member_id"], row["campaign_id"]): row["arm"] for row in written}
    if lost := [key for key in asked if key not in arms]:
        arms |= await _find_arms(conn, lost)
    return arms


async def list_assigned_arms(conn: Connection, campaign_id: CampaignId) -> set[str]:
    """Those to which the campaign's experiment has assigned somebody."""
    return {row["arm"] for row in await conn.fetch(QUERIES.list_assigned_arms, campaign_id)}


async def move_assignments(conn: Connection, member_id: MemberId, survivor_id: MemberId) -> None:
    """A person has one assignment a campaign: the survivor's, where they have one."""
    await conn.execute(QUERIES.move_assignments, member_id, survivor_id)


async def purge_assignments(conn: Connection, now: datetime) -> None:
    """Those of campaigns whose analysis closed 90 days ago, some at a time."""
    await conn.execute(QUERIES.reopen_analyses, now)
    ended = [row["id"] for row in await conn.fetch(QUERIES.list_ended, now)]
    if assigned := [row["campaign_id"] for row in await conn.fetch(QUERIES.list_assigned, ended)] if ended else []:
        await conn.execute(QUERIES.close_analyses, assigned, now)
    await conn.execute(QUERIES.purge_assignments, now - KEPT_FOR, _PURGED_AT_ONCE)


async def _find_arms(conn: Connection, keys: Sequence[tuple[MemberId, CampaignId]]) -> Arms:
    members, campaigns = zip(*keys, strict=True)
    rows = await conn.fetch(QUERIES.find_arms, members, campaigns)
    return {(row["member_id"], row["campaign_id"]): row["arm"] for row in rows}
