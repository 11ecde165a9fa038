"""Long computations in short steps: a generator that yields wherever other work may be done, and returns its result."""

import asyncio
from collections.abc import Generator
from typing import TypeAlias, TypeVar

R = TypeVar("R")

Steps: TypeAlias = Generator[None, None, R]

# As long as a step or two: the loop then has the interpreter for at least half of the time.
PAUSE_S = 0.004


def run_through(steps: Steps[R]) -> R:
    """Run all steps at once and return the result."""
    while True:
        if end := _step(steps):
            return end[0]


async def run_gently(steps: Steps[R]) -> R:
    """Run the steps in threads, one at a time with pauses between, so that the loop keeps answering meanwhile."""
    while True:
        if end := await asyncio.to_thread(_step, steps):
            return end[0]
        await asyncio.sleep(PAUSE_S)


def _step(steps: Steps[R]) -> tuple[R] | None:
    """The result once there is one; a StopIteration cannot leave a thread."""
    try:
        next(steps)
    except StopIteration as end:
        return (end.value,)
    return None
