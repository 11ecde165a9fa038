"""A small brake on guessing: at most so many attempts a key and window, counted in this process."""

from collections import OrderedDict

MAX_KEYS = 10_000


class Throttle:
    """Fixed windows. With several processes each counts for itself, so the limit is a multiple of what is set."""

    def __init__(self, attempts: int, window_s: float) -> None:
        self._attempts = attempts
        self._window_s = window_s
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Count an attempt at the monotonic time `now_s`; 0 if it may go on, else the seconds until it may."""
        started_s, count = self._counts.pop(key, (now_s, 0))
        if now_s - started_s >= self._window_s:
            started_s, count = now_s, 0
        self._counts[key] = (started_s, count + 1)
        if len(self._counts) > MAX_KEYS:
            self._counts.popitem(last=False)
        return 0.0 if count < self._attempts else self._window_s - (now_s - started_s)
