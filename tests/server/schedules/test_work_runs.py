"""Workers as they run in production: what is due is found, planned and walked by itself, for the audience it is for."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

from audiences import tree
from audiences.audience import Audience
from audiences.audiences_repository import create_audience
from coupons.campaigns.campaign import AudienceVersion
from coupons.campaigns.timed_triggers import Claimed, Schedule
from ids import AudienceId
from kit.clock import utc_now
from kit.database import in_transaction
from kit.ids import new_id
from server.schedules.work_runs import run_schedules
from tests.support.running import find_run, holders, start
from tests.support.shop import NOON, Shop
from tests.support.waiting import until

TOKYO = ZoneInfo("Asia/Tokyo")


async def test_two_workers_give_each_member_of_the_audience_one(shop: Shop) -> None:
    rich, poor = await shop.enrol(2)
    await shop.pool.execute("UPDATE member_facts SET points = 50 WHERE member_id = $1", rich.member_id)
    audience = Audience(
        id=AudienceId(new_id()),
        program_id=shop.program.id,
        name="rich",
        version=1,
        tree=tree.PointsHeld(at_least=10),
        created_at=NOON,
        changed_at=NOON,
    )
    await in_transaction(shop.pool, lambda conn: create_audience(conn, audience, {}))
    now = utc_now()
    by_hand = await shop.write_campaign("broadcast", audience=AudienceVersion(audience.id, 1))
    for_all = await shop.write_campaign("broadcast")
    a_minute_ago = (now - timedelta(minutes=1)).astimezone(TOKYO)
    by_time = await shop.write_campaign(trigger=Schedule(first_at=f"{a_minute_ago:%Y-%m-%dT%H:%M}"))
    claimed = await shop.write_campaign(trigger=Claimed())
    runs = [await start(shop, by_hand, now=now)]
    runs.append(await start(shop, for_all, audience=AudienceVersion(audience.id, 1), now=now))
    stop = asyncio.Event()
    workers = [asyncio.create_task(run_schedules(shop.pool, await shop.keeper(), stop)) for _ in range(2)]

    async def sweeps() -> bool:
        return bool(await shop.count("campaign_sweeps"))

    await until(sweeps)
    await _claim(shop, poor.member_id)

    async def is_all_there() -> bool:
        found = [await holders(shop, each) for each in (by_hand, for_all, by_time, claimed)]
        return [each.total() for each in found] == [1, 1, 2, 1]

    async def are_over() -> bool:
        found = [await find_run(shop, each, run_id) for each, run_id in zip((by_hand, for_all), runs, strict=True)]
        return {(run.state, run.walked, run.decided) for run in found} == {("done", 2, 1)}

    await until(is_all_there)
    await until(are_over)
    stop.set()
    await asyncio.gather(*workers)
    assert set(await holders(shop, by_hand)) == set(await holders(shop, for_all)) == {rich.member_id}
    assert set(await holders(shop, claimed)) == {poor.member_id}


async def _claim(shop: Shop, member_id: object) -> None:
    run_id = new_id()
    await shop.pool.execute(
        "INSERT INTO import_runs (id, program_id, state, is_dry_run, file_name, file_sha256, byte_count, started_by,"
        " created_at, ended_at) VALUES ($1, $2, 'done', false, 'x', $3, 1, 'x', $4, $4)",
        *(run_id, shop.program.id, bytes(32), NOON),
    )
    await shop.pool.execute(
        "INSERT INTO imported_members (member_id, program_id, run_id, line, row_hash, profile, imported_at, claimed_at)"
        " VALUES ($1, $2, $3, 1, $4, '{}', $5, $6)",
        *(member_id, shop.program.id, run_id, bytes(16), NOON, utc_now()),
    )
