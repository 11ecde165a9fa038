"""An open-loop load: every post has a time at which it is due, whatever became of the ones before it.

Users do not wait for each other. A closed loop does: while the server stalls it asks nothing, and the stall counts as
one slow answer instead of as many ("coordinated omission"; G. Tene, "How NOT to Measure Latency"). Here the posts are
due at even steps, and a latency runs from then: what a stall holds up counts, in flight or still waiting to be sent.
"""

import asyncio
import time
from collections.abc import Sequence

from bench.answers import Judge
from bench.client import Client, Load, Run, run_through

# More than can be in flight as long as answers take less than a tenth of a second. Where all are busy, posts wait here
# for the next free one and their time runs.
CONNECTIONS = 512
# The loop's timers know milliseconds only.
_TICK_S = 0.001


async def run_paced(
    address: tuple[str, int],
    requests: Sequence[bytes],
    judge: Judge,
    posts_per_s: float,
    *,
    connections: int = CONNECTIONS,
) -> Run:
    """Post each request once, at that rate; every answer is waited for. Raises BrokenLoad."""
    seconds = len(requests) / posts_per_s
    return await run_through(_PacedLoad(requests, judge, posts_per_s), address, connections, seconds)


class _PacedLoad(Load):
    def __init__(self, requests: Sequence[bytes], judge: Judge, posts_per_s: float) -> None:
        super().__init__(judge)
        self._requests, self._posts_per_s = requests, posts_per_s
        self._loop = asyncio.get_running_loop()
        self._began_at = 0.0
        self._sent_count = 0
        self._answered_count = 0
        self._free: list[Client] = []

    def start(self, clients: Sequence[Client], now: float) -> None:
        self._began_at = now
        self._free = list(clients)
        self._tick(now)

    def go_on(self, client: Client, now: float) -> None:
        self._answered_count += 1
        self._free.append(client)
        self._send_due(now)
        if self._answered_count == len(self._requests):
            self.finish()

    def lose(self, client: Client) -> None:
        if client in self._free:
            self._free.remove(client)

    def _tick(self, now: float) -> None:
        self._send_due(now)
        if self._sent_count < len(self._requests) and not self.finished.done():
            self._loop.call_later(_TICK_S, lambda: self._tick(time.perf_counter()))

    def _send_due(self, now: float) -> None:
        due_count = min(len(self._requests), int((now - self._began_at) * self._posts_per_s) + 1)
        while self._sent_count < due_count and self._free:
            due_at = self._began_at + self._sent_count / self._posts_per_s
            self.run.lags_s.append(now - due_at)
            self._free.pop().post(self._sent_count, self._requests[self._sent_count], due_at)
            self._sent_count += 1
