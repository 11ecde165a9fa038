"""Waiting for what is to happen, however slow the machine: a test that fails here fails because it did not happen."""

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

# What takes longest here is the start of a server, two seconds on an idle machine.
PATIENCE_S = 180.0
# Short at first; who waits for the start of a process does not take the CPU from it.
_FIRST_POLL_S, _LONGEST_POLL_S = 0.002, 0.1
_SLOWER = 1.3


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as `condition` is true. Raises AssertionError after PATIENCE_S."""
    for pause_s in _pauses():
        if condition():
            return
        time.sleep(pause_s)
    raise AssertionError("it did not happen")


async def until(condition: Callable[[], Any]) -> Any:
    """The same in an event loop, which runs on; returns what the function, or coroutine function, found at last."""
    for pause_s in _pauses():
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        await asyncio.sleep(pause_s)
    raise AssertionError("it did not happen")


def _pauses() -> Iterator[float]:
    deadline, pause_s = time.monotonic() + PATIENCE_S, _FIRST_POLL_S
    while time.monotonic() < deadline:
        yield pause_s
        pause_s = min(pause_s * _SLOWER, _LONGEST_POLL_S)
