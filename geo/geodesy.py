"""The ellipsoid: the one place where the figure of the Earth is known. Pure."""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]
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
