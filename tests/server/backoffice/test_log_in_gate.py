"""Guesses at passwords wait longer and longer, and keep nobody out who is somebody else."""

import asyncio
from types import SimpleNamespace

import pytest

from server.backoffice import log_in_gate
from server.backoffice.guess_delays import GuessCounts, GuessDelay
from server.backoffice.log_in_gate import LogInGate
from server.problems import Problem

OWNER, STRANGE, HOME = "kissa\nowner@example.com", "203.0.113.0", "198.51.100.0"


class Clock:
    """It stands still until it is moved."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(log_in_gate, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


async def attempt(gate: LogInGate, network: str, *, right: bool = False, device: str | None = None) -> int:
    """0 where it was judged, else for how many seconds to wait."""
    try:
        async with gate.attempt(OWNER, network, device) as made:
            made.is_right = right
    except Problem as problem:
        return problem.retry_after_s or -1
    return 0


@pytest.mark.parametrize(
    ("guesses", "delay_s"), [(0, 0), (4, 0), (5, 1), (6, 1), (7, 2), (9, 4), (11, 8), (13, 10), (10**9, 10)]
)
def test_the_delay_doubles_up_to_a_most(guesses: int, delay_s: float) -> None:
    assert GuessDelay(free=5, first_s=1, doubles_each=2, most_s=10).after(guesses) == delay_s


def test_what_is_an_hour_old_is_forgotten() -> None:
    counts = GuessCounts(GuessDelay(free=1, first_s=9999, doubles_each=1, most_s=9999))
    counts.count("x", 0.0)
    assert counts.wait_s("x", 3599.0) == 6400.0
    assert counts.wait_s("x", 3600.0) == 0.0


async def test_each_wrong_guess_waits_twice_as_long_as_the_one_before(clock: Clock) -> None:
    gate, waits = LogInGate(), []
    for _ in range(14):
        wait_s = await attempt(gate, STRANGE)
        if wait_s:
            waits.append(wait_s)
            assert await attempt(gate, STRANGE, right=True) == wait_s, "the right one is not looked at before"
            clock.now_s += wait_s
    assert waits == [1, 2, 4, 8, 16, 32, 64][: len(waits)]
    assert len(waits) >= 4
    clock.now_s += 3600
    assert await attempt(gate, STRANGE) == 0


async def test_a_stranger_slows_nobody_else_down(clock: Clock) -> None:
    gate = LogInGate()
    for _ in range(5):
        await attempt(gate, STRANGE)
    assert await attempt(gate, STRANGE) > 0
    assert await attempt(gate, HOME, right=True) == 0, "the owner, from elsewhere"
    assert await attempt(gate, STRANGE, right=True, device="the owner's own") == 0, "from the same network"
    assert await attempt(gate, STRANGE) > 0, "and the stranger waits on"


async def test_the_right_password_forgets_what_was_wrong_before(clock: Clock) -> None:
    gate = LogInGate()
    for _ in range(3):
        assert [await attempt(gate, HOME) for _ in range(4)] == [0] * 4
        assert await attempt(gate, HOME, right=True) == 0


async def test_a_device_that_guesses_waits_too(clock: Clock) -> None:
    gate = LogInGate()
    for _ in range(5):
        await attempt(gate, HOME, device="stolen")
    assert await attempt(gate, HOME, device="stolen") == 1
    assert await attempt(gate, HOME, device="another") == 0


async def test_of_guesses_at_once_only_the_free_ones_are_judged(clock: Clock) -> None:
    gate = LogInGate()
    waits = await asyncio.gather(*(attempt(gate, STRANGE) for _ in range(50)))
    assert sorted(waits) == [0] * 5 + [1] * 45
