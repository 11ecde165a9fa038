"""A broadcast to a whole town, for `./run bench coupons`: how long it takes where nobody posts, and how long phones
wait for a one-fix post while another one runs, beside the same posts at rest.

The API and the workers are processes of their own, as in production, and run before the clock starts; pushes go to a
sink.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench import coupon_town
from bench.contenders import LOCATE, Served, serving, working
from bench.postmaster import find_postmaster
from bench.steady import Posted, steady_load
from bench.town import Town, found_town
from coupons.campaigns import runs_repository
from coupons.campaigns.runs import NewRun
from coupons.campaigns.speeds import AtOnce
from coupons.campaigns.timed_triggers import Broadcast
from devtools.apt import say
from devtools.database_server import DatabaseServer
from ids import CampaignId, CampaignRunId, ProgramId
from kit.clock import utc_now
from kit.ids import new_id

_FENCES = 1000
_REST_S = 8.0  # longer than a worker looks before it knows what the rest is
_POLL_S = 0.2
# A worker that has started takes less of a CPU than this; one that starts takes all of it.
_IDLE_CPUS = 0.2
_LOOKS_S = 2.0
_REACHABLE = (
    "UPDATE members SET push_consent = true",
    "UPDATE devices SET push_token = id::text, push_token_kind = 'registration', push_token_state = 'active'",
    "UPDATE devices SET last_seen_at = now()",
    "VACUUM ANALYZE",
)


@dataclass(frozen=True)
class Size:
    members: int
    posts_per_s: float
    workers: int


async def measure_broadcasts(server: DatabaseServer, size: Size) -> dict[str, float]:
    async with found_town(server, _FENCES, size.members, seed=1) as town:
        for statement in _REACHABLE:
            await town.connection.execute(statement)
        program_id = await town.connection.fetchval("SELECT id FROM programs")
        campaign_id = await _write_campaign(town, program_id)
        with ExitStack() as stack:
            api = stack.enter_context(serving([LOCATE], town.dsn, 1))[LOCATE]
            workers = [stack.enter_context(working(town.dsn)) for _ in range(size.workers)]
            return await _measure(town, size, api, workers, (program_id, campaign_id))


async def _measure(
    town: Town, size: Size, api: Served, workers: Sequence[Served], campaign: tuple[ProgramId, CampaignId]
) -> dict[str, float]:
    await _wait_until_idle(workers)
    postmaster = await find_postmaster(town.connection)
    worker_s, database_s = sum(each.cpu_s() for each in workers), postmaster.cpu_s()
    alone_s = await _broadcast(town, *campaign)
    worker_s = sum(each.cpu_s() for each in workers) - worker_s
    database_s = postmaster.cpu_s() - database_s
    figures = {
        "broadcast_members": size.members,
        "broadcast_s": round(alone_s, 2),
        "broadcast_members_per_s": round(size.members / alone_s, 1),
        "broadcast_worker_cpu_us": round(1e6 * worker_s / size.members, 1),
        "broadcast_database_cpu_us": round(1e6 * database_s / size.members, 1),
        "broadcast_sent_meanwhile": await town.connection.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent'"),
    }
    say(f"{size.members} members in {alone_s:.1f} s")
    return figures if not size.posts_per_s else figures | await _measure_beside(town, size, api, campaign, alone_s)


async def _measure_beside(
    town: Town, size: Size, api: Served, campaign: tuple[ProgramId, CampaignId], alone_s: float
) -> dict[str, float]:
    # Written before the clock starts, and enough for a run that is braked hard.
    count = int(size.posts_per_s * (30 * alone_s + 60))
    requests = iter(town.phones.write_posts(count, 1).requests)
    rest, busy = Posted(), Posted()
    async with steady_load(api.port, requests, size.posts_per_s, rest):
        await asyncio.sleep(_REST_S)
    async with steady_load(api.port, _checked(requests), size.posts_per_s, busy):
        loaded_s = await _broadcast(town, *campaign)
    if refused := rest.refused + busy.refused:
        raise RuntimeError(f"a post was refused: {refused[0]!r}")
    return {
        "broadcast_locate_p99_ratio": round(_p99(busy) / _p99(rest), 2),
        "broadcast_rest_p99_ms": round(1000 * _p99(rest), 2),
        "broadcast_busy_p99_ms": round(1000 * _p99(busy), 2),
        "broadcast_beside_posts_per_s": round(size.members / loaded_s, 1),
    }


async def _wait_until_idle(workers: Sequence[Served]) -> None:
    """They have started, and nothing is left to do."""
    while True:
        before_s = [each.cpu_s() for each in workers]
        await asyncio.sleep(_LOOKS_S)
        taken_s = [each.cpu_s() - cpu_s for each, cpu_s in zip(workers, before_s, strict=True)]
        if all(before_s) and max(taken_s) < _IDLE_CPUS * _LOOKS_S:
            return


async def _broadcast(town: Town, program_id: ProgramId, campaign_id: CampaignId) -> float:
    """Seconds until all have been decided on and have their coupons."""
    run_id, now = CampaignRunId(new_id()), utc_now()
    run = NewRun(
        id=run_id,
        program_id=program_id,
        campaign_id=campaign_id,
        occasion=str(run_id),
        due_at=now,
        speed=AtOnce(),
        created_at=now,
    )
    await runs_repository.insert_run(town.connection, run)
    while (found := await runs_repository.find_run(town.connection, program_id, campaign_id, run_id)) is not None:
        if found.ended_at is not None:
            break
        await asyncio.sleep(_POLL_S)
    assert found is not None
    if set(found.outcomes) != {"issued"}:
        raise RuntimeError(f"not everybody was given a coupon: {json.dumps(dict(found.outcomes))}")
    return (utc_now() - now).total_seconds()


async def _write_campaign(town: Town, program_id: ProgramId) -> CampaignId:
    place = coupon_town.Town(program_id=program_id, store_ids=[], till_ids=[], member_ids=[], device_ids=[])
    async with town.connection.transaction():
        campaign = await coupon_town.write_campaign(
            town.connection, place, trigger=Broadcast(), frequency="once", allow_anonymous=True
        )
    return campaign.id


def _checked(requests: Iterator[bytes]) -> Iterator[bytes]:
    """Raises RuntimeError rather than let the load end unseen."""
    yield from requests
    raise RuntimeError("the broadcast took longer than there were posts for")


def _p99(posted: Posted) -> float:
    ranked = sorted(posted.latencies_s)
    return ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]
