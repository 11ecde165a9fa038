"""What many running campaigns with audiences cost `POST /v1/locations`: two towns in one run, one without any.

Both are the same but for the campaigns, each with a server of its own; a round measures one after the other, each round
beginning with the other one.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from statistics import median

import msgspec

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

_FENCES, _DEVICES, _CONNECTIONS, _SEED = 1000, 5000, 8, 1
# Each campaign is of so many of the stores: at one store some ten are on.
_STORES_SHARE = 10


class CampaignCost(msgspec.Struct, frozen=True):
    """Of posts of one fix: what they are with campaigns by what they are without, the rounds' medians. The processor
    time is the server's a post, which a busy machine leaves alone; `transitions`: of a hundred posts.
    """

    rate_ratio: float
    cpu_ratio: float
    transitions: float


async def measure_campaign_cost(server: DatabaseServer, campaigns: int, seconds: float, runs: int) -> CampaignCost:
    async with AsyncExitStack() as stack:
        plain, busy = [await stack.enter_async_context(found_town(server, _FENCES, _DEVICES, _SEED)) for _ in range(2)]
        say(f"{campaigns} campaigns with audiences in one of two towns")
        await _start_campaigns(busy, campaigns)
        gauges = [
            Gauge(stack.enter_context(serving([LOCATE], town.dsn, 1)), town, _CONNECTIONS) for town in (plain, busy)
        ]
        rates, cpus, posted = [], [], []
        for number in range(runs + 1):
            rate, cpu, posts = await _measure_both(gauges, seconds, number % 2)
            posted.append(posts)
            if number:  # the first one warms up
                rates.append(rate)
                cpus.append(cpu)
        decided = await busy.connection.fetchval("SELECT count(*) FROM transitions")
    return CampaignCost(median(rates), median(cpus), 100 * decided / sum(posted))


async def _measure_both(gauges: Sequence[Gauge], seconds: float, first: int) -> tuple[float, float, int]:
    """Both ratios, and how many posts came to the town with campaigns."""
    measured = {}
    for place in (first, 1 - first):
        measured[place] = await gauges[place].saturate(LOCATE, 1, seconds)
    without, with_campaigns = measured[0], measured[1]
    return (
        with_campaigns.run.posts_per_s / without.run.posts_per_s,
        with_campaigns.cpu_us_per_post / without.cpu_us_per_post,
        len(with_campaigns.run.latencies_s),
    )


async def _start_campaigns(town: Town, count: int) -> None:
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
        for number in range(count):
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
