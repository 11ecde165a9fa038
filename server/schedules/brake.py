"""How much of the machine a run takes, so that phones do not wait for it. Pure.

The p99 of uploads is held against its value at rest: what it was in a while in which nothing was walked. Where it comes
near twice that, batches become smaller and pauses longer, at once by a good part; where there is room, they grow again
by little. That is how TCP shares a line.
"""

from typing import Final

# Above the first it brakes, below the second it speeds up: p99 is to stay below twice its value at rest.
_BRAKES_ABOVE: Final = 1.6
_SPEEDS_UP_BELOW: Final = 1.3
_LEAST_SHARE: Final = 0.02
_FIRST_SHARE: Final = 0.25
# Uploads are faster than this on any machine: below it nobody notices a difference.
_UNNOTICED_MS: Final = 5.0
# After that long without a walk what is measured is the rest.
QUIET_S: Final = 5.0
_REST_KEPT_S: Final = 600.0


class Brake:
    """`share`: of the time that a batch may take up, and of the members of a full one."""

    def __init__(self) -> None:
        self.share = _FIRST_SHARE
        self._rests: list[tuple[float, float]] = []
        self._walked_at_s = float("-inf")

    @property
    def rest_ms(self) -> float | None:
        return min((ms for _, ms in self._rests), default=None)

    def must_rest(self, p99_ms: float | None) -> bool:
        """Uploads come, and what they take at rest is not known yet: a walk waits until it is."""
        return p99_ms is not None and self.rest_ms is None

    def note_walk(self, now_s: float) -> None:
        self._walked_at_s = now_s

    def measure(self, p99_ms: float | None, now_s: float) -> None:
        """Once a second or so. None: too few uploads to say; then nobody is there to wait."""
        self._rests = [each for each in self._rests if each[0] > now_s - _REST_KEPT_S]
        if p99_ms is None:
            self.share = min(1.0, self.share * 1.5)
            return
        if now_s - self._walked_at_s > QUIET_S:
            self._rests.append((now_s, p99_ms))
            return
        rest_ms = max(self.rest_ms or p99_ms, _UNNOTICED_MS)
        if p99_ms > _BRAKES_ABOVE * rest_ms:
            self.share = max(_LEAST_SHARE, self.share * 0.6)
        elif p99_ms < _SPEEDS_UP_BELOW * rest_ms:
            self.share = min(1.0, self.share * 1.1)

    def batch(self, full: int) -> int:
        """How many members the next batch has."""
        return max(10, int(full * self.share))

    def pause_s(self, batch_s: float) -> float:
        """How long to wait after a batch that took so long."""
        return min(2.0, batch_s * (1 / self.share - 1))
