"""How long phones wait for an upload of theirs now: told by every process that serves them, once a second, to whoever
has work that can wait.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from kit.database import Connection, Pool, connect
from kit.ids import new_id
from kit.rounds import run_rounds
from kit.sql import load_queries

QUERIES = load_queries(__file__, "pulses.sql")

EVERY_S = 1.0
# Long enough that a hundredth of some hundred uploads is one, and short enough to be of now.
WINDOW_S = 4.0
_MOST = 5000
_FEWEST = 20
_FRESH_S = 3.0


class Pulse:
    """Of one process."""

    def __init__(self) -> None:
        self._process_id = new_id()
        # The last ones, in arrays: to sort as many objects once a second held the loop for a millisecond or two.
        self._noted_at = np.full(_MOST, -np.inf)
        self._waits = np.zeros(_MOST)
        self._next = 0

    def note(self, seconds: float) -> None:
        self._noted_at[self._next] = time.monotonic()
        self._waits[self._next] = seconds
        self._next = (self._next + 1) % _MOST

    def measure(self) -> tuple[int, float] | None:
        """How many uploads there were lately, and what the slowest hundredth of them waited at least (ms); None for too
        few to say.
        """
        lately = self._waits[self._noted_at > time.monotonic() - WINDOW_S]
        if len(lately) < _FEWEST:
            return None
        place = len(lately) * 99 // 100
        return len(lately), 1000 * float(np.partition(lately, place)[place])

    async def tell(self, pool: Pool) -> None:
        """Raises DatabaseUnavailable."""
        measured = self.measure()
        if measured is not None:
            async with connect(pool) as conn:
                await conn.execute(QUERIES.tell_pulse, self._process_id, *measured)


PULSE = Pulse()


async def read_slowest_pulse(conn: Connection) -> float | None:
    """The p99 of uploads (ms) in the process that is slowest now; None where none serves enough of them to say."""
    slowest: float | None = await conn.fetchval(QUERIES.read_slowest_pulse, _FRESH_S)
    return slowest


async def purge_pulses(conn: Connection) -> None:
    """Of processes that are no more."""
    await conn.execute(QUERIES.purge_pulses)


@asynccontextmanager
async def telling(pool: Pool) -> AsyncIterator[None]:
    """Tell it as long as the block lasts."""
    stop = asyncio.Event()

    async def once() -> float:
        await PULSE.tell(pool)
        return EVERY_S

    task = asyncio.create_task(run_rounds({"pulse.": once}, stop=stop, first_wait_s=EVERY_S, longest_wait_s=EVERY_S))
    try:
        yield
    finally:
        stop.set()
        await task
