"""How long the next guess at a password waits: twice as long after each few, up to a most. Pure.

Counted in this process, and forgotten an hour after the last one: with several processes each counts for itself.
"""

from collections import OrderedDict

import msgspec

_HOUR_S = 3600.0
_MOST_KEYS = 10_000
_MOST_DOUBLINGS = 32


class GuessDelay(msgspec.Struct, frozen=True, kw_only=True):
    """So many are free; the delay after them begins with `first_s`, and doubles after each `doubles_each`."""

    free: int
    first_s: float
    doubles_each: int
    most_s: float

    def after(self, guesses: int) -> float:
        """Seconds from the last of so many guesses to the next."""
        if guesses < self.free:
            return 0.0
        doublings = min((guesses - self.free) // self.doubles_each, _MOST_DOUBLINGS)
        return min(self.first_s * 2.0**doublings, self.most_s)


class GuessCounts:
    """Of each key the guesses, and when the last one was (monotonic seconds)."""

    def __init__(self, delay: GuessDelay) -> None:
        self._delay = delay
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def delay_s(self, key: str, now_s: float) -> float:
        """From the last guess to the next one."""
        return self._delay.after(self._read(key, now_s)[0])

    def wait_s(self, key: str, now_s: float) -> float:
        """From now to the next one."""
        guesses, last_s = self._read(key, now_s)
        return max(0.0, last_s + self._delay.after(guesses) - now_s)

    def count(self, key: str, now_s: float) -> None:
        """Before it is judged: those that come at once must not all be the first."""
        self._counts[key] = (self._read(key, now_s)[0] + 1, now_s)
        self._counts.move_to_end(key)
        if len(self._counts) > _MOST_KEYS:
            self._counts.popitem(last=False)

    def take_back(self, key: str) -> None:
        """One that was no wrong guess after all."""
        guesses, last_s = self._counts.get(key, (0, 0.0))
        if guesses > 1:
            self._counts[key] = (guesses - 1, last_s)
        else:
            self._counts.pop(key, None)

    def forget(self, key: str) -> None:
        self._counts.pop(key, None)

    def _read(self, key: str, now_s: float) -> tuple[int, float]:
        guesses, last_s = self._counts.get(key, (0, now_s))
        return (guesses, last_s) if now_s - last_s < _HOUR_S else (0, now_s)
