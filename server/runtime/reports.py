"""Where reports are read: on a standby, once it has all that was there when they were asked for; else on the primary.

So a report is never older than its question, and shows what whoever asks has just changed (ADR 0127).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import TypeVar

import asyncpg
import structlog

from kit.database import Connection, DatabaseUnavailable, Pool, close_pool, connect, in_statement, open_pool
from kit.sql import load_queries
from server.runtime.metrics import REPLICA_LAG_S, REPORTS

QUERIES = load_queries(__file__, "reports.sql")
SETTING = "NOREN_REPORTS_DATABASE_URL"
CONNECTIONS = 4
# A standby that keeps up is some milliseconds behind.
PATIENCE_S = 1.0
_LOOK_EVERY_S = 0.02
_TRY_AGAIN_S = 10.0

R = TypeVar("R")

log = structlog.get_logger()


class Reports:
    """Holds the pool on the standby, which may be away when the server starts."""

    def __init__(self, primary: Pool, url: str | None) -> None:
        self._primary, self._url = primary, url
        self._standby: Pool | None = None
        self._opening = asyncio.Lock()
        self._tried_at_s = float("-inf")

    async def read(self, work: Callable[[Connection], Awaitable[R]]) -> R:
        """`work` only reads, and may be run again from its beginning. Raises DatabaseUnavailable where the primary is
        away: without it nobody knows what a standby lacks.
        """
        if self._url is not None:
            with suppress(DatabaseUnavailable):
                standby = await self._find_level()
                if standby is not None:
                    found = await in_statement(standby, work)
                    REPORTS.labels("standby").inc()
                    return found
        REPORTS.labels("primary").inc()
        return await in_statement(self._primary, work)

    async def close(self) -> None:
        if self._standby is not None:
            await close_pool(self._standby)

    async def measure(self) -> None:
        """How far the standby is behind: without end where it is away, or none of ours."""
        if self._url is not None:
            lag_s = inf
            with suppress(DatabaseUnavailable):
                lag_s = await self._measure_lag()
            REPLICA_LAG_S.set(lag_s)

    async def _measure_lag(self) -> float:
        standby = await self._open()
        if standby is None:
            return inf
        wanted, reached = await _read(self._primary, QUERIES.read_position), await _read(standby, QUERIES.read_replayed)
        if not _is_of(reached, wanted):
            return inf
        return 0.0 if _is_level(reached, wanted) else reached["lag_s"] or 0.0

    async def _find_level(self) -> "Pool | None":
        """The pool on the standby, once that has all that the primary has now; None where it takes too long."""
        standby = await self._open()
        if standby is None:
            return None
        wanted = await _read(self._primary, QUERIES.read_position)
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            reached = await _read(standby, QUERIES.read_replayed)
            if _is_level(reached, wanted):
                return standby
            if not _is_of(reached, wanted):
                return None
            await asyncio.sleep(_LOOK_EVERY_S)
        return None

    async def _open(self) -> "Pool | None":
        async with self._opening:
            if self._standby is None and time.monotonic() - self._tried_at_s > _TRY_AGAIN_S:
                self._tried_at_s = time.monotonic()
                try:
                    self._standby = await open_pool(self._url or "", max_size=CONNECTIONS, setting=SETTING)
                except DatabaseUnavailable as error:
                    log.warning("reports.standby_away", reason=str(error))
            return self._standby


@asynccontextmanager
async def open_reports(primary: Pool, url: str | None) -> AsyncIterator[Reports]:
    reports = Reports(primary, url)
    try:
        yield reports
    finally:
        await reports.close()


async def _read(pool: Pool, query: str) -> asyncpg.Record:
    async with connect(pool) as conn:
        row = await conn.fetchrow(query)
    assert row is not None
    return row


def _is_level(reached: asyncpg.Record, wanted: asyncpg.Record) -> bool:
    return _is_of(reached, wanted) and reached["position"] >= wanted["position"]


def _is_of(reached: asyncpg.Record, wanted: asyncpg.Record) -> bool:
    """Whether it is a standby, of this database, and not one that was left behind at a failover."""
    is_same = (reached["system"], reached["timeline"]) == (wanted["system"], wanted["timeline"])
    return is_same and reached["position"] is not None
