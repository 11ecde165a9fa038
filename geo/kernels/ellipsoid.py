"""Chords and short geodesics on WGS 84. Pure."""

import math
from typing import NamedTuple

from numba import objmode

from geo import geodesy
from geo.compiled import compiled
from geo.geodesy import A_M, E2, MIN_CURVATURE_RADIUS_M, distance_m

_DEGREE = math.radians(1)
# So far a geodesic is known by its chord to some nanometres.
_SHORT_M = 1000.0
# Of x + x^3 / 24 and so on, the arc over a chord of x, for the smallest circle of curvature; more than the rest of the
# series adds up to 100 km.
_ARC = 1.001 / 24 / MIN_CURVATURE_RADIUS_M**2

metres_per_degree = compiled(geodesy.metres_per_degree)


class Parallel(NamedTuple):
    """A latitude, as a circle: its distance from the axis and its height over the equator's plane, in metres."""

    out_m: float
    up_m: float
    w2: float  # 1 - e^2 sin^2: what the radii of curvature are made of


@compiled
def find_parallel(lat: float) -> Parallel:
    sine, cosine = math.sin(lat * _DEGREE), math.cos(lat * _DEGREE)
    w2 = 1.0 - E2 * sine * sine
    prime_m = A_M / math.sqrt(w2)  # N
    return Parallel(prime_m * cosine, prime_m * sine * (1.0 - E2), w2)


@compiled
def chord_m(start: Parallel, end: Parallel, east_degrees: float) -> float:
    """Straight through the Earth, between points on the ellipsoid; right to some nanometres where they are near."""
    across = math.sin(east_degrees * _DEGREE * 0.5)
    outward_m, up_m = end.out_m - start.out_m, end.up_m - start.up_m
    return math.sqrt(outward_m * outward_m + 4.0 * start.out_m * end.out_m * across * across + up_m * up_m)


@compiled
def longest_way_m(chord_m: float) -> float:
    """No geodesic over that chord is longer.

    Where the series is cut off, the chord is longer than any fence is wide.
    """
    return chord_m + chord_m * chord_m * chord_m * _ARC


@compiled
def way_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """As `geo.geodesy.distance_m`, within 10 nm of it.

    A short geodesic is as long as the arc of a circle over its chord, of a radius between both radii of curvature
    there; which one makes no difference of more than a hundred-millionth of a metre in a kilometre.
    """
    start = find_parallel(lat1)
    straight_m = chord_m(start, find_parallel(lat2), lon2 - lon1)
    if straight_m > _SHORT_M:
        with objmode(exact_m="float64"):
            exact_m = distance_m(lat1, lon1, lat2, lon2)
        return exact_m  # noqa: RET504 - nothing may return from within
    bend = start.w2 * start.w2 / (24.0 * A_M * A_M * (1.0 - E2))  # 1 / 24 M N
    return straight_m + straight_m * straight_m * straight_m * bend
