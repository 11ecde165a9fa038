"""What a hundred running campaigns with audiences cost `POST /v1/locations`: two towns in one run, one without any.

Both are the same but for the campaigns, each with a server of its own; a round measures one after the other, each round
beginning with the other one.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from statistics import median

from audiences import tree as t
from audiences.facts_repository import recount_facts
from bench import coupon_town
from bench.contenders import LOCATE, serving
from bench.gauge import Gauge
from bench.town import Town, found_town
from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.campaign_triggers import Enter
from devtools.apt import say
from devtools.database_server import DatabaseServer
from ids import CampaignId, MemberId, ProgramId, StoreId
from kit.clock import utc_now
from kit.database import in_pages
from server.audiences.save import create

CAMPAIGNS = 100
_FENCES, _DEVICES, _CONNECTIONS, _SEED = 1000, 5000, 8, 1
# Each campaign is of so many of the stores: at one store some ten are on.
_STORES_SHARE = 10


async def measure_campaign_cost(server: DatabaseServer, seconds: float, runs: int) -> dict[str, float]:
    """Posts of one fix. `locate_ratio_100_campaigns`: throughput with campaigns by that without, the rounds' median;
    `locate_cpu_ratio_100_campaigns`: the same of the server's processor time a post, which a busy machine leaves alone.
    """
    async with AsyncExitStack() as stack:
        plain, busy = [await stack.enter_async_context(found_town(server, _FENCES, _DEVICES, _SEED)) for _ in range(2)]
        say(f"{CAMPAIGNS} campaigns with audiences in one of two towns")
        await _start_campaigns(busy)
        gauges = [
            Gauge(stack.enter_context(serving([LOCATE], town.dsn, 1)), town, _CONNECTIONS) for town in (plain, busy)
        ]
        rates, cpus = [], []
        for number in range(runs + 1):
            rate, cpu = await _measure_both(gauges, seconds, number % 2)
            if number:  # the first one warms up
                rates.append(rate)
                cpus.append(cpu)
        decided = await busy.connection.fetchval("SELECT count(*) FROM transitions")
    return {
        "locate_ratio_100_campaigns": round(median(rates), 3),
        "locate_cpu_ratio_100_campaigns": round(median(cpus), 3),
        "locate_transitions": decided,
    }


async def _measure_both(gauges: Sequence[Gauge], seconds: float, first: int) -> tuple[float, float]:
    measured = {}
    for place in (first, 1 - first):
        measured[place] = await gauges[place].saturate(LOCATE, 1, seconds)
    without, with_campaigns = measured[0], measured[1]
    return (
        with_campaigns.run.posts_per_s / without.run.posts_per_s,
        with_campaigns.cpu_us_per_post / without.cpu_us_per_post,
    )


async def _start_campaigns(town: Town) -> None:
    """Campaigns of every kind of audience, from facts alone to what is read by days; hardly anybody is in one."""
    conn, now = town.connection, utc_now()
    program_id = ProgramId(await conn.fetchval("SELECT id FROM programs"))
    stores = [StoreId(row["id"]) for row in await conn.fetch("SELECT id FROM stores ORDER BY code")]
    members = [MemberId(row["member_id"]) for row in await conn.fetch("SELECT member_id FROM members")]
    whole = coupon_town.Town(program_id=program_id, store_ids=stores, till_ids=[], member_ids=members, device_ids=[])
    async with conn.transaction():
        for some in in_pages(members):
            await recount_facts(conn, some)
        earlier: CampaignId | None = None
        for number in range(CAMPAIGNS):
            tree = _trees(earlier)[number % 5]
            audience = await create(conn, program_id, f"Audience {number}", tree, now)
            campaign = await coupon_town.write_campaign(
                conn,
                whole,
                name=f"Campaign {number}",
                trigger=Enter(),
                store_ids=frozenset(stores[number % _STORES_SHARE :: _STORES_SHARE]),
                audience=AudienceVersion(audience.id, audience.version),
                max_event_age_s=100 * 86_400,  # the walkers' clocks are behind
                starts_at=_long_ago(now),
                created_at=now,
            )
            earlier = campaign.id
    await conn.execute("VACUUM ANALYZE")


def _trees(earlier: CampaignId | None) -> Sequence[t.Tree]:
    return (
        t.AllOf(of=[t.VisitCount(at_least=3), t.LastVisit(at_least_days=30)]),
        t.CouponHeld(state="used", campaign_id=earlier),
        t.AllOf(of=[t.JoinedAgo(at_most_days=30), t.VisitCount(at_least=2, within_days=90)]),
        t.AnyOf(of=[t.AttributeIs(key="gender", is_one_of=["female"]), t.PointsHeld(at_least=100)]),
        t.AllOf(of=[t.ReachableBy(by="push"), t.Not(of=t.CouponHeld(state="usable"))]),
    )


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(days=365)
