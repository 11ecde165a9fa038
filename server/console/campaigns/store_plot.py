"""Stores as points on a plain picture, each as large as what happened there. Pure."""

from collections.abc import Sequence
from math import cos, radians, sqrt

import msgspec

WIDTH, HEIGHT, MARGIN = 100.0, 60.0, 8.0
_LARGEST, _SMALLEST = 6.0, 1.2


class Placed(msgspec.Struct, frozen=True):
    """`lat`, `lon`: WGS 84 degrees."""

    name: str
    lat: float
    lon: float
    count: int


class Point(msgspec.Struct, frozen=True):
    """Where it stands in a picture of 100 by 60, north above."""

    x: float
    y: float
    radius: float
    title: str


def plot(placed: Sequence[Placed]) -> list[Point]:
    """The largest first, so that smaller ones stand on them."""
    if not placed:
        return []
    west, south = placed[0].lon, min(each.lat for each in placed)
    # Across the antimeridian the shorter way round.
    easts = [(each.lon - west + 180) % 360 - 180 for each in placed]
    shrunk = cos(radians((south + max(each.lat for each in placed)) / 2))
    xs, ys = [east * shrunk for east in easts], [each.lat - south for each in placed]
    left, wide, high = min(xs), max(xs) - min(xs), max(ys)
    scale = min((WIDTH - 2 * MARGIN) / wide if wide else 1e9, (HEIGHT - 2 * MARGIN) / high if high else 1e9)
    scale = 0.0 if scale == 1e9 else scale
    most = max(1, *(each.count for each in placed))
    points = [
        Point(
            round(WIDTH / 2 + (x - left - wide / 2) * scale, 2),
            round(HEIGHT / 2 - (y - high / 2) * scale, 2),
            round(max(_LARGEST * sqrt(each.count / most), _SMALLEST), 2),
            f"{each.name}: {each.count}",
        )
        for each, x, y in zip(placed, xs, ys, strict=True)
    ]
    return sorted(points, key=lambda point: -point.radius)
