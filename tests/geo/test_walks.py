"""Visits told on walks whose truth is known: none invented, none lost."""

import pytest

from geo.index import FenceIndex
from geo.matching import sight
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from geo.transitions import Transition, advance
from tests.geo.plain import seconds
from tests.geo.tracks import BRAND
from tests.geo.walks import FENCE, RADIUS_M, WALK_M_S, Errors, Walk, take_walk

CANYON = Errors(inside_m=30, outside_m=40, lasting_s=60)
INDOORS = Errors(inside_m=45, outside_m=10, lasting_s=90)
WILD = Errors(wild=0.01)
TUNNEL = Errors(tunnel=0.5)


def replay(walk: Walk, upload_s: float) -> list[Transition]:
    """With a sweeper that looks at its due time."""
    index = FenceIndex.build([FENCE])
    (sightings,) = sight(index, [(BRAND, walk.fixes)])
    presence, due_at, first = Presence.nowhere(), None, 0
    told: list[Transition] = []
    while first < len(sightings):
        began, last = sightings[first].fix.recorded_at, first
        while last + 1 < len(sightings) and seconds(sightings[last + 1].fix.recorded_at) - seconds(began) < upload_s:
            last += 1
        now = sightings[last].fix.recorded_at
        while due_at is not None and due_at <= now:
            swept = sweep(presence, index.get, due_at)
            told += swept.transitions
            presence, due_at = swept.presence, next_due_at(swept.presence, index.get, due_at)
        moved = advance(presence, sightings[first : last + 1], index.get, now)
        told += moved.transitions
        presence, due_at, first = moved.presence, next_due_at(moved.presence, index.get, now), last + 1
    return told


def judge(walk: Walk, told: list[Transition], error_m: float) -> tuple[float, float]:
    """Precision and recall of the enters. One is true that falls on a visit or on the way through the fence to it, as
    early as an error of so many metres can show it."""
    doorway_s = (RADIUS_M + error_m) / WALK_M_S
    enters = [seconds(each.event_at) for each in told if each.kind == "enter" and seconds(each.event_at) > doorway_s]
    found = [
        [at_s for at_s in enters if began_s - doorway_s <= at_s <= ended_s + doorway_s]
        for began_s, ended_s in walk.visits
    ]
    hits = sum(1 for each in found if each)
    return hits / max(1, len(enters)), hits / len(walk.visits)


@pytest.mark.parametrize("errors", [Errors(), CANYON, INDOORS, WILD, TUNNEL], ids=str)
@pytest.mark.parametrize(("every_s", "upload_s"), [(1, 0), (5, 300), (30, 0), (60, 0)])
def test_visits_are_told_once_each(errors: Errors, every_s: float, upload_s: float) -> None:
    precision = recall = 0.0
    walks = 2
    for seed in range(walks):
        walk = take_walk(seed, every_s, errors, visits=10 if every_s == 1 else 30)
        scores = judge(walk, replay(walk, upload_s), 3 * errors.outside_m)
        precision, recall = precision + scores[0] / walks, recall + scores[1] / walks
    assert precision >= 0.99
    assert recall >= 0.99
