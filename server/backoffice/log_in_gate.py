"""Guesses at passwords: slowed down, never locked out.

A lock-out would be a weapon: whoever knows an owner's address would keep him out with ten requests. So after some
attempts an account's next ones wait for each other, whoever makes them; callers from different networks take turns, so
that the owner's attempt is among the next. What is beyond a few that wait is told to come again.

A browser with which the account has signed in before shows a device cookie, and waits for attempts of that browser only
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies): whoever knocks from elsewhere
does not slow its owner down at all.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.batching import Overloaded
from kit.fair_places import FairPlaces
from kit.throttle import Throttle
from server.problems import Problem

# Passwords are verified one after the other (`programs.passwords`).
_AT_ONCE, _WAITING, _WAITING_FOR_ACCOUNT = 1, 16, 8
# Attempts at an account within an hour: the first go at once, some wait half a second for each other, the rest five.
_AT_ONCE_AN_HOUR, _SOON_AN_HOUR = 10, 200
_SOON_S, _LATER_S = 0.5, 5.0
_HOUR_S = 3600.0
_PATIENCE_S = 5.0


class LogInGate:
    """One a process: with several, each lets as many through."""

    def __init__(self) -> None:
        self._hashing = FairPlaces(at_once=_AT_ONCE, waiting=_WAITING, patience_s=_PATIENCE_S)
        self._slow: dict[str, FairPlaces] = {}
        self._first = Throttle(_AT_ONCE_AN_HOUR, _HOUR_S)
        self._soon = Throttle(_SOON_AN_HOUR, _HOUR_S)

    @asynccontextmanager
    async def attempt(self, account: str, network: str, known_device: str | None = None) -> AsyncIterator[None]:
        """A place to verify a password in. Raises Problem where too many wait already."""
        whose = account if known_device is None else f"{account}\n{known_device}"
        try:
            async with self._pace(whose, network), self._hashing.place(known_device or network):
                yield
        except Overloaded:
            raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=1) from None

    @asynccontextmanager
    async def _pace(self, account: str, network: str) -> AsyncIterator[None]:
        if not self._first.wait_s(account, time.monotonic()):
            yield
            return
        fresh = FairPlaces(at_once=1, waiting=_WAITING_FOR_ACCOUNT, patience_s=_PATIENCE_S)
        slow = self._slow.setdefault(account, fresh)
        await slow.take(network)
        # Those that were turned away do not count: a crowd at once is no reason to be slower for an hour.
        pace_s = _LATER_S if self._soon.wait_s(account, time.monotonic()) else _SOON_S
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(pace_s, self._let_next, account, slow)

    def _let_next(self, account: str, slow: FairPlaces) -> None:
        if not slow.waiting_count:
            self._slow.pop(account, None)
        slow.release()
