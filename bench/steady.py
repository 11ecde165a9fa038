"""A load in the background, of so many posts a second, for as long as something else is measured.

It outlives what `bench.pace` gives up at: a 503, a connection that the server closed.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from bench.answers import find_body

CONNECTIONS = 16


class Posted:
    """What came of it until now: latencies from the intended time, and the answers that were not 200."""

    def __init__(self) -> None:
        self.latencies_s: list[float] = []
        self.refused: list[bytes] = []


@asynccontextmanager
async def steady_load(port: int, requests: Iterator[bytes], posts_per_s: float, posted: Posted) -> AsyncIterator[None]:
    """Post while the block runs, and note in `posted` what comes of it."""
    interval_s = CONNECTIONS / posts_per_s
    posting = [
        asyncio.create_task(_post(port, requests, interval_s, number * interval_s / CONNECTIONS, posted))
        for number in range(CONNECTIONS)
    ]
    try:
        yield
    finally:
        for task in posting:
            task.cancel()
        outcomes = await asyncio.gather(*posting, return_exceptions=True)
    if failures := [each for each in outcomes if isinstance(each, Exception)]:
        raise failures[0]


async def _post(port: int, requests: Iterator[bytes], interval_s: float, delay_s: float, posted: Posted) -> None:
    due_s = time.monotonic() + delay_s
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(writer):
            for request in requests:
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                answer = await _ask(reader, writer, request)
                posted.latencies_s.append(time.monotonic() - due_s)
                due_s += interval_s
                if not answer.startswith(b"HTTP/1.1 200"):
                    posted.refused.append(answer[:200])
                if not answer:  # a server hangs up on who was silent for 5 s, as all are where the machine stood still
                    break
            else:
                return


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """The whole answer; nothing where the server has closed the connection."""
    answer = b""
    try:
        writer.write(request)
        while find_body(answer) is None:
            if not (some := await reader.read(65_536)):
                return b""
            answer += some
    except ConnectionError:
        return b""
    return answer
