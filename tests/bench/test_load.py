"""The load posts each request once, measures every answer and takes no bad one for a good one."""

import asyncio
from collections.abc import Callable

import pytest

from bench.answers import BrokenLoad, expect_http, find_body
from bench.client import Run
from bench.load import run_load
from bench.responder import ANSWER, Responder
from tests.support.small_servers import REQUEST, serve

GOOD = expect_http(b'{"accepted":1,')


class _Scripted(asyncio.Protocol):
    """Answers each request with the given chunks, a moment between them; without chunks it hangs up."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, _: bytes) -> None:
        loop = asyncio.get_running_loop()
        for number, chunk in enumerate(self._chunks):
            loop.call_later(0.005 * number, self._transport.write, chunk)
        if not self._chunks:
            self._transport.close()


async def run_against(protocol: Callable[[], asyncio.Protocol], requests: int = 20) -> Run:
    async with serve(protocol) as address:
        return await run_load(address, [REQUEST] * requests, GOOD, seconds=5, connections=4)


async def test_every_request_is_posted_once_and_answered() -> None:
    run = await run_against(Responder, 100)
    assert sorted(run.accepted) == list(range(100))
    assert len(run.latencies_s) == 100
    assert run.refused == []
    assert run.posts_per_s == pytest.approx(100 / run.seconds)


async def test_it_ends_when_the_time_is_over() -> None:
    async with serve(Responder) as address:
        run = await run_load(address, [REQUEST] * 1_000_000, GOOD, seconds=0.1, connections=4)
    assert 0 < len(run.accepted) < 1_000_000
    assert run.seconds >= 0.1


async def test_an_answer_in_pieces_is_one_answer() -> None:
    run = await run_against(lambda: _Scripted(ANSWER[:10], ANSWER[10:-3], ANSWER[-3:]))
    assert len(run.accepted) == 20
    assert min(run.latencies_s) >= 0.01


@pytest.mark.parametrize(
    "answer",
    [ANSWER.replace(b"200 OK", b"503 No"), ANSWER.replace(b'{"accepted":1,"late":0', b'{"accepted":0,"late":1')],
)
async def test_what_was_not_accepted_is_no_figure(answer: bytes) -> None:
    run = await run_against(lambda: _Scripted(answer))
    assert run.accepted == []
    assert len(run.refused) == 20
    assert run.posts_per_s == 0


async def test_a_closed_connection_breaks_the_run() -> None:
    with pytest.raises(BrokenLoad, match="closed a connection"):
        await run_against(_Scripted)


async def test_a_connection_that_has_nothing_more_to_do_may_be_closed() -> None:
    """As servers do with idle ones, while others still wait for a slow answer."""
    answered = 0

    class _Closing(Responder):
        """Its first answer is late, and every other connection is closed as soon as it has one."""

        def data_received(self, chunk: bytes) -> None:
            nonlocal answered
            answered += 1
            if answered == 1:
                asyncio.get_running_loop().call_later(0.1, super().data_received, chunk)
                return
            super().data_received(chunk)
            self._transport.close()

    run = await run_against(_Closing, 4)
    assert sorted(run.accepted) == [0, 1, 2, 3]


def test_a_message_without_a_length_is_refused() -> None:
    assert find_body(b"HTTP/1.1 200 OK\r\n") is None
    with pytest.raises(BrokenLoad):
        find_body(b"HTTP/1.1 200 OK\r\n\r\n")


def test_percentiles_are_of_the_ranked_latencies() -> None:
    run = Run(1.0, [0.004, 0.001, 0.003, 0.002])
    assert run.latency_ms(0.5) == 3.0
    assert run.latency_ms(0.99) == 4.0
