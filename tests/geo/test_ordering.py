"""Which fixes are decided: above all the region events of an instant that was decided before."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.fix import Fix, RegionEvent, RegionEventByEnd, RegionEventFix, RegionEventKind
from geo.fix_by_fix import apply_fixes
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from geo.matching import match_fences
from geo.ordering import FixCounts
from geo.presence import Presence
from geo.region_events import apply_region_events
from geo.sweeping import sweep
from geo.transition import Transition
from geo.transitions import PresenceUpdate
from ids import GeofenceId
from tests.support.tracks import BRAND, SHOP, at, fix

# One that is left by its first fix outside and entered again by the next inside: what a repeat could ring twice.
HASTY = msgspec.structs.replace(SHOP, exit_confirm_s=0.0, exit_confirm_fixes=1, exit_margin_m=5.0)
ANNEX = msgspec.structs.replace(SHOP, geofence_id=GeofenceId(UUID(int=11)), shape=Circle(35.68, fix(0, 200).lon, 60.0))


def told(kind: RegionEventKind, seconds: float, east_m: float, accuracy_m: float | None = 30.0) -> Fix:
    event = RegionEvent(kind, SHOP.geofence_id)
    return RegionEventFix(**msgspec.structs.asdict(fix(seconds, east_m, accuracy_m)), region_event=event)


def upload(presence: Presence, *fixes: Fix, shop: Fence = SHOP, received_s: float = 86_400) -> PresenceUpdate:
    index = FenceIndex.build([shop, ANNEX])
    (matches,) = match_fences(index, [(BRAND, fixes)])
    return apply_fixes(presence, apply_region_events(BRAND, matches, index), index.get, at(received_s))


def run(*uploads: Sequence[Fix], shop: Fence = SHOP) -> tuple[Presence, list[Transition]]:
    presence = Presence.nowhere()
    transitions: list[Transition] = []
    for fixes in uploads:
        moved = upload(presence, *fixes, shop=shop)
        presence = moved.presence
        transitions += moved.transitions
    return presence, transitions


def kinds(transitions: Sequence[Transition]) -> list[str]:
    return [each.kind for each in transitions if each.geofence_id == SHOP.geofence_id]


@pytest.mark.parametrize("kind", ["enter", "dwell"])
def test_an_enter_of_the_last_fixs_instant_opens_the_stay(kind: RegionEventKind) -> None:
    presence, transitions = run([fix(-900, 3000), fix(0, 75, 30.0)], [told(kind, 0, 75)])
    assert [(each.kind, each.event_at) for each in transitions] == [("enter", at(0))]
    assert presence.watermark == at(0)


def test_a_dwell_of_the_last_fixs_instant_keeps_the_stay_and_may_be_due() -> None:
    """The first fix outside, at 310 m, would have ended in an exit by silence."""
    leaving = [[fix(0)], [fix(400, 75, 20.0), fix(600, 75, 30.0)]]
    assert kinds(run(*leaving)[1]) == ["enter"]
    presence, transitions = run(*leaving, [told("dwell", 600, 75)])
    assert kinds(transitions) == ["enter", "dwell"]
    assert presence.stays[0].outside_since is None


def test_an_exit_of_the_last_fixs_instant_takes_up_the_exit_that_the_fix_cancelled() -> None:
    left = [fix(0), fix(100, 120), fix(160, 120)]
    back, exit_ = fix(170, 40, 30.0), told("exit", 170, 40)
    cancelled, _ = run(left, [back])
    assert cancelled.stays[0].outside_since is None
    presence, _ = run(left, [back], [exit_])
    assert presence.stays[0].outside_since == at(100)
    assert presence.stays[0].exit_evidence_s == run(left)[0].stays[0].exit_evidence_s


def test_an_exit_does_not_contradict_a_fix_well_inside() -> None:
    presence, _ = run([fix(0), fix(100, 120), fix(160, 120)], [fix(170, 0, 30.0)], [told("exit", 170, 0)])
    assert presence.stays[0].outside_since is None


def test_an_exit_of_the_last_fixs_instant_with_a_place_outside_begins_the_exit() -> None:
    """OwnTracks tells whole seconds: the phone has walked on within one."""
    presence, transitions = run([fix(0)], [fix(600, 30)], [told("exit", 600, 85)])
    assert kinds(transitions) == ["enter", "dwell"]
    assert presence.stays[0].outside_since == at(600)


def test_what_was_weighed_is_late_when_it_comes_again() -> None:
    """In a fence that lets go at once, an enter and exit that were judged anew would ring each time."""
    first = [[fix(0, 75, 30.0)], [told("enter", 0, 75)], [told("exit", 0, 85)]]
    presence, transitions = run(*first, shop=HASTY)
    assert kinds(transitions) == ["enter", "exit"]
    for again in (told("enter", 0, 75), told("exit", 0, 85), fix(0, 75, 30.0)):
        repeated = upload(presence, again, shop=HASTY)
        assert repeated.counts == FixCounts(accepted=0, late=1, future=0, mocked=0)
        assert repeated.presence == presence


@pytest.mark.parametrize(
    "event",
    [
        fix(600, 75, 30.0),
        told("enter", 599, 75),
        msgspec.structs.replace(told("enter", 600, 75), mocked=True),
        RegionEventFix(
            **msgspec.structs.asdict(fix(600, 75, 30.0)),
            region_event=RegionEvent("enter", GeofenceId(UUID(int=99))),
        ),
    ],
    ids=["no event", "before the last fix", "mocked", "a geofence that is not ours"],
)
def test_nothing_else_of_a_decided_time_is_decided(event: Fix) -> None:
    before, _ = run([fix(600, 75, 30.0)])
    moved = upload(before, event)
    assert (moved.presence, moved.transitions, moved.counts.accepted) == (before, (), 0)


def test_an_event_told_by_the_end_of_its_id_is_weighed_too() -> None:
    end = RegionEventFix(
        **msgspec.structs.asdict(fix(0, 75, 30.0)), region_event=RegionEventByEnd("enter", SHOP.geofence_id.hex[-6:])
    )
    assert kinds(run([fix(0, 75, 30.0)], [end])[1]) == ["enter"]


def test_an_event_beside_a_held_jump_is_weighed_when_the_jump_is_believed() -> None:
    """The phone wakes up in another town, at the shop's door."""
    for uploads in (
        [[fix(-60, 90_000)], [fix(0, 75, 30.0)], [told("enter", 0, 75)], [fix(60, 75, 30.0)]],
        [[fix(-60, 90_000)], [told("enter", 0, 75)], [fix(60, 75, 30.0)]],
    ):
        presence, transitions = run(*uploads)
        assert [(each.kind, each.event_at) for each in transitions] == [("enter", at(0))]
        assert presence.suspect is None


