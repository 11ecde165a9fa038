"""Long computations in short steps: a generator that yields wherever other work may be done, and returns its result."""

import asyncio
import time
from collections.abc import Generator
from typing import TypeAlias, TypeVar, cast

R = TypeVar("R")

Steps: TypeAlias = Generator[None, None, R]

# What is shorter than that is done in one go: a pause would cost it more than the work.
BUSY_S = 0.002
# As long as that and a step more: the loop then has the interpreter for at least half of the time.
PAUSE_S = 0.004


def run_through(steps: Steps[R]) -> R:
    """Run all steps at once and return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("R", end.value)


async def run_gently(steps: Steps[R]) -> R:
    """Run the steps in threads, some milliseconds at a time with pauses between, so that the loop keeps answering."""
    while True:
        if end := await asyncio.to_thread(_run_for, steps, BUSY_S):
            return end[0]
        await asyncio.sleep(PAUSE_S)


def _run_for(steps: Steps[R], seconds: float) -> tuple[R] | None:
    """The result once there is one; a StopIteration cannot leave a thread."""
    until = time.perf_counter() + seconds
    try:
        while time.perf_counter() < until:
            next(steps)
    except StopIteration as end:
        return (end.value,)
    return None
