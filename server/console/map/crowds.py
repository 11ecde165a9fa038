"""How many people came in a few minutes, told so that nobody can be followed. Pure.

A window of time is told once, when it is over, and windows do not overlap. A store is named where at least ten people
came into its geofences; what remains is told by squares of half a degree, and what then remains as one number. All of
them go in steps of ten (kit/small_groups.py).
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from ids import MemberId, StoreId
from kit.small_groups import in_steps
from programs.store import Place

WINDOW = timedelta(minutes=5)
_SQUARE_DEGREES = 0.5


class Crowd(msgspec.Struct, frozen=True):
    """`store_name`: None for a square of the map."""

    lat: float
    lon: float
    people: int
    store_name: str | None = None


class Crowds(msgspec.Struct, frozen=True):
    """`elsewhere`: who came where too few came to say the place."""

    until: str
    crowds: list[Crowd]
    elsewhere: int


def last_window(now: datetime) -> tuple[datetime, datetime]:
    """From when until when the last one went that is over."""
    end = datetime.fromtimestamp(now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds(), UTC)
    return end - WINDOW, end


def count_crowds(
    until: datetime,
    entered: Iterable[tuple[StoreId, MemberId]],
    stores: Mapping[StoreId, tuple[str, Place | None]],
    only: Collection[StoreId] | None,
) -> Crowds:
    """`only`: the stores of who looks, None for all."""
    by_store: dict[StoreId, set[MemberId]] = defaultdict(set)
    for store_id, member_id in entered:
        if store_id in stores and (only is None or store_id in only):
            by_store[store_id].add(member_id)
    crowds: list[Crowd] = []
    by_square: dict[tuple[int, int], set[MemberId]] = defaultdict(set)
    rest: set[MemberId] = set()
    for store_id, members in by_store.items():
        name, place = stores[store_id]
        if place is None:
            rest |= members
        elif in_steps(len(members)):
            crowds.append(Crowd(place.lat, place.lon, in_steps(len(members)), name))
        else:
            by_square[_square_of(place)] |= members
    for square, members in by_square.items():
        if in_steps(len(members)):
            lat, lon = ((each + 0.5) * _SQUARE_DEGREES for each in square)
            crowds.append(Crowd(lat, lon, in_steps(len(members))))
        else:
            rest |= members
    return Crowds(until.isoformat(), crowds, in_steps(len(rest)))


def _square_of(place: Place) -> tuple[int, int]:
    return math.floor(place.lat / _SQUARE_DEGREES), math.floor(place.lon / _SQUARE_DEGREES)
