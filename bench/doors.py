"""What a replay made of a trace: doors, and their judgement by the definitions of DESIGN section 4."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import hypot
from statistics import median

import numpy as np
from numpy.typing import NDArray

from geo.fix import Fix
from geo.geodesy import WGS84, metres_per_degree
from geo.geofence import Circle

Floats = NDArray[np.float64]
Span = tuple[datetime, datetime]

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
    """Plain containment: every fix counts, in order of time and at once, at the fence's own edge both ways."""
    return _follow(fixes, away_m)


def replay_last_fixes(uploads: Sequence[Sequence[Fix]], away_m: Sequence[Floats]) -> list[Door]:
    """The last fix wins: the last fix of an upload is the device's place, whatever its time, at the fence's own edge
    both ways. `away_m` are the distances of all fixes in the order in which they were uploaded."""
    lasts = np.cumsum([len(upload) for upload in uploads]) - 1
    return _follow([upload[-1] for upload in uploads], [metres[lasts] for metres in away_m])


def _follow(fixes: Sequence[Fix], away_m: Sequence[Floats]) -> list[Door]:
    doors = []
    for place, metres in enumerate(away_m):
        inside = np.concatenate([[False], metres <= 0])
        for position in np.flatnonzero(inside[1:] != inside[:-1]).tolist():
            at = fixes[position].recorded_at
            doors.append(Door("enter" if inside[position + 1] else "exit", place, at, at))
    return sorted(doors, key=lambda door: door.known_at)


def score(doors: Sequence[Door], stays: Sequence[LongStay], plain: Sequence[Door]) -> Score:
    spans = find_spans(doors)
    found = sum(
        any(began <= stay.ended_at and ended >= stay.began_at for began, ended in spans.get(stay.place, ()))
        for stay in stays
    )
    exit_delays = [(door.known_at - door.event_at).total_seconds() for door in doors if door.kind == "exit"]
    return Score(
        sum(door.kind == "enter" for door in doors),
        len(exit_delays),
        len(find_reentries(doors)),
        found,
        len(stays) - found,
        _enter_delay_s(doors, plain),
        median(exit_delays) if exit_delays else None,
    )


def find_spans(doors: Sequence[Door]) -> dict[int, list[Span]]:
    """From when to when a presence was held, by place. One that has not ended ends with the calendar."""
    since: dict[int, datetime] = {}
    spans: dict[int, list[Span]] = {}
    for door in doors:
        if door.kind == "enter":
            since[door.place] = door.event_at
        elif door.kind == "exit":
            spans.setdefault(door.place, []).append((since.pop(door.place), door.event_at))
    for place, began in since.items():
        spans.setdefault(place, []).append((began, datetime.max.replace(tzinfo=began.tzinfo)))
    return spans


def find_reentries(doors: Sequence[Door]) -> list[Door]:
    """The enters that happened less than five minutes after an exit from the same place was known."""
    known: dict[int, datetime] = {}
    reentries = []
    for door in doors:
        if door.kind == "exit":
            known[door.place] = door.known_at
        elif door.kind == "enter" and door.place in known:
            is_early = door.event_at < known[door.place] + timedelta(seconds=REENTRY_S)
            reentries += [door] * is_early
    return reentries


def _enter_delay_s(doors: Sequence[Door], plain: Sequence[Door]) -> float | None:
    """From the true entry to when the enter was known. True is the first fix inside since the former exit happened."""
    stepped_in: dict[int, list[datetime]] = {}
    for door in plain:
        if door.kind == "enter":
            stepped_in.setdefault(door.place, []).append(door.event_at)
    left: dict[int, datetime] = {}
    delays = []
    for door in doors:
        if door.kind == "exit":
            left[door.place] = door.event_at
        elif door.kind == "enter":
            after = left.get(door.place, door.event_at.min.replace(tzinfo=UTC))
            entry = next((at for at in stepped_in.get(door.place, ()) if after <= at <= door.known_at), None)
            if entry is not None:
                delays.append((door.known_at - entry).total_seconds())
    return median(delays) if delays else None
