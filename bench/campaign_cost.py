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
from bench.figures import Measurement
from bench.gauge import Gauge
from bench.postmaster import Postmaster, find_postmaster
from bench.town import Town, found_town
from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.campaign_triggers import Enter
from devtools.apt import say
from devtools.database_server import DatabaseServer
from ids import CampaignId, MemberId, ProgramId, StoreId
from kit.clock import utc_now
from kit.database import in_pages
from server.audiences.save import create

_FENCES, _DEVICES, _CONNECTIONS, _SEED = 1000, 2000, 8, 1
# Nobody goes out of their way to a fence, so that of ten fixes about one has a transition.
_NEAR_SHARE = 0.0
# Each campaign is at every tenth store: of 500 there are 50 at each.
_STORES_SHARE = 10


_COUNT = "SELECT count(*) FROM transitions"


class CampaignCost(msgspec.Struct, frozen=True):
    """Of posts of one fix: what they are with campaigns by what they are without, the rounds' medians. The processor
    time is a post's: the server's, which a busy machine leaves alone, and PostgreSQL's, of which checkpoints and the
    like are a part. `transitions`: of a hundred posts.
    """

    rate_ratio: float
    cpu_ratio: float
    database_cpu_ratio: float
    transitions: float


async def measure_campaign_cost(server: DatabaseServer, campaigns: int, seconds: float, runs: int) -> CampaignCost:
    async with AsyncExitStack() as stack:
        plain, busy = [
            await stack.enter_async_context(found_town(server, _FENCES, _DEVICES, _SEED, _NEAR_SHARE)) for _ in range(2)
        ]
        say(f"{campaigns} campaigns with audiences in one of two towns")
        await _start_campaigns(busy, campaigns)
        gauges = [
            Gauge(stack.enter_context(serving([LOCATE], town.dsn, 1)), town, _CONNECTIONS) for town in (plain, busy)
        ]
        postmaster = await find_postmaster(busy.connection)
        rounds: list[_Round] = []
        seen_before = 0
        for number in range(runs + 1):
            measured = await _measure_both(gauges, postmaster, seconds, number % 2)
            if number:
                rounds.append(measured)
            else:  # it warms up: each phone's first fix is of another kind
                seen_before = await busy.connection.fetchval(_COUNT)
        seen = await busy.connection.fetchval(_COUNT) - seen_before
    return CampaignCost(
        median(each.rate for each in rounds),
        median(each.cpu for each in rounds),
        median(each.database_cpu for each in rounds),
        100 * seen / sum(each.posts for each in rounds),
    )


class _Round(msgspec.Struct, frozen=True):
    """Three ratios, and how many posts came to the town with campaigns."""

    rate: float
    cpu: float
    database_cpu: float
    posts: int


async def _measure_both(gauges: Sequence[Gauge], postmaster: Postmaster, seconds: float, first: int) -> _Round:
    measured: dict[int, tuple[Measurement, float]] = {}
    for place in (first, 1 - first):
        before_s = postmaster.cpu_s()
        run = await gauges[place].saturate(LOCATE, 1, seconds)
        measured[place] = run, (postmaster.cpu_s() - before_s) / len(run.run.latencies_s)
    (without, database_without), (with_campaigns, database_with) = measured[0], measured[1]
    return _Round(
        rate=with_campaigns.run.posts_per_s / without.run.posts_per_s,
        cpu=with_campaigns.cpu_us_per_post / without.cpu_us_per_post,
        database_cpu=database_with / database_without,
        posts=len(with_campaigns.run.latencies_s),
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
