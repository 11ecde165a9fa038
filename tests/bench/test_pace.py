"""Posts go out when they are due, whatever became of those before, and a latency runs from then."""

import asyncio
import time

import pytest

from bench.answers import BrokenLoad, expect_http
from bench.pace import run_paced
from bench.responder import ANSWER, Responder
from tests.support.small_servers import REQUEST, serve

GOOD = expect_http(b'{"accepted":1,')


class _Halt:
    """Begins with the post of that number, counted over all connections."""

    def __init__(self, at_post: int, seconds: float) -> None:
        self._posts_before, self._seconds = at_post, seconds
        self._ends_at = 0.0
        self.came_meanwhile = 0

    def rest_s(self) -> float:
        """What is left of it when the next post comes."""
        now = time.perf_counter()
        if self._posts_before == 0:
            self._ends_at = now + self._seconds
        self._posts_before -= 1
        rest_s = self._ends_at - now
        self.came_meanwhile += rest_s > 0
        return rest_s


class _Halting(Responder):
    """Answers at once, but for the halt, whose posts are answered after it."""

    def __init__(self, halt: _Halt) -> None:
        super().__init__()
        self._halt = halt

    def data_received(self, chunk: bytes) -> None:
        rest_s = self._halt.rest_s()
        if rest_s > 0:
            asyncio.get_running_loop().call_later(rest_s, super().data_received, chunk)
        else:
            super().data_received(chunk)


async def test_posts_go_out_at_their_times() -> None:
    async with serve(Responder) as address:
        run = await run_paced(address, [REQUEST] * 100, GOOD, 500, connections=8)
    assert sorted(run.accepted) == list(range(100))
    assert run.seconds >= 99 / 500
    assert run.refused == []
    assert min(run.lags_s) >= 0


@pytest.mark.parametrize("connections", [1, 200])
async def test_what_a_halt_holds_up_counts_from_when_it_was_due(connections: int) -> None:
    """A post every 5 ms while the server rests for 0.3 s: a closed loop would see one slow answer."""
    halt = _Halt(at_post=40, seconds=0.3)
    async with serve(lambda: _Halting(halt)) as address:
        run = await run_paced(address, [REQUEST] * 160, GOOD, 200, connections=connections)
    assert sorted(run.accepted) == list(range(160))
    held_up = [latency_s for latency_s in run.latencies_s if latency_s > 0.05]
    # Due in the first 0.25 s of the 0.3 s, evenly: latencies from 0.3 s down to 0.05 s.
    assert len(held_up) >= 40
    assert max(held_up) >= 0.25
    assert sum(held_up) / len(held_up) >= 0.12


async def test_a_free_connection_leaves_no_post_waiting() -> None:
    """Enough connections: during a halt posts go on leaving. With one that waits, no second one could come."""
    halt = _Halt(at_post=20, seconds=0.2)
    async with serve(lambda: _Halting(halt)) as address:
        run = await run_paced(address, [REQUEST] * 80, GOOD, 200, connections=80)
    assert halt.came_meanwhile > 1
    assert run.latency_ms(1) > 150


async def test_a_bad_answer_is_refused_and_the_rest_goes_on() -> None:
    answers = iter([ANSWER.replace(b"200 OK", b"503 No")])

    class _BadAtFirst(Responder):
        def data_received(self, chunk: bytes) -> None:
            bad = next(answers, None)
            if bad is None:
                super().data_received(chunk)
            else:
                self._transport.write(bad)

    async with serve(_BadAtFirst) as address:
        run = await run_paced(address, [REQUEST] * 20, GOOD, 1000, connections=4)
    assert len(run.accepted) == 19
    assert len(run.refused) == 1
    assert len(run.latencies_s) == 20


async def test_a_closed_connection_breaks_the_run() -> None:
    class _Closing(Responder):
        def data_received(self, _: bytes) -> None:
            self._transport.close()

    async with serve(_Closing) as address:
        with pytest.raises(BrokenLoad, match="closed a connection"):
            await run_paced(address, [REQUEST] * 20, GOOD, 1000, connections=4)
