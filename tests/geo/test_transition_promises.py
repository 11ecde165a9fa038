"""The transition machine under random tracks, against a plain model that replays a whole history."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from random import Random
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from geo.geodesy import distance_m
from geo.index import Circle, Fence
from geo.matching import Fix
from geo.transitions import Advance, Presence, Transition
from tests.geo.tracks import BRAND, at, fix, upload

RECEIVED_S = 1500
# Around two fences that overlap, of 50 m at 0 and of 150 m at 120 m east.
EASTS_M = st.sampled_from([0.0, 40.0, 60.0, 80.0, 150.0, 260.0, 280.0, 320.0, 1000.0])
ACCURACIES_M = st.sampled_from([None, 0.0, 10.0, 60.0, 120.0, 400.0])
# Few enough instants that fixes often share one; the last are in the future.
SECONDS = st.integers(0, 40).map(lambda step: step * 40)
FIXES = st.builds(
    fix,
    SECONDS,
    EASTS_M,
    ACCURACIES_M,
    st.sampled_from([False] * 9 + [True]),
)
UPLOADS = st.lists(st.lists(FIXES, max_size=12), max_size=6)


@st.composite
def two_fences(draw: st.DrawFn) -> tuple[Fence, ...]:
    return tuple(
        Fence(
            UUID(int=number),
            BRAND,
            UUID(int=100 + number),
            "shop",
            Circle(35.68, fix(0, east_m).lon, radius_m),
            radius_m,
            exit_confirm_s=draw(st.sampled_from([0.0, 60.0, 120.0])),
            exit_confirm_fixes=draw(st.integers(1, 3)),
            dwell_s=draw(st.sampled_from([1.0, 60.0, 300.0])),
        )
        for number, (east_m, radius_m) in enumerate([(0.0, 50.0), (120.0, 150.0)])
    )


def run(
    fences: tuple[Fence, ...], uploads: Sequence[Sequence[Fix]]
) -> tuple[Presence, list[Transition], list[Advance]]:
    presence = Presence.nowhere()
    transitions: list[Transition] = []
    steps: list[Advance] = []
    for fixes in uploads:
        step = upload(presence, *fixes, fences=fences, received_s=RECEIVED_S)
        presence = step.presence
        transitions += step.transitions
        steps.append(step)
    return presence, transitions, steps


def usable(uploads: Sequence[Sequence[Fix]]) -> list[Fix]:
    """The fixes that decide something, in the order in which they do."""
    kept: list[Fix] = []
    for fixes in uploads:
        newest = kept[-1].recorded_at if kept else None
        fresh = [f for f in fixes if not f.mocked and f.recorded_at <= at(RECEIVED_S + 60)]
        fresh = [f for f in fresh if newest is None or f.recorded_at > newest]
        kept += sorted(fresh, key=lambda f: (f.recorded_at, f.accuracy_m or 0, f.lat, f.lon))
    return kept


def replay(fence: Fence, fixes: list[Fix]) -> list[tuple[str, datetime]]:
    """The plain model: one fence, the whole history, the rules in the words of the design."""
    assert isinstance(fence.shape, Circle)
    events: list[tuple[str, datetime]] = []
    entered: datetime | None = None
    dwelled = False
    outside: list[datetime] = []
    for f in fixes:
        accuracy_m = 0.0 if f.accuracy_m is None else f.accuracy_m
        from_edge_m = distance_m(fence.shape.lat, fence.shape.lon, f.lat, f.lon) - fence.radius_m
        if from_edge_m <= 0 and accuracy_m <= max(100, fence.radius_m):
            if entered is None:
                entered, dwelled = f.recorded_at, False
                events.append(("enter", entered))
            elif not dwelled and (f.recorded_at - entered).total_seconds() >= fence.dwell_s:
                dwelled = True
                events.append(("dwell", at((entered - at(0)).total_seconds() + fence.dwell_s)))
            outside = []
        elif from_edge_m >= max(25, accuracy_m) and entered is not None:
            outside.append(f.recorded_at)
            long_enough = (outside[-1] - outside[0]).total_seconds() >= fence.exit_confirm_s
            if long_enough and len(set(outside)) >= fence.exit_confirm_fixes:
                events.append(("exit", outside[0]))
                entered, outside = None, []
    return events


@given(two_fences(), UPLOADS)
def test_the_machine_agrees_with_the_plain_model(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    _, transitions, _ = run(fences, uploads)
    for fence in fences:
        mine = [(change.kind, change.event_at) for change in transitions if change.geofence_id == fence.geofence_id]
        assert mine == replay(fence, usable(uploads))


@given(two_fences(), UPLOADS)
def test_enters_and_exits_alternate_and_a_stay_dwells_at_most_once(
    fences: tuple[Fence, ...], uploads: list[list[Fix]]
) -> None:
    presence, transitions, _ = run(fences, uploads)
    by_fence: dict[UUID, list[Transition]] = defaultdict(list)
    for change in transitions:
        by_fence[change.geofence_id].append(change)
    for geofence_id, changes in by_fence.items():
        doors = [change.kind for change in changes if change.kind != "dwell"]
        assert doors == ["enter", "exit"] * (len(doors) // 2) + ["enter"] * (len(doors) % 2)
        assert (doors[-1] == "enter") == any(stay.geofence_id == geofence_id for stay in presence.stays)
        dwells = [change.stay_entered_at for change in changes if change.kind == "dwell"]
        assert len(dwells) == len(set(dwells))
        assert [change.event_at for change in changes] == sorted(change.event_at for change in changes)


@given(two_fences(), UPLOADS, st.lists(FIXES, max_size=12), st.randoms(use_true_random=False))
def test_the_order_within_an_upload_is_free(
    fences: tuple[Fence, ...], uploads: list[list[Fix]], last: list[Fix], chance: Random
) -> None:
    presence, _, _ = run(fences, uploads)
    shuffled = list(last)
    chance.shuffle(shuffled)
    first = upload(presence, *last, fences=fences, received_s=RECEIVED_S)
    assert upload(presence, *shuffled, fences=fences, received_s=RECEIVED_S) == first


@given(two_fences(), UPLOADS)
def test_a_repeated_upload_changes_nothing(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    presence, _, steps = run(fences, uploads)
    for fixes, step in zip(uploads, steps, strict=True):
        again = upload(presence, *fixes, fences=fences, received_s=RECEIVED_S)
        assert (again.presence, again.transitions, again.tally.accepted) == (presence, (), 0)
        assert again.tally.late == step.tally.accepted + step.tally.late


@given(UPLOADS)
def test_the_watermark_never_goes_back_and_every_fix_is_counted_once(uploads: list[list[Fix]]) -> None:
    presence = Presence.nowhere()
    for fixes in uploads:
        step = upload(presence, *fixes, received_s=RECEIVED_S)
        assert sum(msgspec.structs.astuple(step.tally)) == len(fixes)
        if presence.watermark is not None:
            assert step.presence.watermark is not None
            assert step.presence.watermark >= presence.watermark
        presence = step.presence


@given(
    st.lists(st.tuples(EASTS_M.filter(lambda east_m: east_m < 70), st.booleans()), min_size=1, max_size=30),
    st.integers(5, 200),
)
def test_one_wild_fix_at_a_time_changes_nothing(steps: list[tuple[float, bool]], every_s: int) -> None:
    """Around a shop, with fixes 1 km off thrown in, each followed by one inside."""
    calm: list[Fix] = []
    rough: list[Fix] = []
    for number, (east_m, wild) in enumerate(steps):
        began = number * every_s
        if wild:
            rough.append(fix(began, 1000.0))
        near = fix(began + 2, 0.0 if wild else east_m)
        calm.append(near)
        rough.append(near)
    assert upload(Presence.nowhere(), *rough).presence == upload(Presence.nowhere(), *calm).presence
    undisturbed = [msgspec.structs.replace(t, cause="fix") for t in upload(Presence.nowhere(), *calm).transitions]
    disturbed = [msgspec.structs.replace(t, cause="fix") for t in upload(Presence.nowhere(), *rough).transitions]
    assert disturbed == undisturbed


@given(two_fences(), UPLOADS)
def test_a_presence_survives_storage(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    presence, _, _ = run(fences, uploads)
    assert msgspec.json.decode(msgspec.json.encode(presence), type=Presence) == presence
