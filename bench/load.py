"""A closed-loop load: so many connections, each of which posts again as soon as it has its answer."""

from collections.abc import Iterable, Iterator, Sequence

from bench.answers import Judge
from bench.client import Client, Load, Run, run_through

# A phone each. With fewer the loop waits for commits more than it works: beside decode_only Noren took 0.2 of the posts
# with 16, 0.4 with 64 and 0.7 with 256, while decode_only took as many with 64 as with 256.
CONNECTIONS = 256


async def run_load(
    address: tuple[str, int],
    requests: Iterable[bytes],
    judge: Judge,
    seconds: float,
    *,
    connections: int = CONNECTIONS,
) -> Run:
    """Post each request at most once, in order, until the time is over or none is left; every answer is waited for.

    Raises BrokenLoad.
    """
    return await run_through(_ClosedLoad(requests, judge, seconds), address, connections, seconds)


class _ClosedLoad(Load):
    def __init__(self, requests: Iterable[bytes], judge: Judge, seconds: float) -> None:
        super().__init__(judge)
        self._queue: Iterator[tuple[int, bytes]] = iter(enumerate(requests))
        self._seconds = seconds
        self._deadline = 0.0
        self._busy_count = 0

    def start(self, clients: Sequence[Client], now: float) -> None:
        self._deadline = now + self._seconds
        self._busy_count = len(clients)
        for client in clients:
            self.go_on(client, now)

    def go_on(self, client: Client, now: float) -> None:
        post = next(self._queue, None) if now < self._deadline else None
        if post is not None:
            client.post(post[0], post[1], now)
            return
        self._busy_count -= 1
        if self._busy_count == 0:
            self.finish()

    def lose(self, client: Client) -> None:
        """It is idle only because its time is over."""
