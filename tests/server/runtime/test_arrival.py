"""Half a request, a request without end, too many at once: each has its bound, and who sends a whole one gets in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import pytest
import uvicorn

from server.runtime import arrival, door
from server.runtime.arrival import ArrivingProtocol
from server.runtime.door import Door, Limits
from server.runtime.metrics import DOOR_REFUSALS
from tests.support.waiting import PATIENCE_S, until

WHOLE = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"
HALF = b"POST / HTTP/1.1\r\nhost: local"
FEW = Limits(connections=20, connections_per_address=1000, trusted_networks=("127.0.0.1",))


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    """Answers how much it was sent, once it has all of it."""
    if scope["path"] == "/refused":  # before it has read anything
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message["body"]), message["more_body"]
    if scope["path"] == "/long":
        length = 50_000_000
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * length})
        return
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Sweeping(uvicorn.Server):
    door: Door

    async def on_tick(self, counter: int) -> bool:
        self.door.sweep(self.server_state.connections, asyncio.get_running_loop().time())  # type: ignore[arg-type]
        return await super().on_tick(counter)


@asynccontextmanager
async def serving(limits: Limits = FEW) -> AsyncIterator[int]:
    own = Door(limits)
    http = partial(ArrivingProtocol, own, {})
    server = Sweeping(uvicorn.Config(app, port=0, http=http, log_config=None, lifespan="off", ws="none"))  # type: ignore[arg-type]
    server.door = own
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        while KEPT:
            KEPT.pop().transport.abort()
        server.should_exit = True
        await task


async def send(port: int, *parts: bytes) -> asyncio.StreamReader:
    """Keeps the connection open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    KEPT.append(writer)
    for part in parts:
        try:
            writer.write(part)
            await writer.drain()
        except ConnectionError:
            break
    return reader


KEPT: list[asyncio.StreamWriter] = []


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE_S)
    except ConnectionError:
        return b""


def status_of(answer: bytes) -> int | None:
    return int(answer.split(b" ")[1]) if answer else None


def count(reason: str) -> float:
    return DOOR_REFUSALS.labels(reason)._value.get()  # type: ignore[no-any-return]


async def test_half_a_head_is_refused_in_words_and_silence_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "HEAD_S", 0.3)
    before = count("head_slow")
    async with serving(msgspec.structs.replace(FEW, connections=1000)) as port:
        halves = await asyncio.gather(*(send(port, HALF) for _ in range(100)))
        silent = await send(port)
        assert status_of(await read_answer(await send(port, WHOLE))) == 200
        answers = await asyncio.gather(*(read_answer(each) for each in halves))
        assert {status_of(answer) for answer in answers} == {408}
        assert all(b"urn:noren:problem:request-timeout" in answer for answer in answers)
        assert await read_answer(silent) == b""
    assert count("head_slow") - before == 100


async def test_a_head_that_trickles_has_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "HEAD_S", 0.3)
    before = count("head_slow")
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def trickle() -> None:
            for letter in WHOLE * 1000:
                writer.write(bytes([letter]))
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        # Whoever goes on writing may never read it.
        assert status_of(await read_answer(reader)) in (408, None)
        assert count("head_slow") - before == 1
        trickling.cancel()
        writer.close()


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ([b"GET / HTTP/1.1\r\nX: ", *[b"a" * 100_000] * 100], "head_large"),
        ([b"GET / HTTP/1.1\r\nX: " + b"a" * 17_000 + b"\r\n\r\n"], "head_large"),
        ([b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n\r\n"], "head_large"),
        ([b"GET / HTTP/1.1\r\n", *[b"X: " + b"a" * 10_000 + b"\r\n"] * 7, b"\r\n"], "head_large"),
        ([b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 201 + b"\r\n"], "head_large"),
        ([b"\0\0\0\r\n\r\n"], "malformed"),
        ([b"GET / HTTP/9.9\r\n\r\n"], "malformed"),
    ],
    ids=["endless", "one too long", "path too long", "all too long", "too many", "no request", "no version"],
)
async def test_a_head_beyond_its_bounds_is_refused(head: list[bytes], reason: str) -> None:
    before = count(reason)
    async with serving() as port:
        answer = await read_answer(await send(port, *head))
        if answer:  # what we had not read may have cut it off
            assert status_of(answer) == {"head_large": 431, "malformed": 400}[reason]
        assert status_of(await read_answer(await send(port, WHOLE))) == 200
    assert count(reason) - before == 1


