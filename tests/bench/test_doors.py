"""The ways that stand beside ours in `./run bench quality`, and how doors are judged."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.doors import (
    Door,
    LongStay,
    find_long_stays,
    find_reentries,
    find_spans,
    measure_distances,
    replay_last_fixes,
    replay_plainly,
    score,
)
from bench.replay import gather
from geo.fix import Fix
from geo.geodesy import metres_per_degree
from geo.geofence import Circle

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
PLACE = Circle(35.68, 139.76, 100.0)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def fix(seconds: float, east_m: float) -> Fix:
    return Fix(PLACE.lat, PLACE.lon + east_m / metres_per_degree(PLACE.lat)[1], None, at(seconds))


def door(kind: str, event_s: float, known_s: float | None = None) -> Door:
    return Door(kind, 0, at(event_s), at(event_s if known_s is None else known_s))


WALK = [fix(0, 300), fix(5, 90), fix(10, 130), fix(15, 40), fix(20, 110), fix(25, 60), fix(30, 400)]


def test_plain_containment_follows_every_fix() -> None:
    doors = replay_plainly(WALK, measure_distances(WALK, [PLACE]))
    assert [(d.kind, d.event_at) for d in doors] == [
        ("enter", at(5)), ("exit", at(10)), ("enter", at(15)), ("exit", at(20)), ("enter", at(25)), ("exit", at(30)),
    ]  # fmt: skip


def test_the_last_fix_of_an_upload_wins_even_where_it_is_an_old_one() -> None:
    uploads = gather(WALK, 10)
    assert [len(upload) for upload in uploads] == [2, 2, 2, 1]
    doors = replay_last_fixes(uploads, measure_distances(WALK, [PLACE]))
    assert [(d.kind, d.event_at) for d in doors] == [("enter", at(5)), ("exit", at(30))]
    late = [WALK[0], WALK[6], WALK[3]]  # the last arrived twenty seconds late
    doors = replay_last_fixes([[each] for each in late], measure_distances(late, [PLACE]))
    assert [(d.kind, d.event_at) for d in doors] == [("enter", at(15))]


def test_uploads_hold_so_many_seconds_of_fixes_and_none_is_lost() -> None:
    assert gather(WALK, 0) == [[each] for each in WALK]
    for upload_s in (5, 12, 1000):
        assert [each for upload in gather(WALK, upload_s) for each in upload] == WALK


def test_a_reentry_is_counted_from_when_the_exit_was_known() -> None:
    told = [door("enter", 0), door("exit", 100, 250), door("enter", 549), door("exit", 600, 700), door("enter", 1000)]
    assert find_reentries(told) == [told[2]]
    assert find_spans(told)[0][:2] == [(at(0), at(100)), (at(549), at(600))]


def test_the_score_tells_what_was_found_and_how_late() -> None:
    plain = [door("enter", 5), door("exit", 10), door("enter", 15), door("exit", 95), door("enter", 1000)]
    told = [door("enter", 5, 9), door("exit", 100, 240), door("enter", 1000, 1006)]
    stays = [LongStay(0, at(20), at(90)), LongStay(0, at(300), at(900)), LongStay(0, at(1100), at(2000))]
    found = score(told, stays, plain)
    assert (found.enters, found.exits, found.reentries, found.found, found.missed) == (2, 1, 0, 2, 1)
    assert found.enter_delay_s == pytest.approx(5.0)  # 4 s from the first step in, 6 s from the second
    assert found.exit_delay_s == pytest.approx(140.0)


def test_a_long_stay_has_no_gap_of_an_hour_and_half_of_its_fixes_in_one_place() -> None:
    def stays_of(trace: list[Fix]) -> list[LongStay]:
        return find_long_stays(trace, [PLACE], measure_distances(trace, [PLACE]))

    still = [fix(seconds, 90) for seconds in range(0, 601, 60)]
    assert stays_of([fix(-60, 500), *still, fix(700, 500)]) == [LongStay(0, at(0), at(600))]
    assert stays_of([*still[:-1], fix(599, 90)]) == []
    assert stays_of([fix(0, 90), fix(3600, 90)]) == []
    assert stays_of([each if n % 2 else fix(60 * n, 110) for n, each in enumerate(still)]) == []
