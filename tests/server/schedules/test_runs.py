"""A run goes to everybody once: shared by workers, killed at any point, stopped and resumed, at its pace."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from coupons.campaigns import runs_repository
from coupons.campaigns.occasions import LocalMoment
from coupons.campaigns.runs import Run
from coupons.campaigns.speeds import OverMinutes, PerHour, Speed
from kit.database import DatabaseUnavailable, in_transaction, open_pool
from server.runtime.snapshot import Snapshot
from server.schedules import populations
from tests.support.gates import IS_WAITED
from tests.support.running import (
    end_leases,
    find_run,
    holders,
    lease,
    plan,
    start,
    walk,
    work,
)
from tests.support.shop import NOON, Shop, at
from tests.support.waiting import until


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(populations, "PART_MEMBERS", 12)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("seed", [8, 21])
async def test_workers_that_are_killed_and_a_run_that_is_stopped_and_resumed_leave_nothing_out(
    shop: Shop, database: str, seed: int
) -> None:
    """Each worker has connections of its own, which are cut off wherever it is; the staff stop and resume meanwhile."""
    shoppers = await shop.enrol(50)
    campaign = await shop.write_campaign("broadcast")
    run_id = await start(shop, campaign)
    await plan(shop)
    assert await shop.count("run_parts") == 5
    snapshot, chance = (await shop.keeper()).current, random.Random(seed)

    async def staff(order: Callable[..., Awaitable[bool]]) -> bool:
        told = partial(order, campaign_id=campaign.id, run_id=run_id, now=NOON)
        await asyncio.sleep(chance.uniform(0, 0.04))
        return await in_transaction(shop.pool, told)

    for _ in range(6):
        workers = [asyncio.create_task(work_alone(shop, database, snapshot, chance.uniform(0, 0.1))) for _ in range(3)]
        if await staff(runs_repository.stop_run):
            issued = await shop.count("coupons")
            for each in await asyncio.gather(*workers, return_exceptions=True):
                assert each is None or isinstance(each, DatabaseUnavailable), each
            assert await shop.count("coupons") == issued, "after the answer to a stop nothing is issued"
            assert await staff(runs_repository.resume_run)
        await asyncio.gather(*workers, return_exceptions=True)
        await end_leases(shop)
    await asyncio.gather(work(shop, snapshot), work(shop, snapshot))
    assert await holders(shop, campaign) == dict.fromkeys([each.member_id for each in shoppers], 1)
    run = await find_run(shop, campaign, run_id)
    assert (run.state, run.members, run.walked, run.outcomes) == ("done", 50, 50, {"issued": 50})
    assert [row["lane"] for row in await shop.rows("outbox")] == ["bulk"] * 50
    assert [row["coupons_issued"] for row in await shop.rows("member_facts", "member_id")] == [1] * 50


async def work_alone(shop: Shop, database: str, snapshot: Snapshot, lives_s: float) -> None:
    """A worker that is gone after so long: PostgreSQL sees its connections break, as a killed process's do."""
    pool = await open_pool(database, min_size=1, max_size=2)
    asyncio.get_running_loop().call_later(lives_s, pool.terminate)
    try:
        await work(replace(shop, pool=pool), snapshot, most=3)
    except (DatabaseUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise DatabaseUnavailable("killed") from error
    finally:
        pool.terminate()


async def test_of_two_at_one_part_the_second_gives_way(shop: Shop) -> None:
    await shop.enrol(4)
    campaign = await shop.write_campaign("broadcast")
    await start(shop, campaign)
    await plan(shop)
    snapshot = (await shop.keeper()).current
    first = await lease(shop)
    assert first is not None
    assert await lease(shop) is None  # somebody is at it
    await end_leases(shop)  # but for so long that nobody believes it any more
    second = await lease(shop)
    assert second is not None
    steps = await asyncio.gather(walk(shop, snapshot, first, most=2), walk(shop, snapshot, second, most=2))
    assert sorted(step.standing for step in steps) == ["gone", "on"]
    assert (await holders(shop, campaign)).total() == 2


async def test_after_a_stop_nothing_is_issued_and_a_resume_goes_on(shop: Shop) -> None:
    await shop.enrol(6)
    campaign = await shop.write_campaign("broadcast")
    run_id = await start(shop, campaign)
    await plan(shop)
    snapshot = (await shop.keeper()).current
    part = await lease(shop)
    assert part is not None
    step = await walk(shop, snapshot, part, most=2)
    stop = partial(runs_repository.stop_run, campaign_id=campaign.id, run_id=run_id, now=at(1))
    resume = partial(runs_repository.resume_run, campaign_id=campaign.id, run_id=run_id, now=at(2))
    assert not await in_transaction(shop.pool, resume)
    assert [await in_transaction(shop.pool, stop) for _ in range(2)] == [True, False]
    assert (await walk(shop, snapshot, step.part)).standing == "gone"
    await end_leases(shop)
    assert await lease(shop) is None
    stopped = await find_run(shop, campaign, run_id)
    assert (stopped.state, stopped.ended_at, stopped.walked) == ("stopped", at(1), 2)
    assert [await in_transaction(shop.pool, resume) for _ in range(2)] == [True, False]
    await work(shop, snapshot)
    assert set((await holders(shop, campaign)).values()) == {1}
    assert (await find_run(shop, campaign, run_id)).outcomes == {"issued": 6}
    assert not await in_transaction(shop.pool, stop)  # it is done


async def test_a_stop_waits_for_the_batch_under_way(shop: Shop) -> None:
    await shop.enrol(2)
    campaign = await shop.write_campaign("broadcast")
    run_id = await start(shop, campaign)
    await plan(shop)
    async with shop.pool.acquire() as conn, conn.transaction():
        assert await runs_repository.hold_run(conn, run_id) is not None
        stopping = asyncio.create_task(
            in_transaction(shop.pool, lambda conn: runs_repository.stop_run(conn, campaign.id, run_id, NOON))
        )
        await until(lambda: shop.pool.fetchval(IS_WAITED))
        assert not stopping.done()
    assert await stopping


@pytest.mark.parametrize(
    ("speed", "seconds", "decided"),
    [
        (PerHour(members=3600), [0, 3, 3, 5, 60], [0, 3, 3, 5, 20]),
        (OverMinutes(minutes=1), [0, 30, 59, 60, 66], [0, 10, 19, 20, 20]),
    ],
)
async def test_it_keeps_its_pace_over_stop_and_resume(
    shop: Shop, speed: Speed, seconds: list[int], decided: list[int]
) -> None:
    await shop.enrol(20)
    campaign = await shop.write_campaign("broadcast")
    run_id = await start(shop, campaign, speed=speed)
    await plan(shop)
    snapshot = (await shop.keeper()).current
    found = []
    for second in seconds:
        await work(shop, snapshot, at(second))
        found.append((await find_run(shop, campaign, run_id)).decided)
    assert found == decided
    assert (await find_run(shop, campaign, run_id)).state == "done"

    second_id = await start(shop, campaign, speed=PerHour(members=3600), now=at(100))
    await plan(shop, at(100))
    await work(shop, snapshot, at(104))
    await in_transaction(shop.pool, lambda conn: runs_repository.stop_run(conn, campaign.id, second_id, at(104)))
    await in_transaction(shop.pool, lambda conn: runs_repository.resume_run(conn, campaign.id, second_id, at(1000)))
    await work(shop, snapshot, at(1002))
    assert (await find_run(shop, campaign, second_id)).decided == 6


async def test_at_ten_of_each_members_own_clock(shop: Shop) -> None:
    tokyo, new_york, moved = await shop.enrol(3)
    await _live_in(shop, new_york.member_id, "America/New_York")
    campaign = await shop.write_campaign("broadcast")
    # It is noon of 1 May in Tokyo, and 23:00 of 30 April in New York.
    run_id = await start(shop, campaign, moment=LocalMoment(datetime.fromisoformat("2026-04-30T10:00"), NOON))
    await plan(shop)
    await _live_in(shop, moved.member_id, "Europe/Berlin")  # since it was planned: 05:00, before New York
    snapshot = (await shop.keeper()).current
    await work(shop, snapshot, NOON + timedelta(hours=10))
    assert not await holders(shop, campaign)
    await work(shop, snapshot, NOON + timedelta(hours=11))  # 10:00 in New York
    assert await holders(shop, campaign) == {new_york.member_id: 1, moved.member_id: 1}
    await work(shop, snapshot, NOON + timedelta(hours=22))  # 10:00 of 2 May in Tokyo
    assert set(await holders(shop, campaign)) == {tokyo.member_id, new_york.member_id, moved.member_id}
    run = await find_run(shop, campaign, run_id)
    assert (run.state, run.members, run.walked) == ("done", 3, 3)


async def test_a_campaign_that_does_not_run_lets_its_runs_rest_and_its_end_stops_them(shop: Shop) -> None:
    await shop.enrol(2)
    campaign = await shop.write_campaign("broadcast")
    run_id = await start(shop, campaign)
    await plan(shop)

    async def set_state(state: str) -> Run:
        await shop.pool.execute("UPDATE campaigns SET state = $1 WHERE id = $2", state, campaign.id)
        await work(shop, (await shop.keeper()).current)
        return await find_run(shop, campaign, run_id)

    assert (await set_state("paused")).state == "running"
    assert (await set_state("ended")).state == "stopped"
    assert not await holders(shop, campaign)


async def test_blocked_members_and_those_who_are_at_home_elsewhere_are_left_out(shop: Shop) -> None:
    here, elsewhere, blocked = await shop.enrol(3)
    store_id = shop.stores[0].id
    for sql, values in (
        ("UPDATE member_facts SET home_store_id = $1 WHERE member_id <> $2", (store_id, elsewhere.member_id)),
        ("UPDATE member_facts SET is_active = false WHERE member_id = $1", (blocked.member_id,)),
    ):
        await shop.pool.execute(sql, *values)
    campaign = await shop.write_campaign("broadcast", store_ids=frozenset({store_id}))
    run_id = await start(shop, campaign)
    await plan(shop)
    await work(shop, (await shop.keeper()).current)
    assert set(await holders(shop, campaign)) == {here.member_id}
    assert (await find_run(shop, campaign, run_id)).members == 1


async def _live_in(shop: Shop, member_id: Any, zone: str) -> None:
    await shop.pool.execute(
        "INSERT INTO profiles (member_id, program_id, time_zone, updated_at, version) VALUES ($1, $2, $3, $4, 1)"
        " ON CONFLICT (member_id) DO UPDATE SET time_zone = excluded.time_zone",
        member_id,
        shop.program.id,
        zone,
        NOON,
    )
