"""Visits told on walks whose truth is known: none invented, none lost, as far as the fixes can tell."""

import pytest

from bench.visits import ERRORS, SAMPLINGS, judge, measure, replay_purely
from bench.walks import FENCE, Errors, Walk, take_walk
from geo.transition import Transition

# Never 1,000 and more: ./run bench visits is for seeds that nothing was chosen by.
SEED = 100


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_visits_are_told_once_each(errors: str, sampling: str) -> None:
    # Of so few a single false enter is more than one in a hundred; where fixes are few, more visits cost little.
    visits = 2 if sampling == "1 s" else 120 if sampling in ("30 s", "60 s") else 12
    counts = measure(ERRORS[errors], *SAMPLINGS[sampling], visits, SEED)
    assert counts.visits == visits
    assert counts.is_met, counts


def test_an_enter_too_many_and_a_visit_missed_cost_what_they_should() -> None:
    walk = take_walk(SEED, 30, Errors(), visits=10)
    told = replay_purely(walk, 0)
    good = judge(walk, told, 30)
    assert (good.precision, good.recall, good.tellable, good.fakes) == (1, 1, 10, 0)
    enters = [each for each in told if each.kind == "enter"]
    twice = judge(walk, [*told, enters[-1]], 30)
    assert (twice.precision, twice.recall) == (10 / 11, 1)
    missed = judge(walk, [each for each in told if each is not enters[-1]], 30)
    assert (missed.precision, missed.recall) == (1, 9 / 10)
    entered_at = walk.fixes[20].recorded_at
    away = Transition(
        kind="enter",
        geofence_id=FENCE.geofence_id,
        store_id=FENCE.store_id,
        event_at=entered_at,
        cause="fix",
    )
    assert judge(walk, [*told, away], 30).precision == 10 / 11


def test_what_no_fix_shows_is_no_fault() -> None:
    walk = take_walk(SEED, 30, Errors(), visits=10)
    (_, left_s), (back_s, _) = walk.visits[3:5]
    hidden = Walk([step for step in walk.steps if not left_s < step.at_s < back_s], walk.visits)
    counts = judge(hidden, replay_purely(hidden, 0), 30)
    assert (counts.hits, counts.tellable, counts.is_met) == (9, 9, True)


def test_a_wild_fix_in_the_fence_is_no_fault_where_somebody_could_have_travelled() -> None:
    wild = take_walk(SEED, 10, Errors(wild=0.05), visits=30)
    assert judge(wild, replay_purely(wild, 0), 30).fakes > 0
    # A fix a second later leaves no time for a kilometre.
    wild = take_walk(SEED, 1, Errors(wild=0.05), visits=4)
    assert judge(wild, replay_purely(wild, 0), 30).fakes == 0
