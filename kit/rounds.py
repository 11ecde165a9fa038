"""Work in rounds until asked to stop, whatever fails in between."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import Counter, Gauge

from kit import tracing
from kit.database import DatabaseUnavailable, describe_failure

log = structlog.get_logger()

_ROUNDS = Counter("noren_rounds", "Rounds of background work, by what became of them", ["task", "outcome"])
_LAST_DONE = Gauge(
    "noren_round_last_done_timestamp_seconds", "When a task last did its round", ["task"], multiprocess_mode="max"
)

# One round of a task; it returns how many seconds the next round has time.
Round = Callable[[], Awaitable[float]]


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """So long, or until `stop` is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def run_rounds(
    tasks: Mapping[str, Round], *, stop: asyncio.Event, first_wait_s: float, longest_wait_s: float
) -> None:
    """Do a round of each task, one after the other, again and again until `stop` is set.

    The key of a task is the prefix of its log events (`failing`, `recovered`). A fault ends nothing and keeps no other
    task from its round; the next round then waits `first_wait_s`, and twice as long after each that has a fault again.
    """
    watched = [_WatchedTask(events, once) for events, once in tasks.items()]
    wait_s = first_wait_s
    while not stop.is_set():
        rests = [await task.run() for task in watched]
        if any(rest_s is None for rest_s in rests):
            await pause(stop, wait_s)
            wait_s = min(longest_wait_s, wait_s * 2)
            continue
        wait_s = first_wait_s
        rest_s = min(rest_s for rest_s in rests if rest_s is not None)
        if rest_s > 0:
            await pause(stop, rest_s)


class _WatchedTask:
    """An outage lasts many rounds and is worth one line."""

    def __init__(self, events: str, once: Round) -> None:
        self._failing_event, self._recovered_event = f"{events}failing", f"{events}recovered"
        self._once = once
        self._failing = ""
        task = events.rstrip("._")
        self._span_name = f"round {task}"
        self._done, self._failed = _ROUNDS.labels(task, "done"), _ROUNDS.labels(task, "failed")
        self._last_done = _LAST_DONE.labels(task)

    async def run(self) -> float | None:
        """What the round returned; None where it failed."""
        try:
            with tracing.span(self._span_name):
                rest_s = await self._once()
        except Exception as error:
            self._failed.inc()
            if self._failing != type(error).__name__:
                self._failing = type(error).__name__
                is_away = isinstance(error, DatabaseUnavailable)
                described = {"cause": str(error)} if is_away else describe_failure(error)
                log.warning(self._failing_event, error=self._failing, **described)
            return None
        if self._failing:
            log.info(self._recovered_event, after=self._failing)
        self._failing = ""
        self._done.inc()
        self._last_done.set_to_current_time()
        return rest_s
