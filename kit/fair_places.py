"""A few places for work that is dear, shared fairly: whoever asks for many waits for himself.

The keys take turns, and of one key the newest goes first: in a crush the oldest has most likely given up. Where too
many wait, the oldest of the key that has most is turned away, so that memory and waiting stay bounded.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from kit.batching import Overloaded


class FairPlaces:
    def __init__(self, *, at_once: int, waiting: int, patience_s: float) -> None:
        """So many have a place, so many wait, and none for longer than `patience_s`."""
        self._free = at_once
        self._most_waiting = waiting
        self._patience_s = patience_s
        self._waiting: OrderedDict[Hashable, list[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def place(self, key: Hashable) -> AsyncIterator[None]:
        await self.take(key)
        try:
            yield
        finally:
            self.release()

    @property
    def waiting_count(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def take(self, key: Hashable) -> None:
        """Wait for a place, which `release` gives back. Raises Overloaded where there is none to wait for."""
        if self._free:
            self._free -= 1
            return
        if self.waiting_count >= self._most_waiting:
            self._turn_away_for(key)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(turn)
        too_late = asyncio.get_running_loop().call_later(self._patience_s, self._turn_away, key, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(key, turn)
            elif turn.exception() is None:
                self.release()  # it had just been given
            raise
        finally:
            too_late.cancel()

    def release(self) -> None:
        """The next one's turn, if anybody waits."""
        while self._waiting:
            key, turns = next(iter(self._waiting.items()))
            turn = turns[-1]
            self._forget(key, turn)
            if key in self._waiting:
                self._waiting.move_to_end(key)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _turn_away_for(self, key: Hashable) -> None:
        if not self._waiting:
            raise Overloaded
        crowded = max(self._waiting, key=lambda each: (len(self._waiting[each]), each == key))
        if key not in self._waiting and len(self._waiting[crowded]) == 1:
            raise Overloaded
        self._turn_away(crowded, self._waiting[crowded][0])

    def _turn_away(self, key: Hashable, turn: "asyncio.Future[None]") -> None:
        self._forget(key, turn)
        if not turn.done():
            turn.set_exception(Overloaded())

    def _forget(self, key: Hashable, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(key, [])
        if turn in turns:
            turns.remove(turn)
        if not turns:
            self._waiting.pop(key, None)
