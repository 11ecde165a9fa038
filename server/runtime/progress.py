"""How far a long work has come: a bar on a terminal, else a line every tenth."""

import time
from typing import TextIO

_BAR_CELLS = 30


class Progress:
    def __init__(self, what: str, total: int, stream: TextIO) -> None:
        self._what, self._total, self._stream = what, total, stream
        self._is_terminal = stream.isatty()
        self._began_at = time.monotonic()
        self._told_tenths = 0

    def tell(self, done: int) -> None:
        line = describe(self._what, done, self._total, time.monotonic() - self._began_at)
        if self._is_terminal:
            end = "\n" if done == self._total else ""
            print(f"\r{draw_bar(done, self._total)} {line}\x1b[K", end=end, file=self._stream, flush=True)
            return
        tenths = done * 10 // self._total
        if tenths > self._told_tenths:
            self._told_tenths = tenths
            print(f"noren: {line}", file=self._stream, flush=True)


def draw_bar(done: int, total: int) -> str:
    cells = done * _BAR_CELLS // total
    return "[" + "#" * cells + "." * (_BAR_CELLS - cells) + "]"


def describe(what: str, done: int, total: int, elapsed_s: float) -> str:
    """With the time that is left, at the pace so far."""
    left_s = elapsed_s * (total - done) / max(1, done)
    time_told = f"{_clock(elapsed_s)} in all" if done == total else f"{_clock(left_s)} left"
    return f"{done:,} of {total:,} {what}, {time_told}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
