"""Any course of edits over base and overlay equals an index built anew of what is left."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex, FenceSet
from geo.overlay import OverlaidFences
from geo.shapes import parse_area
from ids import GeofenceId, ProgramId, StoreId
from kit.arrays import Floats
from kit.steps import run_through
from tests.support.matcher_model import list_current

BRAND, RIVAL = ProgramId(UUID(int=1)), ProgramId(UUID(int=2))
# A street of ten metres' steps on which everything lies, so that fences come and go over the same points.
STEP = 0.0001
POINTS: Floats = np.linspace(0, 59 * STEP, 60)

Change = tuple[int, Fence | None]


def fence(number: int, shape: Circle | Area, program_id: ProgramId = BRAND) -> Fence:
    return Fence(GeofenceId(UUID(int=1000 + number)), program_id, StoreId(UUID(int=3000)), "door", shape, 50.0)


def square(place: int) -> Area:
    west, east = (place - 2) * STEP, (place + 2) * STEP
    ring = [[west, -STEP], [east, -STEP], [east, STEP], [west, STEP], [west, -STEP]]
    return Area(parse_area({"type": "Polygon", "coordinates": [ring]}))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    number = draw(st.integers(0, 11))
    if draw(st.integers(0, 3)) == 0:
        return number, None
    place = draw(st.integers(0, 59))
    shape = square(place) if draw(st.booleans()) else Circle(0.0, place * STEP, draw(st.sampled_from([15.0, 40.0])))
    return number, fence(number, shape, draw(st.sampled_from([BRAND, RIVAL])))


# What happens next: a batch of changes, or a base built of an earlier state, so many changes ago.
courses = st.lists(st.one_of(st.lists(changes(), max_size=4), st.integers(0, 3)), max_size=14)


def found(fences: FenceSet, program_id: ProgramId) -> set[tuple[int, Fence]]:
    points, positions = fences.find_containing([program_id], [len(POINTS)], np.zeros(len(POINTS)), POINTS)
    pairs = list(zip(points.tolist(), positions.tolist(), strict=True))
    assert pairs == sorted(pairs)
    assert len(set(pairs)) == len(pairs)
    return {(point, fences.fences[position]) for point, position in pairs}


@settings(max_examples=50)
@given(st.lists(changes(), max_size=8), courses)
def test_a_course_of_edits_equals_a_fresh_index(
    first: Sequence[Change], course: Sequence[Sequence[Change] | int]
) -> None:
    plain = {f.geofence_id: f for _, f in first if f is not None}
    current = OverlaidFences.over(FenceIndex.build(plain.values()))
    history = [current]
    for happening in course:
        if isinstance(happening, int):
            earlier = history[max(0, len(history) - 1 - happening)]
            current = run_through(current.rebase_in_steps(run_through(earlier.rebuild_in_steps())))
            history = []
        else:
            edits = {GeofenceId(UUID(int=1000 + number)): changed for number, changed in happening}
            current = run_through(current.change_in_steps(edits))
            plain = {key: f for key, f in {**plain, **edits}.items() if f is not None}
        history.append(current)
        fresh = FenceIndex.build(plain.values())
        assert len(current) == len(fresh)
        assert {f.geofence_id for f in list_current(current)} == set(plain)
        for program_id in (BRAND, RIVAL):
            own = {key: f for key, f in plain.items() if f.program_id == program_id}
            assert {f.geofence_id: f for f in current.iterate_of(program_id)} == own
        keys = [GeofenceId(UUID(int=1000 + number)) for number in range(12)]
        for key, position in zip(keys, current.list_positions(keys).tolist(), strict=True):
            assert current.get(key) == plain.get(key)
            assert position == (-1 if key not in plain else current.position(key))
        for program_id in (BRAND, RIVAL):
            assert found(current, program_id) == found(fresh, program_id)


def test_a_new_base_takes_the_overlay_in() -> None:
    base = FenceIndex.build(fence(n, Circle(0.0, n * STEP, 15.0)) for n in range(10))
    edits = {
        GeofenceId(UUID(int=1000)): None,
        GeofenceId(UUID(int=1001)): fence(1, square(30)),
        GeofenceId(UUID(int=1050)): fence(50, square(40)),
    }
    edited = run_through(OverlaidFences.over(base).change_in_steps(edits))
    assert edited.overlay_size == 3
    rebuilt = run_through(edited.rebuild_in_steps())
    later = run_through(edited.change_in_steps({GeofenceId(UUID(int=1002)): None}))
    moved = run_through(later.rebase_in_steps(rebuilt))
    assert moved.base is rebuilt
    assert moved.overlay_size == 1, "only what came after the rebuilding began"
    assert len(moved) == 9


def test_a_sequence_of_fences_reads_like_one() -> None:
    base = FenceIndex.build([fence(0, square(1)), fence(1, square(5))])
    both = run_through(
        OverlaidFences.over(base).change_in_steps({GeofenceId(UUID(int=1007)): fence(7, square(9))})
    ).fences
    assert len(both) == 3
    assert [f.geofence_id.int for f in both] == [1000, 1001, 1007]
    assert both[-1] is both[2]
    assert list(both[1:]) == [both[1], both[2]]
