"""Whether what a campaign says of its time can be carried out, as the staff write it: checked here."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coupons.campaigns import campaigns_repository
from coupons.campaigns.recurrence import BadRule, check_rule, is_bounded
from coupons.campaigns.speeds import AtOnce
from coupons.campaigns.timed_triggers import CouponExpiring, RankReached, Schedule
from ids import CampaignId, ProgramId, StoreId
from kit.database import Connection
from points import ranks_repository
from programs import programs_repository
from server.campaigns.bodies import CampaignRequest
from server.messages.member_zones import list_store_zones
from server.problems import Problem


async def check_timed_trigger(
    conn: Connection,
    program_id: ProgramId,
    campaign_id: CampaignId,
    data: CampaignRequest,
    store_ids: Sequence[StoreId] | None,
) -> None:
    """`store_ids`: all that it is for; None: every store. Raises Problem, which names the field."""
    trigger = data.trigger
    if isinstance(trigger, Schedule):
        await _check_schedule(conn, program_id, data, trigger, store_ids)
    elif isinstance(trigger, CouponExpiring):
        other = await campaigns_repository.find_campaign(conn, program_id, trigger.campaign_id)
        if other is None or other.id == campaign_id:
            raise _invalid("Name in trigger.campaign_id another campaign of your program.")
    elif isinstance(trigger, RankReached) and trigger.rank is not None:
        rules = (await ranks_repository.read_rank_rules(conn, [program_id])).get(program_id)
        if rules is None or trigger.rank not in {rank.code for rank in rules.ranks}:
            raise _invalid("Name in trigger.rank the code of one of your program's ranks, or leave it out.")


async def _check_schedule(
    conn: Connection,
    program_id: ProgramId,
    data: CampaignRequest,
    trigger: Schedule,
    store_ids: Sequence[StoreId] | None,
) -> None:
    try:
        first_at = datetime.fromisoformat(trigger.first_at)
    except ValueError:
        raise _invalid("Give trigger.first_at with a day that there is.") from None
    if trigger.clock == "member" and not isinstance(trigger.speed, AtOnce):
        raise _invalid("Leave out trigger.speed where trigger.clock is member: each member's clock says when.")
    zone = None if trigger.clock == "member" else await _find_zone(conn, program_id, store_ids)
    if trigger.rule is None:
        return
    try:
        # Off the loop: of a rule that names no day it takes a while to find that out.
        await asyncio.to_thread(check_rule, trigger.rule, first_at, zone)
    except BadRule as bad:
        raise _invalid(f"trigger.rule: {bad}") from None
    if data.ends_at is None and not is_bounded(trigger.rule):
        raise _invalid("Give trigger.rule an end with COUNT or UNTIL, or the campaign an ends_at.")


async def _find_zone(conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId] | None) -> ZoneInfo:
    """Of the campaign's stores; of a campaign for every store the program's. Raises Problem where they have several."""
    if store_ids is None:
        program = await programs_repository.find_program(conn, program_id)
        assert program is not None
        return ZoneInfo(program.time_zone)
    zones = await list_store_zones(conn, store_ids)
    if len(zones) > 1:
        raise _invalid("Write a campaign for the stores of each time zone, or give trigger.clock as member.")
    return zones[0]


def _invalid(detail: str) -> Problem:
    return Problem("invalid-request", detail)
