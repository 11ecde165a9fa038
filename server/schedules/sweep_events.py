"""What happens to members one by one (joining, claiming, reaching a rank), a few seconds later: so no phone that joins
waits for a campaign.

Whoever sweeps holds the campaign's mark, and looks again at the last minutes before it: a transaction that began before
the last sweep may have committed after it. The coupon's key lets nobody have it twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from coupons.campaigns import runs_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.timed_triggers import Claimed, Joined, RankReached
from ids import MemberId
from kit.database import Connection
from kit.ids import first_id_at
from points import ranks_repository
from points.ranks import RankRules
from server.messages.member_zones import read_member_zones
from server.runtime.snapshot import Snapshot
from server.schedules.decide_members import Occasion, decide_members
from server.schedules.populations import QUERIES, home_stores

BATCH_EVENTS = 500
# Longer than any transaction may take.
OVERLAP = timedelta(minutes=2)
# What happened while no worker was there, or the campaign was paused, is answered so long afterwards.
_LATE = timedelta(days=1)


class Mark(msgspec.Struct, frozen=True):
    """Up to where a sweep has come; events of one moment are in the order of their members."""

    at: datetime
    member_id: MemberId


async def sweep_campaign(
    conn: Connection, snapshot: Snapshot, campaign: Campaign, now: datetime, mark: Mark | None = None
) -> Mark | None:
    """From where to go on; None where all is answered, or another worker is at it. In a transaction."""
    await runs_repository.begin_sweep(conn, campaign.id, now)
    swept_to = await runs_repository.hold_sweep(conn, campaign.id)
    if swept_to is None:
        return None
    mark = mark or Mark(max(swept_to, now - _LATE) - OVERLAP, MemberId(UUID(int=0)))
    rows = await _list_events(conn, campaign, mark, now)
    occasions = _read_occasions(campaign, rows, await _read_ranks(conn, campaign))
    zones = await read_member_zones(conn, [each.member_id for each in occasions])
    await decide_members(conn, snapshot, campaign, [each for each in occasions if each.member_id in zones], zones, now)
    if len(rows) == BATCH_EVENTS:
        return Mark(rows[-1]["at"], rows[-1]["member_id"])
    await runs_repository.advance_sweep(conn, campaign.id, now)
    return None


async def _list_events(conn: Connection, campaign: Campaign, mark: Mark, until: datetime) -> Sequence[Any]:
    where = {
        "program_id": campaign.program_id,
        "store_id": home_stores(campaign),
        "after": mark.at,
        "after_member": mark.member_id,
        "until": until,
        "most": BATCH_EVENTS,
    }
    if isinstance(campaign.trigger, Joined):
        return await conn.fetch(*QUERIES.list_joined(**where, first=first_id_at(mark.at - OVERLAP)))
    if isinstance(campaign.trigger, Claimed):
        return await conn.fetch(*QUERIES.list_claimed(**where))
    return await conn.fetch(*QUERIES.list_rank_changes(**where))


async def _read_ranks(conn: Connection, campaign: Campaign) -> RankRules | None:
    if not isinstance(campaign.trigger, RankReached):
        return None
    return (await ranks_repository.read_rank_rules(conn, [campaign.program_id])).get(campaign.program_id)


def _read_occasions(campaign: Campaign, rows: Sequence[Any], ranks: RankRules | None) -> list[Occasion]:
    trigger = campaign.trigger
    if not isinstance(trigger, RankReached):
        return [Occasion(row["member_id"], row["at"], trigger.kind) for row in rows]
    if ranks is None:
        return []
    heights = {rank.code: rank.threshold for rank in ranks.ranks}
    return [Occasion(row["member_id"], row["at"], None) for row in rows if is_reached(trigger, row, heights)]


def is_reached(trigger: RankReached, change: Any, heights: dict[str, int]) -> bool:
    """Whether it is a rise to the rank or past it; of no rank in particular, any rise."""
    former = heights.get(change["former_rank_code"] or "", -1)
    new = heights.get(change["rank_code"], -1)
    goal = former + 1 if trigger.rank is None else heights.get(trigger.rank)
    return goal is not None and former < goal <= new
