"""What Tile38 is told and what is heard from it, against a small double."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from bench.answers import expect_oks
from bench.city import Fences, make_fences, make_walkers
from bench.posts import Phones, Posts
from bench.resp import RespClient, RespError, encode, read_reply
from bench.tile38 import Listener, connected, write_pipelines
from devtools.apt import SetupError
from tests.support.tile38_double import Tile38Double


@asynccontextmanager
async def served(double: Tile38Double) -> AsyncIterator[tuple[str, int]]:
    server = await asyncio.start_server(double.answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()


def make_city(count: int) -> tuple[Fences, Phones]:
    rng = np.random.default_rng(5)
    fences = make_fences(count, rng)
    return fences, Phones(make_walkers(40, fences, rng), fences, [f"token-{n}" for n in range(40)], 0, rng)


def read(written: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(written)
    reader.feed_eof()
    return reader


def test_a_command_is_an_array_of_bulk_strings() -> None:
    assert encode("SET", "fleet", 1.5, "東") == b"*4\r\n$3\r\nSET\r\n$5\r\nfleet\r\n$3\r\n1.5\r\n$3\r\n\xe6\x9d\xb1\r\n"


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        (b"+OK\r\n", "OK"),
        (b":-3\r\n", -3),
        (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        (b"$-1\r\n", None),
        (b"*2\r\n*1\r\n:1\r\n$0\r\n\r\n", [[1], b""]),
    ],
)
async def test_every_kind_of_reply_is_read(written: bytes, reply: object) -> None:
    assert await read_reply(read(written)) == reply


@pytest.mark.parametrize("written", [b"-ERR no such command\r\n", b"HTTP/1.1 400\r\n", b"$9\r\nshort\r\n", b""])
async def test_anything_else_is_an_error(written: bytes) -> None:
    with pytest.raises(RespError):
        await read_reply(read(written))


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"", None),
        (b"+OK\r\n+O", None),
        (b"+OK\r\n+OK\r\n", True),
        (b"+OK\r\n-ERR", False),
        (b"+OK\r\n+OK\r\n+OK\r\n", False),
    ],
)
def test_a_pipeline_is_good_when_every_command_is(answer: bytes, verdict: bool | None) -> None:
    assert expect_oks(2)(answer) is verdict


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_counts_once_however_it_is_cut(size: int) -> None:
    listener = Listener()
    stream = encode("pmessage", "noren-bench:*", "noren-bench:1", "{}") * 5
    for start in range(0, len(stream), size):
        listener.data_received(stream[start : start + size])
    assert listener.event_count == 5


def test_a_pipeline_tells_the_moves_of_its_post() -> None:
    _, phones = make_city(20)
    posts = phones.write_posts(3, 2)
    first = write_pipelines(posts)[0]
    assert first.count(b"*6\r\n$3\r\nSET\r\n") == 2
    for lat, lon in zip(posts.lats[0], posts.lons[0], strict=True):
        assert f'"lat":{lat:.6f},"lon":{lon:.6f}'.encode() in posts.requests[0]
        assert b"POINT\r\n$9\r\n%.6f\r\n$10\r\n%.6f\r\n" % (lat, lon) in first


async def test_it_knows_all_fences_hears_events_and_forgets() -> None:
    fences, phones = make_city(20)
    posts: Posts = phones.write_posts(50, 10)
    double = Tile38Double()
    async with served(double) as address, connected(address) as tile38:
        await tile38.draw(fences)
        assert [watch[0] for watch in double.channels.values()].count("NEARBY") == 10
        assert [watch[-2] for watch in double.channels.values()].count("OBJECT") == 10
        run, events = await tile38.saturate(posts, 0.2)
        before = len(double.dropped)
    assert run.refused == []
    assert len(double.moves) == 10 * len(run.accepted) > 0
    assert 0 < events <= len(double.moves) * 10
    assert len(double.dropped) == before + 2


async def test_nobody_there_is_said() -> None:
    async with served(Tile38Double()) as address:
        pass
    with pytest.raises(SetupError, match="no Tile38 at"):
        async with connected(address):
            pass


async def test_an_error_of_the_server_is_raised() -> None:
    async with served(Tile38Double()) as address:
        client = await RespClient.connect(*address)
        with pytest.raises(RespError, match="unknown command"):
            await client.ask("NOSUCH")
        await client.close()
