"""How a process ends: first it is not ready any more, then it takes no new requests, then it is gone.

Each step has a deadline, whatever hangs: a request, the database, a thread.
"""

import asyncio
import os
import signal
import threading

import structlog

log = structlog.get_logger()

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# What closing may take when nothing hangs, twice over: batches, pools, threads.
CLOSING_S = 5.0


class Leaving:
    """`unready_s`: how long requests are still taken while the load balancer learns that we leave. `drain_s`: how long
    those in hand may then take.
    """

    def __init__(self, *, unready_s: float = 0, drain_s: float = 10) -> None:
        self.unready_s, self.drain_s = unready_s, drain_s
        self.has_begun = False
        self.drains = asyncio.Event()

    def obey_signals(self, *, is_child: bool) -> None:
        """The first signal begins; a second ends the process at once. A child obeys its parent alone: it leaves
        Ctrl-C to it, and takes a second SIGTERM for the same as the first, for a supervisor may send one to each
        process of a group.
        """
        loop = asyncio.get_running_loop()
        if is_child:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            loop.add_signal_handler(signal.SIGTERM, self.begin)
            return
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._begin_and_obey_the_next_at_once)

    def begin(self) -> None:
        if self.has_begun:
            return
        self.has_begun = True
        log.info("leaving", unready_s=self.unready_s, drain_s=self.drain_s)
        exit_within(self.unready_s + self.drain_s + CLOSING_S)
        asyncio.get_running_loop().call_later(self.unready_s, self.drains.set)

    def _begin_and_obey_the_next_at_once(self) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)  # the kernel's doing: it needs no loop that still turns
        self.begin()


def exit_within(seconds: float) -> None:
    """End the process after so long if it has not ended by itself: threads and connections may hang for ever."""
    deadline = threading.Timer(seconds, _break_off)
    deadline.daemon = True
    deadline.start()


def _break_off() -> None:
    os.write(2, b"noren: not everything has ended in time; leaving all the same\n")
    os._exit(1)
