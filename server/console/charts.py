"""Charts that the server draws: where each bar and point stands in a picture of a fixed size. Pure.

The template writes them as SVG with classes, so that both themes colour them; a table beside says the same in figures.
"""

from collections.abc import Sequence
from math import floor, log10

import msgspec

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
_MOST_LABELS = 8
_WIDEST_BAR = 64.0


class Bar(msgspec.Struct, frozen=True):
    """`title`: what is read of it when somebody points at it."""

    x: float
    y: float
    width: float
    height: float
    title: str


class Tick(msgspec.Struct, frozen=True):
    """A line across, at a round value."""

    y: float
    value: float


class BarChart(msgspec.Struct, frozen=True, kw_only=True):
    """Several series stand beside each other at each place."""

    series: Sequence[Sequence[Bar]]
    ticks: Sequence[Tick]
    labels: Sequence[tuple[float, str]]


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """A difference with its bounds on a line of its own, nought included. All in per cent of the line's width."""

    zero: float
    value: float
    low: float
    high: float
    always_low: float
    always_high: float


def draw_bars(labels: Sequence[str], *series: Sequence[tuple[float, str]]) -> BarChart:
    """`series`: a value and its words at each label. Nothing is below nought."""
    most = max((value for each in series for value, _ in each), default=0)
    steps = round_steps(most)
    top = steps[-1]
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    width = min(slot * 0.72, _WIDEST_BAR) / max(1, len(series))
    every = -(-len(labels) // _MOST_LABELS)
    return BarChart(
        series=[
            [
                _bar(LEFT + slot * (place + 0.5) + width * (number - len(series) / 2), width, value / top, words)
                for place, (value, words) in enumerate(each)
            ]
            for number, each in enumerate(series)
        ],
        ticks=[Tick(_y(value / top), value) for value in steps],
        labels=[
            (round(LEFT + slot * (place + 0.5), 1), label)
            for place, label in enumerate(labels)
            if (len(labels) - 1 - place) % every == 0
        ],
    )


def draw_range(value: float, low: float, high: float, always_low: float, always_high: float) -> Range:
    ends = (0.0, value, low, high, always_low, always_high)
    least, most = min(ends), max(ends)
    width = (most - least) or 1.0

    def place(at: float) -> float:
        return round(4 + 92 * (at - least) / width, 2)

    return Range(
        zero=place(0),
        value=place(value),
        low=place(low),
        high=place(high),
        always_low=place(always_low),
        always_high=place(always_high),
    )


def round_steps(most: float) -> list[float]:
    """From nought to at least `most`, in steps of 1, 2 or 5 times a power of ten; never less than one."""
    if most <= 0:
        return [0, 1]
    rough = max(most / 4, 1)
    power = 10 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    count = -(-most // step)
    return [step * number for number in range(int(count) + 1)]


def _bar(x: float, width: float, share: float, words: str) -> Bar:
    top = _y(share)
    return Bar(round(x, 1), top, round(width * 0.92, 1), round(HEIGHT - BOTTOM - top, 1), words)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)
