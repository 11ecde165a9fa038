"""How long a count of an ordinary audience takes: conditions on the facts, and at most one coupon or indexed leaf."""

import time
from collections.abc import Mapping

import asyncpg

from audiences import tree as t
from bench.chain import Chain
from bench.sheet import Sheet
from ids import CampaignId
from kit.clock import utc_now
from server.audiences.count import count
from server.audiences.settle_tree import SettledTree
from server.seeding.scale import TIME_ZONE


def ordinary_trees(campaign_id: CampaignId) -> Mapping[str, t.Tree]:
    """By what is told of them."""
    regulars = t.AllOf(of=[t.VisitCount(at_least=10), t.VisitCycle(at_most_days=30)])
    return {
        "regulars": regulars,
        "regulars_who_stay_away": t.AllOf(of=[*regulars.of, t.LastVisit(at_least_days=30)]),
        "few_visits_many_points": t.AllOf(of=[t.VisitCount(at_most=5), t.PointsHeld(at_least=50)]),
        "never_used_a_coupon": t.AllOf(of=[t.CouponHeld(state="issued"), t.Not(of=t.CouponHeld(state="used"))]),
        "used_this_coupon": t.AllOf(of=[t.VisitCount(at_least=5), t.CouponHeld(state="used", campaign_id=campaign_id)]),
        "has_not_used_this_coupon": t.AllOf(
            of=[t.LastVisit(at_most_days=60), t.Not(of=t.CouponHeld(state="used", campaign_id=campaign_id))]
        ),
        "new_and_reachable": t.AllOf(of=[t.JoinedAgo(at_most_days=90), t.ReachableBy(by="push")]),
        "on_android": t.AllOf(of=[t.VisitCount(at_least=3), t.PlatformIs(is_one_of=["android"])]),
    }


async def find_campaign(connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain) -> CampaignId:
    found: CampaignId = await connection.fetchval(
        "SELECT id FROM campaigns WHERE program_id = $1 ORDER BY id LIMIT 1", chain.program_id
    )
    return found


async def measure_counts(
    connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain, sheet: Sheet, repeats: int
) -> list[float]:
    """Milliseconds of every count, with its sample; into the sheet what each tree takes."""
    times: list[float] = []
    campaign_id = await find_campaign(connection, chain)
    for _ in range(repeats):
        for name, tree in ordinary_trees(campaign_id).items():
            settled = SettledTree(pinned=tree, resolved=tree, definitions={})
            began_s = time.perf_counter()
            await count(connection, chain.program_id, settled, utc_now(), TIME_ZONE, None, knows_persons=True)
            times.append((time.perf_counter() - began_s) * 1000)
            sheet.add(f"count_ms_{name}", times[-1])
    return times