def test_an_enter_beside_the_first_fix_is_one_of_the_first_fix() -> None:
    assert run([fix(0, 75, 30.0)], [told("enter", 0, 75)])[1][0].cause == "first_fix"
    assert run([fix(-9, 75, 30.0)], [fix(0, 75, 30.0)], [told("enter", 0, 75)])[1][0].cause == "fix"


def test_an_event_of_the_last_fixs_instant_tells_nothing_about_the_clock() -> None:
    before = upload(Presence.nowhere(), fix(0, 75, 30.0), received_s=5).presence
    assert upload(before, told("enter", 0, 75), received_s=3000).presence.lag_s == before.lag_s == 5


def test_what_silence_has_decided_stands() -> None:
    presence, _ = run([fix(0, 10)])
    swept = sweep(presence, FenceIndex.build([SHOP, ANNEX]).get, at(10 * 86_400))
    assert kinds(swept.transitions) == ["dwell"]
    assert upload(swept.presence, told("exit", 0, 85)).counts.late == 1


# Instants of a few fixes each, some beside an event, around the shop's edge at 50 m.
EASTS_M = st.sampled_from([0.0, 30.0, 45.0, 55.0, 75.0, 85.0, 120.0, 4000.0])
FIXES = st.tuples(EASTS_M, st.sampled_from([10.0, 30.0, 60.0, None]), st.sampled_from([None, "enter", "dwell", "exit"]))
INSTANTS = st.lists(st.tuples(st.sampled_from([1, 60, 200, 900]), st.lists(FIXES, min_size=1, max_size=3)), max_size=6)


@given(instants=INSTANTS, shop=st.sampled_from([SHOP, HASTY]))
def test_events_in_uploads_of_their_own_come_to_the_same(
    instants: list[tuple[int, list[tuple[float, float | None, RegionEventKind | None]]]], shop: Fence
) -> None:
    seconds = 0
    at_once: list[Fix] = []
    apart: list[list[Fix]] = []
    for pause_s, fixes in instants:
        seconds += pause_s
        plain = [fix(seconds, east_m, accuracy_m) for east_m, accuracy_m, _ in fixes[:1]]
        events = {kind: told(kind, seconds, east_m, acc) for east_m, acc, kind in fixes if kind is not None}
        at_once += [*events.values(), *plain]
        apart += [plain, *([events[kind]] for kind in sorted(events))]
    split, whole = run(*apart, shop=shop), run(at_once, shop=shop)
    assert split[1] == whole[1]
    assert [split[0].stays, split[0].suspect, split[0].instant] == [
        whole[0].stays,
        whole[0].suspect,
        whole[0].instant,
    ]
    # Sent again, all of it, it changes nothing.
    for again in apart:
        assert upload(split[0], *again, shop=shop).presence == split[0]


def test_a_clock_that_was_set_back_is_heard_again_when_it_passes_what_was_decided() -> None:
    """An hour ahead for one fix: docs/clients.md says what can be told of a clock and what not."""
    ahead, _ = run([fix(0, 3000)], [fix(3660, 3000)])
    late = upload(ahead, fix(120), fix(3600), received_s=3600)
    assert (late.counts.late, late.presence) == (2, ahead)
    assert kinds(upload(ahead, fix(3720), received_s=3720).transitions) == ["enter"]
    assert upload(ahead, fix(7200), received_s=3720).counts.future == 1


def test_the_order_of_the_records_says_nothing_about_the_clock() -> None:
    walk = [fix(0, 3000), fix(3660), fix(120, 3000), fix(180, 3000)]
    assert run(walk)[1] == run(sorted(walk, key=lambda each: each.recorded_at))[1]
