"""From members whom an occasion is for to coupons, in the caller's transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from ids import CampaignRunId, MemberId
from kit.database import Connection
from members.members_repository import find_verified
from server.issuing.grant_offers import count_coupons, grant_offers
from server.runtime.snapshot import Snapshot


class Occasion(msgspec.Struct, frozen=True):
    """What a member is decided on. `event_at`: when it was. `period_key`: for what a coupon is earned once; None: the
    campaign's frequency says so. `source_id`: the row that tells of it."""

    member_id: MemberId
    event_at: datetime
    period_key: str | None
    source_id: UUID | None = None


async def decide_members(
    conn: Connection,
    snapshot: Snapshot,
    campaign: Campaign,
    occasions: Sequence[Occasion],
    zones: Mapping[MemberId, ZoneInfo],
    now: datetime,
    run_id: CampaignRunId | None = None,
) -> dict[str, int]:
    """How many came to which outcome. Those of a campaign that does not run any more are `not_active`. `run_id`: of
    which run they are, if of one."""
    asked = [(campaign, msgspec.structs.replace(each, source_id=run_id)) for each in occasions]
    return Counter(await decide_each(conn, snapshot, asked, zones, now))


async def decide_each(
    conn: Connection,
    snapshot: Snapshot,
    asked: Sequence[tuple[Campaign, Occasion]],
    zones: Mapping[MemberId, ZoneInfo],
    now: datetime,
) -> list[str]:
    """The outcome of each, in order; `not_active` of a campaign that does not run any more."""
    if not asked:
        return []
    members = sorted({each.member_id for _, each in asked})
    verified = await find_verified(conn, members)
    events = []
    for campaign, each in asked:
        events.append(
            TriggerEvent(
                trigger=campaign.trigger.kind,
                member_id=each.member_id,
                program_id=campaign.program_id,
                event_at=each.event_at,
                now=now,
                time_zone=zones[each.member_id],
                is_verified=each.member_id in verified,
                campaign_id=campaign.id,
                period_key=each.period_key,
                source_id=each.source_id,
            )
        )
    results = await grant_offers(conn, snapshot, events)
    deltas: dict[MemberId, FactsDelta] = {}
    count_coupons(deltas, events, results)
    await add_to_facts(conn, deltas)
    return [
        str(result.decisions.get(campaign.id, "not_active"))
        for (campaign, _), result in zip(asked, results, strict=True)
    ]
