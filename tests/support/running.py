"""Runs of a shop's campaigns, at a time that the test says."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from coupons.campaigns import runs_repository
from coupons.campaigns.campaign import AudienceVersion, Campaign
from coupons.campaigns.occasions import LocalMoment
from coupons.campaigns.runs import NewRun, Part, Run
from coupons.campaigns.speeds import AtOnce, Speed
from ids import CampaignRunId, MemberId
from kit.database import in_transaction
from kit.ids import new_id
from server.runtime.snapshot import Snapshot
from server.schedules.find_due import find_due_runs
from server.schedules.plan_runs import plan_next_run
from server.schedules.populations import read_program_zones
from server.schedules.walk import Step, walk_batch
from tests.support.shop import NOON, Shop


async def start(
    shop: Shop,
    campaign: Campaign,
    *,
    speed: Speed | None = None,
    moment: LocalMoment | None = None,
    audience: AudienceVersion | None = None,
    now: datetime = NOON,
) -> CampaignRunId:
    """By hand."""
    run_id = CampaignRunId(new_id())
    run = NewRun(
        id=run_id,
        program_id=shop.program.id,
        campaign_id=campaign.id,
        occasion=str(run_id),
        due_at=now,
        moment=moment,
        audience=audience,
        speed=speed or AtOnce(),
        started_by="staff:x",
        created_at=now,
    )
    assert await in_transaction(shop.pool, partial(runs_repository.insert_run, run=run))
    return run_id


async def find_due(shop: Shop, now: datetime) -> list[str]:
    """As the worker does: whatever is due becomes a run, or is one already. The occasions that are new."""
    snapshot = (await shop.keeper()).current
    campaigns = [each for of_program in snapshot.campaigns.values() for each in of_program]
    async with shop.pool.acquire() as conn:
        zones = await read_program_zones(conn, [shop.program.id])
    due = find_due_runs(campaigns, snapshot.stores, zones, now)
    return [
        run.occasion for run in due if await in_transaction(shop.pool, partial(runs_repository.insert_run, run=run))
    ]


async def plan(shop: Shop, now: datetime = NOON) -> None:
    while await in_transaction(shop.pool, partial(plan_next_run, now=now)):
        pass


async def work(shop: Shop, snapshot: Snapshot, now: datetime = NOON, most: int = 500) -> None:
    """What one worker can do now."""
    resting: list[CampaignRunId] = []
    while (part := await lease(shop, now, resting)) is not None:
        standing = "on"
        while standing == "on":
            step = await walk(shop, snapshot, part, now, most)
            part, standing = step.part, step.standing
        if standing == "resting":
            resting.append(part.run_id)
            await in_transaction(shop.pool, partial(runs_repository.release_part, part=part))
    await in_transaction(shop.pool, partial(runs_repository.end_runs, now=now))


async def lease(shop: Shop, now: datetime = NOON, resting: Sequence[CampaignRunId] = ()) -> Part | None:
    return await in_transaction(shop.pool, lambda conn: runs_repository.lease_part(conn, now, resting))


async def walk(shop: Shop, snapshot: Snapshot, part: Part, now: datetime = NOON, most: int = 500) -> Step:
    return await in_transaction(shop.pool, partial(walk_batch, snapshot=snapshot, part=part, now=now, most=most))


async def run_all(shop: Shop, now: datetime = NOON) -> None:
    """All that is due by then, to its end."""
    await find_due(shop, now)
    await plan(shop, now)
    await work(shop, (await shop.keeper()).current, now)


async def end_leases(shop: Shop) -> None:
    """As if whoever held them had been gone for long."""
    await shop.pool.execute("UPDATE run_parts SET lease_until = NULL")


async def cancel_somewhere(task: "asyncio.Task[None]", chance: random.Random) -> None:
    """Wherever it is by then; it may be through."""
    await asyncio.sleep(chance.uniform(0, 0.06))
    task.cancel()
    await asyncio.wait({task})


async def find_run(shop: Shop, campaign: Campaign, run_id: CampaignRunId) -> Run:
    async with shop.pool.acquire() as conn:
        run = await runs_repository.find_run(conn, shop.program.id, campaign.id, run_id)
    assert run is not None
    return run


async def holders(shop: Shop, campaign: Campaign) -> Counter[MemberId]:
    """Who has how many of its coupons."""
    rows = await shop.pool.fetch("SELECT member_id FROM coupons WHERE campaign_id = $1", campaign.id)
    return Counter(row["member_id"] for row in rows)
