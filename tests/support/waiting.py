"""Waiting for what is to happen, however slow the machine: a test that fails here fails because it did not happen."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

# Hundreds of times what anything here takes on an idle machine.
PATIENCE_S = 60.0
_POLL_S = 0.005


def eventually(condition: Callable[[], T]) -> T:
    """What `condition` returns as soon as that is true. Raises AssertionError after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(_POLL_S)
    return found


async def until(condition: Callable[[], T | Awaitable[T]]) -> T:
    """The same in an event loop, which runs on meanwhile; the condition may be a coroutine function."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(_POLL_S)
