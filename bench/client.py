"""What every load has in common: connections that stay, one request at a time on each, and what became of them.

Written for little work a request, so that it is not what is measured: requests are bytes made beforehand, an answer is
looked at only as far as its judge must.
"""

import asyncio
import gc
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from bench.answers import BrokenLoad, Judge

# Answers may take that long after the last post was sent, before the run is given up.
_PATIENCE_S = 60.0


@dataclass
class Run:
    """`accepted` are the positions of the requests whose answer was the hoped-for one; `refused` is how the others
    began. Latencies are of all answers, from when the request was due. `lags_s` is how late each one left after that.
    """

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    lags_s: list[float] = field(default_factory=list)

    @property
    def posts_per_s(self) -> float:
        return len(self.accepted) / self.seconds

    def latency_ms(self, share: float) -> float:
        """The latency that this share of the answers did not exceed."""
        return _ranked(self.latencies_s, share) * 1000

    def lag_ms(self, share: float) -> float:
        return _ranked(self.lags_s, share) * 1000


class Load(ABC):
    """One run: decides what its clients send and when."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.run = Run()
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def start(self, clients: Sequence["Client"], now: float) -> None: ...

    @abstractmethod
    def go_on(self, client: "Client", now: float) -> None:
        """The client has its answer and is free."""

    @abstractmethod
    def lose(self, client: "Client") -> None:
        """The server closed an idle connection, as every server does after a while."""

    def take(self, client: "Client", answer: bytes, *, is_good: bool) -> None:
        now = time.perf_counter()
        self.run.latencies_s.append(now - client.due_at)
        if is_good:
            self.run.accepted.append(client.position)
        else:
            self.run.refused.append(answer[:200])
        self.go_on(client, now)

    def finish(self) -> None:
        if not self.finished.done():
            self.finished.set_result(None)

    def fail(self, reason: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(BrokenLoad(reason))


class Client(asyncio.Protocol):
    """A connection. What is in flight on it has a position among the requests, and was due at a time."""

    __slots__ = ("_is_waiting", "_load", "_transport", "_unread", "due_at", "position")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._is_waiting = False
        self._unread = b""
        self.position = -1
        self.due_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one, but not by inheritance

    def post(self, position: int, request: bytes, due_at: float) -> None:
        self.position, self.due_at, self._is_waiting = position, due_at, True
        self._transport.write(request)

    def data_received(self, chunk: bytes) -> None:
        answer = self._unread + chunk if self._unread else chunk
        is_good = self._load.judge(answer)
        if is_good is None:
            self._unread = answer
            return
        self._unread, self._is_waiting = b"", False
        self._load.take(self, answer, is_good=is_good)

    def connection_lost(self, _: Exception | None) -> None:
        if self._is_waiting:
            self._load.fail("the server closed a connection")
        else:
            self._load.lose(self)

    def close(self) -> None:
        self._transport.close()


async def run_through(load: Load, address: tuple[str, int], connections: int, seconds: float) -> Run:
    """Run a load that takes about so many seconds, until every answer is there. Raises BrokenLoad."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(lambda: Client(load), *address))[1] for _ in range(connections)]
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        load.start(clients, started)
        async with asyncio.timeout(seconds + _PATIENCE_S):
            await load.finished
        load.run.seconds = time.perf_counter() - started
    except TimeoutError:
        raise BrokenLoad("answers are missing") from None
    finally:
        gc.enable()
        for client in clients:
            client.close()
    return load.run


def _ranked(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
