"""Which of a program's stores a pass names. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cards.apple_pass import MAX_PLACES, PassPlace


class PassPlaces:
    """All places of a program, ready to be asked for the nearest. On a sphere: it chooses, it does not measure."""

    def __init__(self, places: Sequence[PassPlace]) -> None:
        self._places = tuple(places)
        self._units = _units([place.lat for place in places], [place.lon for place in places])

    def nearest(self, lat: float, lon: float) -> tuple[PassPlace, ...]:
        """At most `MAX_PLACES`, the nearest first."""
        away = -(self._units @ _units([lat], [lon])[0])
        count = min(MAX_PLACES, len(self._places))
        near = np.argpartition(away, count - 1)[:count] if count else np.array([], np.intp)
        return tuple(self._places[position] for position in sorted(near.tolist(), key=lambda each: (away[each], each)))

    def any(self) -> tuple[PassPlace, ...]:
        """For somebody of whom no place is known: all, if there are no more than a pass takes."""
        return self._places if len(self._places) <= MAX_PLACES else ()


def _units(lats: Sequence[float], lons: Sequence[float]) -> NDArray[np.float64]:
    """Points of the unit sphere, shape (n, 3)."""
    phi, theta = np.radians(lats), np.radians(lons)
    return np.stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)), axis=-1)
