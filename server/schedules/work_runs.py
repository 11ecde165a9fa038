"""The worker's part in runs: it finds what is due, cuts it into parts and walks them. Any number of workers may."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

import structlog

from coupons.campaigns import runs_repository
from coupons.campaigns.campaign import Campaign
from coupons.campaigns.runs import NewRun, Part
from coupons.campaigns.timed_triggers import SweptTrigger
from ids import CampaignId, CampaignRunId
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.rounds import Round, pause, run_rounds
from server.runtime.pulse import read_slowest_pulse
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.schedules.brake import Brake
from server.schedules.find_due import find_due_runs
from server.schedules.follow_up import BATCH_STEPS, follow_up_some
from server.schedules.plan_runs import plan_next_run
from server.schedules.populations import read_program_zones
from server.schedules.sweep_events import Mark, sweep_campaign
from server.schedules.walk import BATCH_MEMBERS, walk_batch

# While one batch is with the database, the next is made.
LANES = 2
_EVERY_S = 1.0
_LONGEST_WAIT_S = 60.0

log = structlog.get_logger()


async def run_schedules(pool: Pool, keeper: SnapshotKeeper, stop: asyncio.Event) -> None:
    """Until `stop` is set."""
    schedules = Schedules(pool, keeper, stop)
    lanes: dict[str, Round] = {f"runs.{lane}.": schedules.walk for lane in range(LANES)}
    async with asyncio.TaskGroup() as group:
        each_round = {
            "schedules.": schedules.find_and_sweep,
            "brake.": schedules.measure,
            "follow_ups.": schedules.follow_up,
            **lanes,
        }
        for name, once in each_round.items():
            rounds = run_rounds({name: once}, stop=stop, first_wait_s=_EVERY_S, longest_wait_s=_LONGEST_WAIT_S)
            group.create_task(rounds)


class Schedules:
    """One worker's. Each method is a round, and answers how many seconds the next has time."""

    def __init__(self, pool: Pool, keeper: SnapshotKeeper, stop: asyncio.Event) -> None:
        self._pool, self._keeper, self._stop = pool, keeper, stop
        self._brake = Brake()
        self._p99_ms: float | None = None
        # Occasions that are there already: to write them every second would be all that an idle worker does.
        self._known: set[tuple[CampaignId, str]] = set()

    async def find_and_sweep(self) -> float:
        """What is due becomes runs, cut into parts; what has happened to members is answered; what is over is ended."""
        now = utc_now()
        campaigns = [each for of_program in self._keeper.current.campaigns.values() for each in of_program]
        await self._begin_due(campaigns)
        while await in_transaction(self._pool, partial(plan_next_run, now=now)):
            pass
        for campaign in campaigns:
            if isinstance(campaign.trigger, SweptTrigger):
                await self._sweep(campaign)
        for run_id in await in_transaction(self._pool, partial(runs_repository.end_runs, now=now)):
            log.info("run.done", run_id=str(run_id))
        return _EVERY_S

    async def measure(self) -> float:
        async with connect(self._pool) as conn:
            self._p99_ms = await read_slowest_pulse(conn)
        self._brake.measure(self._p99_ms, time.monotonic())
        return _EVERY_S

    async def follow_up(self) -> float:
        """What is to come after coupons by now, making way for phones as runs do."""
        while not self._stop.is_set() and not self._brake.must_rest(self._p99_ms):
            began_s = time.monotonic()
            most = self._brake.batch(BATCH_STEPS)
            snapshot, now = self._keeper.current, utc_now()
            if not await in_transaction(self._pool, partial(follow_up_some, snapshot=snapshot, now=now, most=most)):
                break
            self._brake.note_walk(time.monotonic())
            await pause(self._stop, self._brake.pause_s(time.monotonic() - began_s))
        return _EVERY_S

    async def walk(self) -> float:
        """A lane takes parts that are due, one after another."""
        resting: list[CampaignRunId] = []
        while not self._stop.is_set() and not self._brake.must_rest(self._p99_ms):
            part = await in_transaction(self._pool, lambda conn: runs_repository.lease_part(conn, utc_now(), resting))
            if part is None:
                break
            if not await self._walk_part(part):
                resting.append(part.run_id)
        return _EVERY_S

    async def _walk_part(self, part: Part) -> bool:
        """False where the run rests now."""
        standing = "on"
        try:
            while standing == "on" and not self._stop.is_set():
                began_s = time.monotonic()
                self._brake.note_walk(began_s)
                most = self._brake.batch(BATCH_MEMBERS)
                step = await in_transaction(
                    self._pool,
                    partial(walk_batch, snapshot=self._keeper.current, part=part, now=utc_now(), most=most),
                )
                part, standing = step.part, step.standing
                took_s = time.monotonic() - began_s
                self._brake.note_walk(time.monotonic())
                await pause(self._stop, self._brake.pause_s(took_s))
        finally:
            if standing != "done":
                await in_transaction(self._pool, partial(runs_repository.release_part, part=part))
        return standing != "resting"

    async def _begin_due(self, campaigns: Sequence[Campaign]) -> None:
        programs = sorted({each.program_id for each in campaigns})
        async with connect(self._pool) as conn:
            zones = await read_program_zones(conn, programs)
        due = find_due_runs(campaigns, self._keeper.current.stores, zones, utc_now())
        keys = {(run.campaign_id, run.occasion) for run in due}
        new = [run for run in due if (run.campaign_id, run.occasion) not in self._known]
        if new:
            await in_transaction(self._pool, partial(_insert, runs=new))
        self._known = keys

    async def _sweep(self, campaign: Campaign) -> None:
        mark: Mark | None = None
        while not self._stop.is_set():
            mark = await in_transaction(
                self._pool,
                partial(sweep_campaign, snapshot=self._keeper.current, campaign=campaign, now=utc_now(), mark=mark),
            )
            if mark is None:
                return


async def _insert(conn: Connection, runs: Sequence[NewRun]) -> None:
    for run in runs:
        await runs_repository.insert_run(conn, run)
