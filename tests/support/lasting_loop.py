"""A loop that outlives its test, so that what it keeps for the next one does.

It closes as any other does, and nothing else of a test is left in it: no task, timer, reader or thread.
"""

import asyncio
import selectors
import socket
from asyncio import transports
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any


class LastingLoop(asyncio.SelectorEventLoop):
    # asyncio's own, which its stubs leave out.
    _signal_handlers: dict[int, Any]
    _scheduled: list[asyncio.TimerHandle]
    _ready: deque[asyncio.Handle]
    _ssock: socket.socket
    _selector: selectors.BaseSelector
    _remove_reader: Callable[[int], object]
    _remove_writer: Callable[[int], object]

    def __init__(self) -> None:
        super().__init__()
        self._kept: set[transports.BaseTransport] = set()

    def keep(self, transport: transports.BaseTransport) -> None:
        """Leave it open where the loop is closed."""
        self._kept.add(transport)

    def close(self) -> None:
        for number in list(self._signal_handlers):
            self.remove_signal_handler(number)
        self._forget_readers()
        self._scheduled.clear()
        self._ready.clear()
        self._asyncgens_shutdown_called = self._executor_shutdown_called = False
        self._default_executor = None
        _idle.append(self)

    def _forget_readers(self) -> None:
        self._kept = {each for each in self._kept if not each.is_closing()}
        lasting = {self._ssock.fileno(), *(each.get_extra_info("socket").fileno() for each in self._kept)}
        for fileno in {key.fd for key in self._selector.get_map().values()} - lasting:
            self._remove_reader(fileno)
            self._remove_writer(fileno)


_idle: list[LastingLoop] = []


def run_in_lasting_loop() -> Iterator[asyncio.Runner]:
    """For the fixtures that pytest-asyncio runs tests with."""
    with asyncio.Runner(loop_factory=lambda: _idle.pop() if _idle else LastingLoop()) as runner:
        asyncio.set_event_loop(runner.get_loop())
        yield runner
    asyncio.set_event_loop(None)
