"""How somebody walks: corners of streets, and the fixes that their phone records on the way. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

from geo.geodesy import distance_m, metres_per_degree

WALKING_M_S = 1.3
FIX_EVERY_S = 10.0
_NOISE_M = 4.0
_LONGEST_NOISE_M = 10.0


class Point(NamedTuple):
    lat: float
    lon: float


class Fix(NamedTuple):
    """As the body of `POST /v1/locations` has it."""

    lat: float
    lon: float
    accuracy_m: float | None
    recorded_at: datetime

    def as_body(self) -> dict[str, object]:
        return self._asdict() | {"recorded_at": self.recorded_at.isoformat()}


class Trip(NamedTuple):
    """To a door, a while inside, and on. The last fix is now."""

    arriving: list[Fix]
    leaving: list[Fix]


def shift(point: Point, east_m: float, north_m: float) -> Point:
    lat_m, lon_m = metres_per_degree(point.lat)
    return Point(point.lat + north_m / lat_m, point.lon + east_m / lon_m)


def trip_to(door: Point, station: Point, now: datetime, rng: Random, *, inside_s: float = 120) -> Trip:
    """From the station round a corner to the door, inside for a while, then on for 330 m."""
    corner = Point(station.lat, door.lon) if rng.random() < 0.5 else Point(door.lat, station.lon)
    lat_m, lon_m = metres_per_degree(door.lat)
    east_m, north_m = (door.lon - station.lon) * lon_m, (door.lat - station.lat) * lat_m
    stretch = 330 / max(1.0, (east_m**2 + north_m**2) ** 0.5)
    beyond = shift(door, east_m * stretch, north_m * stretch)
    coming = [*_along((station, corner, door)), *[door] * int(inside_s / FIX_EVERY_S)]
    going = _along((door, beyond))
    fixes = _record([*coming, *going], now, rng)
    return Trip(fixes[: len(coming)], fixes[len(coming) :])


def stroll(around: Point, now: datetime, rng: Random) -> list[Fix]:
    """A round through a park, never more than 100 m from its spot."""
    corners = [shift(around, east_m, north_m) for east_m, north_m in ((-60, -60), (60, -60), (60, 60), (-60, 60))]
    return _record(_along((*corners, corners[0])), now, rng)


def _along(corners: Sequence[Point]) -> list[Point]:
    """A point every FIX_EVERY_S of walking, with both ends."""
    points = [corners[0]]
    for start, end in pairwise(corners):
        steps = max(1, round(distance_m(*start, *end) / (WALKING_M_S * FIX_EVERY_S)))
        for step in range(1, steps + 1):
            part = step / steps
            points.append(Point(start.lat + (end.lat - start.lat) * part, start.lon + (end.lon - start.lon) * part))
    return points


def _record(points: Sequence[Point], now: datetime, rng: Random) -> list[Fix]:
    start_at = now - timedelta(seconds=FIX_EVERY_S * len(points))
    fixes = []
    for number, point in enumerate(points, 1):
        seen = shift(point, _noise_m(rng), _noise_m(rng))
        recorded_at = start_at + timedelta(seconds=FIX_EVERY_S * number)
        fixes.append(Fix(round(seen.lat, 6), round(seen.lon, 6), round(rng.uniform(5, 14), 1), recorded_at))
    return fixes


def _noise_m(rng: Random) -> float:
    return max(-_LONGEST_NOISE_M, min(_LONGEST_NOISE_M, rng.gauss(0, _NOISE_M)))
