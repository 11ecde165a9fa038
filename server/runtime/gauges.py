"""Gauges that somebody must go and read: what waits in the queues, and how many connections a pool lends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from channels.deliveries_repository import MEASURE_STAFF_DELIVERIES
from kit.clock import utc_now
from kit.database import Pool, connect
from kit.leases import Backlog, measure_backlog
from kit.rounds import run_rounds
from outbox.backlogs import MEASURES
from server.runtime.metrics import CONNECTIONS, OVERDUE_S, WAITING
from server.runtime.reports import Reports

# Twice within the shortest usual interval of a scraper.
EVERY_S = 5.0
_QUEUES = MEASURES | {"staff_deliveries": MEASURE_STAFF_DELIVERIES}


def measure_pool(name: str, pool: Pool) -> None:
    CONNECTIONS.labels(name, "open").set(pool.get_size())
    CONNECTIONS.labels(name, "idle").set(pool.get_idle_size())


async def measure_queues(pool: Pool) -> None:
    """Raises DatabaseUnavailable."""
    async with connect(pool) as conn:
        backlogs = {queue: await measure_backlog(conn, query) for queue, query in _QUEUES.items()}
    now = utc_now()
    for queue, backlog in backlogs.items():
        WAITING.labels(queue).set(backlog.count)
        OVERDUE_S.labels(queue).set(overdue_s(backlog, now))


def overdue_s(backlog: Backlog, now: datetime) -> float:
    """0 where nothing is due."""
    return 0.0 if backlog.oldest_due_at is None else max(0.0, (now - backlog.oldest_due_at).total_seconds())


@asynccontextmanager
async def measured(pool: Pool, reports: Reports) -> AsyncIterator[None]:
    """Keep the gauges inside the block. A worker of its own has no /metrics, so the API tells what waits for it."""
    stop = asyncio.Event()

    async def once() -> float:
        measure_pool("api", pool)
        await measure_queues(pool)
        await reports.measure()
        return EVERY_S

    measuring = asyncio.create_task(
        run_rounds({"measuring.": once}, stop=stop, first_wait_s=EVERY_S, longest_wait_s=EVERY_S)
    )
    try:
        yield
    finally:
        stop.set()
        await measuring
