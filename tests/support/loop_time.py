"""How long the event loop was held: the CPU time of its thread for each step, so that a busy machine changes little."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class LongestStep:
    """`cpu_s`: of the longest callback that the loop has run since `clear`."""

    def __init__(self) -> None:
        self.cpu_s = 0.0

    def clear(self) -> None:
        self.cpu_s = 0.0


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
        gc.collect()
        gc.disable()
        try:
            yield longest
        finally:
            gc.enable()
