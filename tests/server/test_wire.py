"""Answers leave in one piece, whole and in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from server.wire import JoiningProtocol

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
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


async def test_head_and_body_come_in_one_piece_and_the_connection_is_kept() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(request("/short"))
            answer = await reader.read(65_536)  # what one system call of the server's sent
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\nhello")
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
