"""Answers leave in one piece, whole and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from server.runtime.wire import JoiningProtocol, _JoiningTransport
from tests.support.waiting import until

LONG = b"x" * 3_000_000


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] != "http":
        return
    parts = {"/short": [b"hello"], "/parts": [b"one ", b"two ", b"three"], "/long": [LONG]}[scope["path"]]
    length = str(sum(map(len, parts))).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    for number, part in enumerate(parts):
        await send({"type": "http.response.body", "body": part, "more_body": number + 1 < len(parts)})
        await asyncio.sleep(0.01)


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=JoiningProtocol, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.told.append(data)

    def close(self) -> None:
        self.told.append("closed")


async def test_what_is_written_in_one_turn_of_the_loop_is_one_write() -> None:
    transport = Recorder()
    joining = _JoiningTransport(transport, asyncio.get_running_loop())
    joining.write(b"head ")
    joining.write(b"body")
    assert transport.told == []
    await asyncio.sleep(0)
    joining.write(b"last")
    joining.close()
    await asyncio.sleep(0)
    assert transport.told == [b"head body", b"last", "closed"]


async def test_a_connection_is_kept_from_answer_to_answer() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(request("/short"))
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
            assert await reader.readexactly(5) == b"hello"
        writer.close()


async def test_parts_pipelined_requests_and_a_long_body_stay_whole_and_in_order() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/parts") + request("/short") + request("/long", "connection: close"))
        answers = await reader.read()
        first, second, third = answers.split(b"HTTP/1.1 200 OK\r\n")[1:]
        assert first.endswith(b"\r\n\r\none two three")
        assert second.endswith(b"\r\n\r\nhello")
        assert third.endswith(b"\r\n\r\n" + LONG)
        writer.close()


async def test_a_client_that_goes_away_in_the_middle_harms_nobody() -> None:
    async with serving() as port:
        for _ in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request("/long"))
            writer.transport.abort()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/short", "connection: close"))
        assert (await reader.read()).endswith(b"hello")
        writer.close()
