"""Phones that report each push as displayed as soon as they were handed it, for `./run bench latency`."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from bench.answers import find_body
from devtools.apt import SetupError

_CONNECTIONS = 8


@dataclass(frozen=True)
class Handed:
    """A push that the push service has taken, for a device, at a time of day in seconds."""

    device_id: UUID
    push_id: UUID
    at_s: float


@asynccontextmanager
async def report_displayed(port: int, tokens: Mapping[UUID, str]) -> AsyncIterator["asyncio.Queue[Handed]"]:
    """What is put into the queue is reported; at the end all of it has been. `tokens`: of the devices."""
    queue: asyncio.Queue[Handed] = asyncio.Queue()
    reporting = [asyncio.create_task(_report(port, tokens, queue)) for _ in range(_CONNECTIONS)]
    try:
        yield queue
        done = asyncio.create_task(queue.join())
        await asyncio.wait([done, *reporting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in reporting:
            task.cancel()
        outcomes = await asyncio.gather(*reporting, return_exceptions=True)
    if failures := [each for each in outcomes if isinstance(each, Exception)]:
        raise failures[0]


async def _report(port: int, tokens: Mapping[UUID, str], queue: "asyncio.Queue[Handed]") -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(writer):
        while True:
            handed = await queue.get()
            try:
                answer = await _post(reader, writer, handed, tokens[handed.device_id])
            except ConnectionError:  # the server hung up on a phone that was silent
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                answer = await _post(reader, writer, handed, tokens[handed.device_id])
            if not answer.startswith(b"HTTP/1.1 200") or b'"recorded":1' not in answer:
                raise SetupError(f"a report was refused: {answer[-300:]!r}")
            queue.task_done()


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handed: Handed, token: str) -> bytes:
    event = {"push_id": str(handed.push_id), "event": "displayed", "age_s": max(0.0, time.time() - handed.at_s)}
    body = json.dumps({"events": [event]}).encode()
    writer.write(
        b"POST /v1/me/message-events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b" % (token.encode(), len(body), body)
    )
    answer = b""
    while find_body(answer) is None:
        if not (some := await reader.read(65_536)):
            raise ConnectionResetError
        answer += some
    return answer
