"""The transition machine under random tracks, against a plain model that replays a whole history."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.fix import Fix
from geo.geofence import Circle, Fence
from geo.presence import Presence
from geo.transition import Transition
from geo.transitions import PresenceUpdate
from ids import GeofenceId, StoreId
from tests.support.hovering import hoverings
from tests.support.tracks import BRAND, fix, upload
from tests.support.transition_model import PlainDevice, agree, seconds

RECEIVED_S = 1500
# Around two fences that overlap, of 50 m at 0 and of 150 m at 120 m east.
EASTS_M = st.sampled_from([-300.0, 0.0, 40.0, 60.0, 80.0, 150.0, 260.0, 280.0, 320.0, 1000.0])
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
HOVERS = st.builds(
    lambda places, every_s: [[fix(n * every_s, *place)] for n, place in enumerate(places)],
    hoverings(),
    st.sampled_from([10, 20, 30, 60, 100]),
)
UPLOADS = st.lists(st.lists(FIXES, max_size=12), max_size=6) | HOVERS


@st.composite
def two_fences(draw: st.DrawFn) -> tuple[Fence, ...]:
    return tuple(
        Fence(
            GeofenceId(UUID(int=number)),
            BRAND,
            StoreId(UUID(int=100 + number)),
            "shop",
            Circle(35.68, fix(0, east_m).lon, radius_m),
            radius_m,
            exit_confirm_s=draw(st.sampled_from([0.0, 60.0, 120.0])),
            exit_confirm_fixes=draw(st.integers(1, 3)),
            dwell_s=draw(st.sampled_from([1.0, 60.0, 300.0])),
            report_crossings=draw(st.booleans()),
        )
        for number, (east_m, radius_m) in enumerate([(0.0, 50.0), (120.0, 150.0)])
    )


def run(
    fences: tuple[Fence, ...], uploads: Sequence[Sequence[Fix]]
) -> tuple[Presence, list[Transition], list[PresenceUpdate]]:
    presence = Presence.nowhere()
    transitions: list[Transition] = []
    steps: list[PresenceUpdate] = []
    for fixes in uploads:
        step = upload(presence, *fixes, fences=fences, received_s=RECEIVED_S)
        presence = step.presence
        transitions += step.transitions
        steps.append(step)
    return presence, transitions, steps


@given(two_fences(), UPLOADS)
def test_the_machine_agrees_with_the_plain_model(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    assert_agreement(fences, uploads)


@settings(max_examples=60)
@given(two_fences(), HOVERS)
def test_at_the_edge_the_machine_agrees_with_the_plain_model(
    fences: tuple[Fence, ...], uploads: list[list[Fix]]
) -> None:
    assert_agreement(fences, uploads)


def assert_agreement(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    _, transitions, _ = run(fences, uploads)
    model = PlainDevice(fences)
    for fixes in uploads:
        model.upload(fixes, RECEIVED_S)
    for fence in fences:
        mine = [(c.kind, c.geofence_id, seconds(c.event_at), c.cause) for c in transitions]
        own = [seen for seen in mine if seen[1] == fence.geofence_id]
        assert agree(own, [seen for seen in model.told if seen[1] == fence.geofence_id])


@given(two_fences(), UPLOADS)
def test_enters_and_exits_alternate_and_a_stay_dwells_at_most_once(
    fences: tuple[Fence, ...], uploads: list[list[Fix]]
) -> None:
    presence, transitions, _ = run(fences, uploads)
    by_fence: dict[GeofenceId, list[Transition]] = defaultdict(list)
    for change in transitions:
        by_fence[change.geofence_id].append(change)
    for geofence_id, changes in by_fence.items():
        doors = [change.kind for change in changes if change.kind in ("enter", "exit")]
        assert doors == ["enter", "exit"] * (len(doors) // 2) + ["enter"] * (len(doors) % 2)
        assert (doors[-1:] == ["enter"]) == any(stay.geofence_id == geofence_id for stay in presence.stays)
        dwells = [change.event_at for change in changes if change.kind == "dwell"]
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
        assert (again.presence, again.transitions, again.counts.accepted) == (presence, (), 0)
        assert again.counts.late == step.counts.accepted + step.counts.late


@given(UPLOADS)
def test_the_watermark_never_goes_back_and_every_fix_is_counted_once(uploads: list[list[Fix]]) -> None:
    presence = Presence.nowhere()
    for fixes in uploads:
        step = upload(presence, *fixes, received_s=RECEIVED_S)
        assert sum(msgspec.structs.astuple(step.counts)) == len(fixes)
        if presence.watermark is not None:
            assert step.presence.watermark is not None
            assert step.presence.watermark >= presence.watermark
        presence = step.presence


@given(
    st.lists(st.tuples(EASTS_M.filter(lambda east_m: 0 <= east_m < 70), st.booleans()), min_size=1, max_size=30),
    st.integers(5, 200),
)
def test_one_wild_fix_at_a_time_changes_nothing(steps: list[tuple[float, bool]], every_s: int) -> None:
    """Around a shop, with fixes 1 km off thrown in, each followed by one inside; the first fix of all is good."""
    calm = [fix(-10)]
    rough = [fix(-10)]
    for number, (east_m, wild) in enumerate(steps):
        began = number * every_s
        if wild:
            rough.append(fix(began, 1000.0))
        near = fix(began + 2, 0.0 if wild else east_m)
        calm.append(near)
        rough.append(near)
    disturbed, undisturbed = upload(Presence.nowhere(), *rough), upload(Presence.nowhere(), *calm)
    assert (disturbed.presence, disturbed.transitions) == (undisturbed.presence, undisturbed.transitions)


@given(two_fences(), UPLOADS)
def test_a_presence_survives_storage(fences: tuple[Fence, ...], uploads: list[list[Fix]]) -> None:
    presence, _, _ = run(fences, uploads)
    assert msgspec.json.decode(msgspec.json.encode(presence), type=Presence) == presence
