"""What the ids in campaigns are called, so that sentences can be made of them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from audiences.audiences_repository import find_audience, load_audiences
from audiences.tree import Tree
from coupons.campaigns.campaign import AudienceVersion, Campaign
from coupons.campaigns.campaigns_repository import find_campaign
from coupons.campaigns.follow_ups import offered_by
from coupons.campaigns.timed_triggers import CouponExpiring
from ids import CampaignId, StoreId
from kit.database import Connection
from points.rules_repository import read_point_rules
from programs.programs_repository import Program
from server.console.campaigns.phrases import Names
from server.runtime.snapshot import Snapshot


async def read_names(
    conn: Connection, snapshot: Snapshot, program: Program, campaigns: Sequence[Campaign]
) -> dict[CampaignId, Names]:
    """Of each of them, by its id. Stores are those in memory: one that has closed has no name any more."""
    rules = (await read_point_rules(conn, [program.id])).get(program.id)
    others = await _name_others(conn, program, campaigns)
    audiences: dict[AudienceVersion | None, tuple[str | None, Tree | None]] = {None: (None, None)}
    found = {}
    for each in campaigns:
        if each.audience is not None and each.audience not in audiences:
            audiences[each.audience] = await _find_audience(conn, program, each.audience)
        name, tree = audiences[each.audience]
        found[each.id] = Names(
            stores=_name_stores(snapshot, each),
            campaigns=others,
            audience=name,
            tree=tree,
            currency=None if rules is None else rules.currency,
            zone=ZoneInfo(program.time_zone),
        )
    return found


async def _find_audience(
    conn: Connection, program: Program, audience: AudienceVersion
) -> tuple[str | None, Tree | None]:
    """Its name, and what its version stands for."""
    key = audience.audience_id, audience.version
    held = await find_audience(conn, program.id, *key)
    loaded = (await load_audiences(conn, program.id, [key])).get(key)
    return None if held is None else held.name, None if loaded is None else loaded.tree


def _name_stores(snapshot: Snapshot, campaign: Campaign) -> dict[StoreId, str]:
    named = {*(campaign.named_store_ids or ()), *(campaign.grant.conditions.store_ids or ())}
    return {each: store.name for each in named if (store := snapshot.stores.get(each)) is not None}


async def _name_others(conn: Connection, program: Program, campaigns: Sequence[Campaign]) -> dict[CampaignId, str]:
    wanted = {each.trigger.campaign_id for each in campaigns if isinstance(each.trigger, CouponExpiring)}
    wanted |= {offered for each in campaigns for offered in offered_by(each.follow_ups)}
    names = {}
    for campaign_id in sorted(wanted):
        other = await find_campaign(conn, program.id, campaign_id)
        if other is not None:
            names[campaign_id] = other.name
    return names
