"""Waiting for what is to happen, however slow the machine: a test that fails here fails because it did not happen."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

# What takes longest here is the start of a server, two seconds on an idle machine.
PATIENCE_S = 180.0
_POLL_S = 0.005


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as `condition` is true. Raises AssertionError after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(_POLL_S)


async def until(condition: Callable[[], Any]) -> Any:
    """The same in an event loop, which runs on; returns what the function, or coroutine function, found at last."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(_POLL_S)
