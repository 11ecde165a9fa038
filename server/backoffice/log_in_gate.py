"""Guesses at passwords: slowed down, never locked out.

A lock-out would be a weapon: whoever knows an owner's address would keep them out with ten requests. So three delays
grow with the wrong guesses of the last hour, each up to a most:

- of one caller at one account: they are told when to come again, and until then nothing is verified for them;
- of one account, and of one network: attempts wait for each other for some seconds. Callers of an account take turns by
  network, those of a network by account, so that the owner's attempt is among the next.

A browser with which the account has signed in before shows a device cookie, and is a caller of its own that waits for
nobody else (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies): whoever knocks from
elsewhere, or from the same network, does not slow its owner down at all.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.batching import Overloaded
from kit.fair_places import FairPlaces
from server.backoffice.guess_delays import GuessCounts, GuessDelay
from server.problems import Problem

# Passwords are verified one after the other (`programs.passwords`).
_AT_ONCE, _WAITING, _WAITING_IN_LINE = 1, 16, 8
_PATIENCE_S = 5.0
_OF_CALLER = GuessDelay(free=5, first_s=1.0, doubles_each=1, most_s=300.0)
# Shorter than somebody who waits in line has patience: whoever is next in turn gets in.
_OF_ACCOUNT = GuessDelay(free=10, first_s=0.5, doubles_each=20, most_s=4.0)
_OF_NETWORK = GuessDelay(free=100, first_s=0.5, doubles_each=100, most_s=4.0)


class Attempt:
    """Whoever judges it says so; until then it counts as wrong."""

    is_right = False


class LogInGate:
    """One a process: with several, each lets as many through."""

    def __init__(self) -> None:
        self._hashing = FairPlaces(at_once=_AT_ONCE, waiting=_WAITING, patience_s=_PATIENCE_S)
        self._callers = GuessCounts(_OF_CALLER)
        self._accounts, self._networks = _Lines(_OF_ACCOUNT), _Lines(_OF_NETWORK)

    @asynccontextmanager
    async def attempt(self, account: str, network: str, known_device: str | None = None) -> AsyncIterator[Attempt]:
        """A place to verify a password in. Raises Problem, which says when to come again."""
        caller = f"{account}\n{known_device or network}"
        now_s = time.monotonic()
        wait_s = self._callers.wait_s(caller, now_s)
        if wait_s:
            raise _too_many(wait_s)
        self._callers.count(caller, now_s)
        attempt = Attempt()
        try:
            if known_device is not None:
                async with self._hashing.place(known_device):
                    yield attempt
            else:
                async with (
                    self._networks.turn(network, account, attempt),
                    self._accounts.turn(account, network, attempt),
                    self._hashing.place(network),
                ):
                    yield attempt
        except Overloaded:
            self._callers.take_back(caller)  # it was not judged
            raise _too_many(1) from None
        if attempt.is_right:
            self._callers.forget(caller)


class _Lines:
    """Attempts at the same thing wait for each other, once there were many guesses."""

    def __init__(self, delay: GuessDelay) -> None:
        self._guesses = GuessCounts(delay)
        self._lines: dict[str, FairPlaces] = {}

    @asynccontextmanager
    async def turn(self, key: str, caller: str, attempt: Attempt) -> AsyncIterator[None]:
        """`caller`: by whom turns are taken. Raises Overloaded."""
        line = None
        if self._guesses.delay_s(key, time.monotonic()):
            fresh = FairPlaces(at_once=1, waiting=_WAITING_IN_LINE, patience_s=_PATIENCE_S)
            line = self._lines.setdefault(key, fresh)
            await line.take(caller)
        # Those that were turned away do not count: a crowd at once is no reason to be slower for an hour.
        self._guesses.count(key, time.monotonic())
        try:
            yield
        except Overloaded:
            self._guesses.take_back(key)
            raise
        finally:
            if attempt.is_right:
                self._guesses.take_back(key)
            if line is not None:
                delay_s = self._guesses.delay_s(key, time.monotonic())
                asyncio.get_running_loop().call_later(delay_s, self._let_next, key, line)

    def _let_next(self, key: str, line: FairPlaces) -> None:
        if not line.waiting_count:
            self._lines.pop(key, None)
        line.release()


def _too_many(wait_s: float) -> Problem:
    seconds = math.ceil(wait_s)
    return Problem("too-many-attempts", f"Try again in {seconds} s.", retry_after_s=seconds)
