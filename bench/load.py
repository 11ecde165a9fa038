"""A closed-loop load: so many keep-alive connections, each of which posts again as soon as it has its answer.

Written for little work a request, so that it is not what is measured: requests are bytes made beforehand, an answer is
looked at only as far as its length, its status and its first bytes.
"""

import asyncio
import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

CONNECTIONS = 64
# Answers may take that long after the last post was sent, before the run is given up.
_PATIENCE_S = 60.0


class BrokenLoad(Exception):
    """The server closed a connection or fell silent: what was measured until then means nothing."""


@dataclass
class Run:
    """`accepted` are the positions of the posts whose answer was 200 and began as it should; `refused` is how the
    others began. Latencies are from send to answer, of all."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)

    @property
    def posts_per_s(self) -> float:
        return len(self.accepted) / self.seconds

    def latency_ms(self, share: float) -> float:
        """The latency that this share of the answers did not exceed."""
        ranked = sorted(self.latencies_s)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000


async def run_load(
    port: int, requests: Iterable[bytes], answer_start: bytes, seconds: float, *, connections: int = CONNECTIONS
) -> Run:
    """Post each request at most once, in order, until the time is over or none is left; every answer is waited for.

    Raises BrokenLoad.
    """
    loop = asyncio.get_running_loop()
    load = _Load(requests, answer_start)
    clients = [(await loop.create_connection(lambda: _Client(load), "127.0.0.1", port))[1] for _ in range(connections)]
    gc.collect()
    gc.disable()
    try:
        started = load.start(seconds, clients)
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


class _Load:
    """What the connections of one run share."""

    def __init__(self, requests: Iterable[bytes], answer_start: bytes) -> None:
        self.run = Run()
        self.answer_start = answer_start
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue: Iterator[tuple[int, bytes]] = iter(enumerate(requests))
        self._deadline = 0.0
        self._busy_count = 0

    def start(self, seconds: float, clients: Sequence["_Client"]) -> float:
        now = time.perf_counter()
        self._deadline = now + seconds
        self._busy_count = len(clients)
        for client in clients:
            client.post_next(now)
        return now

    def next_post(self, now: float) -> tuple[int, bytes] | None:
        post = next(self._queue, None) if now < self._deadline else None
        if post is None:
            self._busy_count -= 1
            if self._busy_count == 0 and not self.finished.done():
                self.finished.set_result(None)
        return post

    def fail(self, reason: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(BrokenLoad(reason))


class _Client(asyncio.Protocol):
    __slots__ = ("_load", "_position", "_sent_at", "_transport", "_unread")

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._unread = b""
        self._position = -1
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one, but not by inheritance

    def post_next(self, now: float) -> None:
        post = self._load.next_post(now)
        if post is not None:
            self._position = post[0]
            self._sent_at = now
            self._transport.write(post[1])

    def data_received(self, chunk: bytes) -> None:
        answer = self._unread + chunk if self._unread else chunk
        body_at = find_body(answer)
        if body_at is None:
            self._unread = answer
            return
        self._unread = b""
        now = time.perf_counter()
        run = self._load.run
        run.latencies_s.append(now - self._sent_at)
        if answer.startswith(b"HTTP/1.1 200") and answer.startswith(self._load.answer_start, body_at):
            run.accepted.append(self._position)
        else:
            run.refused.append(answer[:200])
        self.post_next(now)

    def connection_lost(self, _: Exception | None) -> None:
        self._load.fail("the server closed a connection")

    def close(self) -> None:
        self._transport.close()


def find_body(message: bytes) -> int | None:
    """Where the body begins of a message that is there as a whole; None for one that is not. Raises BrokenLoad."""
    head_end = message.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    at = message.find(b"content-length: ", 0, head_end + 2)
    if at < 0:
        raise BrokenLoad("a message without a content-length")
    length = int(message[at + 16 : message.index(b"\r", at)])
    body_at = head_end + 4
    return body_at if len(message) >= body_at + length else None