async def test_large_heads_and_bodies_within_the_bounds_are_served() -> None:
    head = b"POST / HTTP/1.1\r\n" + b"".join(b"X-%d: " % n + b"a" * 15_000 + b"\r\n" for n in range(4))
    async with serving() as port:
        whole = head + b"connection: close\r\ncontent-length: 3000000\r\n\r\n" + b"b" * 3_000_000
        assert (await read_answer(await send(port, whole))).endswith(b"\r\n\r\n3000000")
        chunked = b"POST / HTTP/1.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        tiny = [b"1\r\nx\r\n" * 1000] * 300
        assert (await read_answer(await send(port, chunked, *tiny, b"0\r\n\r\n"))).endswith(b"\r\n\r\n300000")


async def test_many_requests_down_one_connection_begin_their_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "HEAD_S", 0.4)
    request = WHOLE.replace(b"connection: close\r\n", b"")
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(6):
            writer.write(request[:20])
            await asyncio.sleep(0.15)
            writer.write(request[20:] + request[:20])
            assert (await reader.readuntil(b"\r\n\r\n5")).startswith(b"HTTP/1.1 200")
            writer.write(request[20:])
            assert (await reader.readuntil(b"\r\n\r\n5")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_body_that_stops_is_refused_and_one_that_goes_on_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "BODY_GRACE_S", 0.3)
    head = b"POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: 4000\r\n\r\n"
    async with serving() as port:
        stopped = await send(port, head + b"a" * 100)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        for _ in range(8):
            writer.write(b"b" * 500)
            await asyncio.sleep(0.1)
        assert (await read_answer(reader)).endswith(b"4000")
        writer.close()
        assert status_of(await read_answer(stopped)) == 408


@pytest.mark.parametrize(
    "endless",
    [b"0\r\n" + b"X: " + b"a" * 10_000_000, b"1;" + b"e" * 10_000_000],
    ids=["trailers", "a chunk's extension"],
)
async def test_framing_without_end_is_cut_off(endless: bytes) -> None:
    before = count("body_framing") + count("head_large")
    async with serving() as port:
        await read_answer(await send(port, b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", endless))
        assert status_of(await read_answer(await send(port, WHOLE))) == 200
    assert count("body_framing") + count("head_large") - before == 1


async def test_nobody_goes_on_sending_what_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "LINGER_S", 0.3)
    before = count("body_unwanted")
    async with serving() as port:
        reader = await send(port, b"POST /refused HTTP/1.1\r\ncontent-length: 1000000000\r\n\r\n" + b"a" * 1000)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413")
        assert await read_answer(reader) == b""
    assert count("body_unwanted") - before == 1


async def test_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "ANSWER_S", 0.3)
    before = count("answer_slow")
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        KEPT.append(writer)
        writer.write(WHOLE.replace(b"POST /", b"POST /long"))
        await until(lambda: count("answer_slow") - before == 1)
        del reader


async def test_when_all_places_are_taken_the_longest_wait_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_LEAST_AGE_S", 0.0)
    before = count("made_room")
    async with serving() as port:
        for _ in range(30):
            await send(port, HALF)
            assert status_of(await read_answer(await send(port, WHOLE))) == 200
    assert count("made_room") - before > 0


async def test_who_has_just_come_need_not_make_room() -> None:
    before = count("full")
    async with serving() as port:
        for _ in range(20):
            await send(port, HALF)
        answer = await read_answer(await send(port, WHOLE))
        assert not answer or status_of(answer) == 503
    assert count("full") - before == 1


async def test_an_address_has_so_many_connections_and_a_proxy_as_many_as_there_are() -> None:
    before = count("address_full")
    async with serving(Limits(connections=100, connections_per_address=5)) as port:
        for _ in range(5):
            await send(port, HALF)
        answer = await read_answer(await send(port))
        assert not answer or status_of(answer) == 429
        KEPT.pop(0).transport.abort()
        await asyncio.sleep(0)

        async def is_served() -> bool:
            return status_of(await read_answer(await send(port, WHOLE))) == 200

        await until(is_served)
    assert count("address_full") > before
    async with serving(msgspec.structs.replace(FEW, connections_per_address=1)) as port:
        for _ in range(5):
            await send(port, HALF)
        assert status_of(await read_answer(await send(port, WHOLE))) == 200
