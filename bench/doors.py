"""What a replay made of a trace: doors, and their judgement by the definitions of DESIGN section 4."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot
from statistics import median

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import WGS84, metres_per_degree
from geo.index import Circle
from geo.matching import Fix

Floats = NDArray[np.float64]

REENTRY_S = 300.0
STAY_M = 120.0
STAY_S = 600.0
LONGEST_GAP_S = 3600.0


@dataclass(frozen=True)
class Door:
    """An enter or exit at a place (its position in the list), when it happened and when it was known."""

    kind: str
    place: int
    event_at: datetime
    known_at: datetime


@dataclass(frozen=True)
class LongStay:
    place: int
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Score:
    enters: int
    exits: int
    reentries: int
    found: int
    missed: int
    enter_delay_s: float | None
    exit_delay_s: float | None


def find_long_stays(fixes: Sequence[Fix], places: Sequence[Circle], away_m: Sequence[Floats]) -> list[LongStay]:
    """Runs of fixes within 120 m of their first, ten minutes or longer, without a gap of an hour, of which at least
    half lie in one place's circle."""
    stays, first = [], 0
    times = [fix.recorded_at for fix in fixes]
    while first < len(fixes):
        last = _end_of_run(fixes, first)
        if (times[last] - times[first]).total_seconds() >= STAY_S:
            inside = [int((away_m[place][first : last + 1] <= 0).sum()) for place in range(len(places))]
            best = int(np.argmax(inside))
            if inside[best] * 2 >= last + 1 - first:
                stays.append(LongStay(best, times[first], times[last]))
            first = last + 1
        else:
            first += 1
    return stays


def _end_of_run(fixes: Sequence[Fix], first: int) -> int:
    last, start = first, fixes[first]
    lat_m, lon_m = metres_per_degree(start.lat)
    while last + 1 < len(fixes):
        upcoming = fixes[last + 1]
        if (upcoming.recorded_at - fixes[last].recorded_at).total_seconds() >= LONGEST_GAP_S:
            break
        if hypot((upcoming.lat - start.lat) * lat_m, (upcoming.lon - start.lon) * lon_m) > STAY_M:
            break
        last += 1
    return last


def measure_distances(fixes: Sequence[Fix], places: Sequence[Circle]) -> list[Floats]:
    """For each place, the metres of every fix from its edge; negative inside."""
    lats, lons = np.array([fix.lat for fix in fixes]), np.array([fix.lon for fix in fixes])
    ones = np.ones(len(fixes))
    return [WGS84.inv(ones * p.lon, ones * p.lat, lons, lats)[2] - p.radius_m for p in places]


def replay_plainly(fixes: Sequence[Fix], away_m: Sequence[Floats]) -> list[Door]:
    """The last fix wins: inside or not, at the fence's own edge both ways."""
    doors = []
    for place, metres in enumerate(away_m):
        inside = np.concatenate([[False], metres <= 0])
        for position in np.flatnonzero(inside[1:] != inside[:-1]).tolist():
            at = fixes[position].recorded_at
            doors.append(Door("enter" if inside[position + 1] else "exit", place, at, at))
    return sorted(doors, key=lambda door: door.known_at)


def score(doors: Sequence[Door], stays: Sequence[LongStay], plain: Sequence[Door]) -> Score:
    spans, reentries, exit_delays = _spans(doors)
    found = sum(
        any(began <= stay.ended_at and ended >= stay.began_at for began, ended in spans.get(stay.place, ()))
        for stay in stays
    )
    return Score(
        sum(door.kind == "enter" for door in doors),
        len(exit_delays),
        reentries,
        found,
        len(stays) - found,
        _enter_delay_s(doors, plain),
        median(exit_delays) if exit_delays else None,
    )


def _spans(doors: Sequence[Door]) -> tuple[dict[int, list[tuple[datetime, datetime]]], int, list[float]]:
    """When a presence was held, by place; how many enters came within five minutes of a confirmed exit; exit delays."""
    since: dict[int, datetime] = {}
    left: dict[int, datetime] = {}
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    reentries, delays = 0, []
    for door in doors:
        if door.kind == "enter":
            since[door.place] = door.event_at
            confirmed = left.get(door.place)
            reentries += confirmed is not None and door.event_at < confirmed + timedelta(seconds=REENTRY_S)
        elif door.kind == "exit":
            left[door.place] = door.known_at
            delays.append((door.known_at - door.event_at).total_seconds())
            spans.setdefault(door.place, []).append((since.pop(door.place), door.event_at))
    for place, began in since.items():
        spans.setdefault(place, []).append((began, datetime.max.replace(tzinfo=began.tzinfo)))
    return spans, reentries, delays


def _enter_delay_s(doors: Sequence[Door], plain: Sequence[Door]) -> float | None:
    """From the first fix inside, by plain containment, to when the enter was known."""
    stepped_in: dict[int, list[datetime]] = {}
    for door in plain:
        if door.kind == "enter":
            stepped_in.setdefault(door.place, []).append(door.event_at)
    delays = []
    for door in doors:
        if door.kind == "enter":
            before = [at for at in stepped_in.get(door.place, ()) if at <= door.known_at]
            if before:
                delays.append((door.known_at - before[-1]).total_seconds())
    return median(delays) if delays else None
