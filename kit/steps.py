"""Long computations in short steps: a generator that yields wherever other work may be done, and returns its result."""

import asyncio
import time
from collections.abc import Generator
from typing import TypeAlias, TypeVar

R = TypeVar("R")

Steps: TypeAlias = Generator[None, None, R]

# As long as a step or two: the loop then has the interpreter for at least half of the time.
PAUSE_S = 0.004


def run_through(steps: Steps[R]) -> R:
    """Run all steps at once and return the result."""
    return _run(steps, 0.0)


async def run_gently(steps: Steps[R]) -> R:
    """Run the steps in a thread with pauses between, so that the loop keeps answering, and return the result."""
    return await asyncio.to_thread(_run, steps, PAUSE_S)


def _run(steps: Steps[R], pause_s: float) -> R:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: R = end.value
            return result
        if pause_s:
            time.sleep(pause_s)
