"""Which requests go the short way, and that a connection is the same after either."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn

from server.runtime.arrival import ArrivingProtocol
from server.runtime.door import UNUSED, Door, Limits
from server.runtime.metrics import DOOR_REFUSALS
from server.runtime.short_way import MOST_BYTES, Answer, Plain, ShortWay, read_plain
from tests.support.waiting import PATIENCE_S, until

DOOR = Door(Limits(connections=20, connections_per_address=20))
USUAL = [(b"host", b"noren.example:443"), (b"content-length", b"5"), (b"authorization", b"Bearer a")]


def test_what_is_usual_is_plain() -> None:
    plain = read_plain([*USUAL, (b"authorization", b"Bearer b"), (b"accept", b"*/*"), (b"traceparent", b"00-1-2-01")])
    assert plain is not None
    assert plain.authorization == plain.find(b"authorization") == "Bearer a"
    assert (plain.find(b"accept"), plain.find(b"cookie")) == ("*/*", None)
    without = read_plain(USUAL[:2])
    assert without is not None
    assert without.authorization is None
    assert read_plain([USUAL[0], (b"content-length", str(MOST_BYTES).encode())]) is not None


@pytest.mark.parametrize(
    "headers",
    [
        [*USUAL, (b"origin", b"https://kissa.example")],
        [*USUAL, (b"expect", b"100-continue")],
        [*USUAL, (b"upgrade", b"h2c")],
        [*USUAL, (b"content-encoding", b"gzip")],
        [USUAL[0], (b"transfer-encoding", b"chunked")],
        [USUAL[0]],
        USUAL[1:],
        [(b"host", b"a<script>"), *USUAL[1:]],
        [USUAL[0], (b"content-length", str(MOST_BYTES + 1).encode())],
    ],
    ids=["origin", "expect", "upgrade", "packed", "chunked", "no length", "no host", "odd host", "long"],
)
def test_what_is_not_goes_the_whole_way(headers: list[tuple[bytes, bytes]]) -> None:
    assert read_plain(headers) is None


@asynccontextmanager
async def serving(gate: asyncio.Event) -> AsyncIterator[tuple[str, int, uvicorn.Server]]:
    """The whole way says `whole`; the short one how long the body was, once the gate is open."""

    async def whole(_: object, receive, send) -> None:  # type: ignore[no-untyped-def]
        while (await receive()).get("more_body"):
            pass
        await gate.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"whole"})

    async def answer(_: Plain, body: bytes) -> Answer:
        await gate.wait()
        return Answer(200, b"x-way: short\r\n", str(len(body)).encode())

    ways = {b"/short": ShortWay(answer, needs_task=False), b"/in-a-task": ShortWay(answer, needs_task=True)}
    http = partial(ArrivingProtocol, DOOR, ways)
    server = uvicorn.Server(uvicorn.Config(whole, port=0, http=http, log_config=None, lifespan="off", ws="none"))  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield *server.servers[0].sockets[0].getsockname()[:2], server
    finally:
        gate.set()
        server.should_exit = True
        await task


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await asyncio.wait_for(reader.readexactly(length), PATIENCE_S)


def request(line: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([line, b"host: noren", b"content-length: 5", *headers, b"", b"hello"])


@pytest.mark.parametrize(
    ("asked", "is_short"),
    [
        (request(b"POST /short HTTP/1.1"), True),
        (request(b"PUT /short HTTP/1.1"), False),
        (request(b"POST /short HTTP/1.0", b"connection: keep-alive"), False),
        (request(b"POST /short HTTP/1.1", b"connection: close"), False),
        (request(b"POST /short?a=1 HTTP/1.1"), False),
        (request(b"POST /short/ HTTP/1.1"), False),
        (request(b"POST /%73hort HTTP/1.1"), False),
        (request(b"POST /short HTTP/1.1", b"origin: https://a.example"), False),
    ],
)
async def test_a_request_goes_its_way_however_it_is_cut(asked: bytes, is_short: bool) -> None:
    gate = asyncio.Event()
    gate.set()
    async with serving(gate) as (host, port, _):
        reader, writer = await asyncio.open_connection(host, port)
        for begin in range(0, len(asked), 7):
            writer.write(asked[begin : begin + 7])
            await asyncio.sleep(0)
        answer = await read_answer(reader)
        assert answer.endswith(b"\r\n\r\n5" if is_short else b"whole")
        assert (b"x-way: short" in answer) is is_short
        assert b"\r\ndate: " in answer
        writer.close()


@pytest.mark.parametrize("path", [b"/short", b"/in-a-task"])
async def test_who_hangs_up_is_not_answered_and_whoever_leaves_last_is(path: bytes) -> None:
    gate = asyncio.Event()
    async with serving(gate) as (host, port, server):
        _, gone = await asyncio.open_connection(host, port)
        gone.write(request(b"POST %b HTTP/1.1" % path))
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request(b"POST %b HTTP/1.1" % path))
        await until(lambda: len(gate._waiters) == 2)
        assert len(server.server_state.tasks) == (0 if path == b"/short" else 2)
        gone.transport.abort()
        await until(lambda: len(server.server_state.connections) == 1)
        server.should_exit = True  # while one waits for its answer
        await until(lambda: not any(each.cycle.keep_alive for each in server.server_state.connections))  # type: ignore[union-attr]
        gate.set()
        assert b"connection: close" in await read_answer(reader)
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        assert server.server_state.total_requests == 1
        writer.close()


@pytest.mark.parametrize("path", [b"/short", b"/whole"])
async def test_a_connection_that_was_answered_is_kept_for_a_while_and_ended_without_a_word(path: bytes) -> None:
    gate = asyncio.Event()
    gate.set()
    async with serving(gate) as (host, port, server):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request(b"POST %b HTTP/1.1" % path))
        await read_answer(reader)
        (kept,) = server.server_state.connections
        assert isinstance(kept, ArrivingProtocol)
        keep_s = server.config.timeout_keep_alive
        assert kept.find_delay(kept.waits_since_s + keep_s - 0.01) is None
        assert kept.find_delay(kept.waits_since_s + keep_s + 0.01) == UNUSED
        gate.clear()
        writer.write(request(b"POST %b HTTP/1.1" % path))
        await until(lambda: bool(gate._waiters))
        assert kept.find_delay(kept.waits_since_s + 1000) is None  # it is ours to answer
        gate.set()
        await read_answer(reader)
        told = sum(sample.value for metric in DOOR_REFUSALS.collect() for sample in metric.samples)
        DOOR.sweep([kept], kept.waits_since_s + keep_s + 0.01)
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        assert told == sum(sample.value for metric in DOOR_REFUSALS.collect() for sample in metric.samples)
        writer.close()
