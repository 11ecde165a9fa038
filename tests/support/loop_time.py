"""How long the event loop was held: the CPU time of its thread for each step, by the speed of the machine.

What else the machine does changes the CPU time too, by the memory and the cores that are shared: so a limit is given as
it would be on an ordinary machine, and a fixed piece of work says how fast this one is at this moment.
"""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# The heaviest good body takes a twentieth of it, what is drawn, decoded or salvaged on the loop several times as much.
LONGEST_STEP_S = 0.2


class LongestStep:
    """`cpu_s`: of the longest callback that the loop has run since `clear`."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def clear(self) -> None:
        self.cpu_s = 0.0


def is_held(longest: LongestStep, limit_s: float) -> bool:
    """Whether that step took longer than the limit, which is one of an ordinary machine, would be on this one."""
    return longest.cpu_s > limit_s and longest.cpu_s > limit_s * measure_slowness()


def measure_slowness() -> float:
    """How many times as long as on an ordinary machine the same work takes just now."""
    return min(_count_up() for _ in range(3)) / _ORDINARY_S


def _count_up() -> float:
    before, total = time.thread_time(), 0
    for number in range(200_000):
        total += number
    return time.thread_time() - before


# 60 ns a turn.
_ORDINARY_S = 0.012


@contextmanager
def watch_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[LongestStep]:
    """Measures every callback of asyncio's own loop. What the garbage collector does is no body's doing."""
    longest, run = LongestStep(), asyncio.Handle._run

    def measured(handle: Any) -> None:
        before = time.thread_time()
        run(handle)
        longest.cpu_s = max(longest.cpu_s, time.thread_time() - before)

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", measured)
        gc.disable()
        try:
            yield longest
        finally:
            gc.enable()
