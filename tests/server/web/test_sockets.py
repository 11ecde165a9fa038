"""What only a real socket shows: bodies that are too large, cut off or slow, and a server that goes on all the same."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from kit.database import open_pool
from tests.support.databases import SECRET_KEY
from tests.support.expectations import expect_problem
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.waiting import PATIENCE_S
from tests.support.world import Caller, World, store_body

TEN_MB = 10_000_000


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(TEN_MB // 100_000):
        yield b" " * 100_000


async def send_piece(live: Live, head: str, body: bytes) -> bytes:
    """Send what is less than was announced, and hang up."""
    host, port = live.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answer = b""
    with contextlib.suppress(OSError):  # what is too large is refused before all of it is sent
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()
        writer.write_eof()
    with contextlib.suppress(OSError):
        answer = await asyncio.wait_for(reader.read(65_536), PATIENCE_S)
    writer.close()
    return answer


async def test_large_and_cut_off_bodies(database: str, tmp_path: Path) -> None:
    live = start(database, SECRET_KEY, tmp_path / "log")
    with ended(live):
        await wait_until_ready(live)
        pool = await open_pool(database)
        async with live.client() as http:
            chain = await World(http, pool).add_chain()
            member = await chain.enrol()
            for caller, path in ((chain.owner, "/v1/stores"), (member.app, "/v1/locations")):
                await refuse_ten_megabytes(caller, path)
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\nContent-Length: 500"
                await send_piece(live, head, b'{"fixes": [')
                assert (await chain.owner.get("/v1/stores")).json()["items"] == []
            for head in ("GET / HTTP/1.1\r\nX: " + "a" * 200_000, "\0\0\0", "GET /v1/stores HTTP/9.9"):
                assert b" 500 " not in await send_piece(live, head, b"")
            assert (await chain.owner.post("/v1/stores", store_body())).status_code == 201
        await pool.close()
        live.stop()
    assert '"error"' not in live.log.read_text(), live.log.read_text()


async def refuse_ten_megabytes(caller: Caller, path: str) -> None:
    """Announced, and in chunks whose end nobody knows. The server may hang up on what it will not read."""
    answers: list[httpx.Response] = []
    for content in (b" " * TEN_MB, chunks()):
        try:
            headers = {"Content-Type": "application/json"}
            answers.append(await asyncio.wait_for(caller.post(path, content=content, headers=headers), PATIENCE_S))
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            continue
    assert answers, "the server hung up without a word"
    for answer in answers:
        expect_problem(answer, 413, "body-too-large")
