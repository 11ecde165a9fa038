"""Batches of one file that are written at the same time: each commits after the one before it, as if it came alone.

A batch may go ahead and write what nobody else can have written; its numbers wait until those of the batch before are
in the database. So where the two have one in common the unique key refuses the later one, which then does it again in
its turn. Nobody waits in the database for a batch that waits here.
"""

import asyncio
from typing import Literal, TypeAlias

State: TypeAlias = Literal["writing", "numbered", "over", "failed"]


class BeganAgain(Exception):
    """The batch before had to begin once more. What went ahead of it is to be taken back, and written in turn."""


class Turn:
    """One batch's place among those that are being written. `before`: what commits first; None: it is there.

    `tries`: how often it has begun. `changed`: set when it has gone on.
    """

    def __init__(self, before: "Turn | None" = None) -> None:
        self._before = before
        self._tries_seen = 0
        self.state: State = "writing"
        self.tries = 0
        self.changed = asyncio.Event()

    @property
    def has_come(self) -> bool:
        return self._before is None or self._before.state == "over"

    def begin(self) -> None:
        """First of all, and again where what was written has been taken back."""
        self.tries += 1
        self._change("writing")

    async def wait_for_numbers(self) -> None:
        """Until those of the batch before are in the database. Raises CancelledError where that one failed."""
        before = self._before
        if before is None:
            return
        while before.state == "writing":
            await before.changed.wait()
        _raise_if_failed(before)
        self._tries_seen = before.tries

    def tell_numbers(self) -> None:
        """Ours are there, and nobody else gets one of them before we end."""
        self._change("numbered")

    async def come(self, *, is_ahead: bool) -> None:
        """Until the batch before is committed. `is_ahead`: our numbers are in the database. Raises BeganAgain, and
        CancelledError where that one failed.
        """
        before = self._before
        if before is None:
            return
        while before.state not in ("over", "failed"):
            if is_ahead and before.tries != self._tries_seen:
                raise BeganAgain
            await before.changed.wait()
        _raise_if_failed(before)
        self._before = None

    def end(self, *, is_written: bool) -> None:
        self._before = None
        self._change("over" if is_written else "failed")

    def _change(self, state: State) -> None:
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()


def _raise_if_failed(before: Turn) -> None:
    if before.state == "failed":  # whose exception is raised for all
        raise asyncio.CancelledError
