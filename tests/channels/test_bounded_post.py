"""Answers that never end, over a real socket."""

import asyncio

import httpx
import pytest

from channels.bounded_post import MOST_ANSWER_BYTES, post

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"


@pytest.mark.parametrize(("piece", "pause_s"), [(b"x", 0.01), (b"x" * 65536, 0.0)])
async def test_an_answer_ends_in_its_time_and_at_its_size(piece: bytes, pause_s: float) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        try:
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, httpx.AsyncClient(timeout=30) as client:
        if pause_s:  # each piece comes in time, and the whole never
            with pytest.raises(httpx.ReadTimeout):
                await post(client, url, within_s=0.3)
        else:
            assert len((await post(client, url, within_s=30)).body) == MOST_ANSWER_BYTES
        server.close()
