"""Work in rounds until asked to stop, whatever fails in between."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from kit.database import DatabaseUnavailable, describe_failure

log = structlog.get_logger()


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """So long, or until `stop` is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def run_rounds(
    once: Callable[[], Awaitable[float]],
    events: str,
    *,
    stop: asyncio.Event,
    first_wait_s: float,
    longest_wait_s: float,
) -> None:
    """Until `stop` is set. `once` is a round, and answers how many seconds the next one has time.

    No fault ends it: it logs (as `events` + failing, recovered), waits, each time twice as long, and goes on.
    """
    warned, recovered = f"{events}failing", f"{events}recovered"
    wait_s, failing = first_wait_s, ""
    while not stop.is_set():
        try:
            rest_s = await once()
        except Exception as error:
            # An outage lasts many rounds and is worth one line.
            if failing != type(error).__name__:
                failing = type(error).__name__
                told = {} if isinstance(error, DatabaseUnavailable) else describe_failure(error)
                log.warning(warned, error=failing, **told)
            await pause(stop, wait_s)
            wait_s = min(longest_wait_s, wait_s * 2)
            continue
        if failing:
            log.info(recovered, after=failing)
        wait_s, failing = first_wait_s, ""
        if rest_s > 0:
            await pause(stop, rest_s)
