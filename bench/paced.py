"""A load of so many posts a second, whatever the server does: each post has its time, and waits for no other."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from bench.load import find_body

CONNECTIONS = 16


class Paced:
    """What came of it until now: latencies from the intended time, and the answers that were not 200."""

    def __init__(self) -> None:
        self.latencies_s: list[float] = []
        self.refused: list[bytes] = []


@asynccontextmanager
async def paced_load(port: int, requests: Iterator[bytes], posts_per_s: float, paced: Paced) -> AsyncIterator[None]:
    """Post while the block runs, and note in `paced` what comes of it."""
    interval_s = CONNECTIONS / posts_per_s
    posting = [
        asyncio.create_task(_post(port, requests, interval_s, number * interval_s / CONNECTIONS, paced))
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


async def _post(port: int, requests: Iterator[bytes], interval_s: float, delay_s: float, paced: Paced) -> None:
    due_s = time.monotonic() + delay_s
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(writer):
            for request in requests:
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                answer = await _ask(reader, writer, request)
                paced.latencies_s.append(time.monotonic() - due_s)
                due_s += interval_s
                if not answer.startswith(b"HTTP/1.1 200"):
                    paced.refused.append(answer[:200])
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
