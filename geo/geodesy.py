"""The ellipsoid: the one place where the figure of the Earth is known. Pure."""

import math
from typing import TypeVar

import numpy as np
from pyproj import Geod

from kit.arrays import Floats

Number = TypeVar("Number", float, Floats)

WGS84 = Geod(ellps="WGS84")

_A_M = float(WGS84.a)
_E2 = float(WGS84.es)
_DEGREE = math.radians(1)

# The smallest radius of curvature anywhere on WGS 84 (along the meridian, at the equator). An angle got by dividing
# a distance by it is never too small, which is what a bounding box needs.
MIN_CURVATURE_RADIUS_M = _A_M * (1 - _E2)
# The largest one, in all directions at the poles.
MAX_CURVATURE_RADIUS_M = _A_M / math.sqrt(1 - _E2)

# So far a geodesic is known by its chord to some nanometres.
_SHORT_M = 1000.0


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length in metres of one degree of latitude and of one degree of longitude at `lat`.

    From the radii of curvature in the meridian (M) and in the prime vertical (N); see Torge, Geodesy, section 4.1.
    Within 1 km of `lat` a distance measured with them is right to 0.1 % up to 85 degrees of latitude.
    """
    phi = math.radians(lat)
    return _scale(math.sin(phi), math.cos(phi))


def metres_per_degree_at(lats: Floats) -> tuple[Floats, Floats]:
    """The same for many latitudes at once."""
    phi = np.radians(lats)
    return _scale(np.sin(phi), np.cos(phi))


def _scale(sine: Number, cosine: Number) -> tuple[Number, Number]:
    w2 = 1 - _E2 * sine * sine
    w = w2**0.5
    return _DEGREE * _A_M * (1 - _E2) / (w2 * w), _DEGREE * _A_M / w * cosine


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Length in metres of the geodesic between two points."""
    return float(WGS84.inv(lon1, lat1, lon2, lat2)[2])


def unit_vectors(lats: Floats, lons: Floats) -> Floats:
    """Of points on a sphere: x, y and z a row."""
    phi, lam = np.radians(lats), np.radians(lons)
    cosines = np.cos(phi)
    return np.stack([cosines * np.cos(lam), cosines * np.sin(lam), np.sin(phi)], axis=1)


def chords_m(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> Floats:
    """Straight through the Earth, between points on the ellipsoid; right to some nanometres where they are near."""
    return _measure_chords(lats1, lons1, lats2, lons2)[0]


def distances_m(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> Floats:
    """As `distance_m`, of many at once and within 10 nm of it.

    A short geodesic is as long as the arc of a circle over its chord, of a radius between both radii of curvature
    there; which one makes no difference of more than a hundred-millionth of a metre in a kilometre.
    """
    chord_m, w2 = _measure_chords(lats1, lons1, lats2, lons2)
    bend = w2 * w2 / (24 * _A_M * _A_M * (1 - _E2))  # 1 / 24 M N
    way_m: Floats = chord_m + chord_m * chord_m * chord_m * bend
    far = (chord_m > _SHORT_M).nonzero()[0]
    if len(far):
        way_m[far] = WGS84.inv(lons1[far], lats1[far], lons2[far], lats2[far])[2]
    return way_m


def _measure_chords(lats1: Floats, lons1: Floats, lats2: Floats, lons2: Floats) -> tuple[Floats, Floats]:
    """And `w2` of the first points, as in `_scale`."""
    phi = np.radians(np.array([lats1, lats2]))
    sines, cosines = np.sin(phi), np.cos(phi)
    w2 = 1 - _E2 * sines * sines
    prime_m = _A_M / np.sqrt(w2)  # N
    out_m = prime_m * cosines
    prime_m *= sines
    across = np.sin(np.radians(lons2 - lons1) * 0.5)
    outward_m, up_m = out_m[1] - out_m[0], (prime_m[1] - prime_m[0]) * (1 - _E2)
    return np.sqrt(outward_m * outward_m + 4 * out_m[0] * out_m[1] * across * across + up_m * up_m), w2[0]


def lengths(vectors: Floats) -> Floats:
    made: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return made
