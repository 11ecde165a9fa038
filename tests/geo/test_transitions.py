"""The transition machine: its table, its rules one by one, and its promises under any order of fixes."""

from datetime import datetime
from uuid import UUID

import msgspec
import pytest

from geo.fix import Fix
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from geo.ordering import FixCounts
from geo.presence import Presence, Stay
from geo.sweeping import sweep
from geo.transition import Cause, Kind, Transition
from geo.transitions import TABLE, Observation, PresenceUpdate, State, Step, state_of
from ids import GeofenceId, StoreId
from tests.support.tracks import BRAND, NOON, SHOP, at, fix, upload

STREET_M, DOORSTEP_M = 200.0, 60.0


def told(moved: PresenceUpdate) -> list[tuple[str, float]]:
    """The kinds and event times of the transitions."""
    return [(change.kind, (change.event_at - NOON).total_seconds()) for change in moved.transitions]


def held(moved: PresenceUpdate) -> tuple[datetime | None, tuple[Stay, ...]]:
    return moved.presence.watermark, moved.presence.stays


AWAY = Presence(at(-1000), (), fix(-1000, 3000.0))
INSIDE = Presence(at(-1), (Stay(SHOP.geofence_id, SHOP.store_id, at(-1)),))
LEAVING = upload(INSIDE, fix(0, STREET_M)).presence


def test_a_new_device_is_nowhere() -> None:
    assert Presence.nowhere() == Presence(None, ())


def at_shop(kind: Kind, event_at: datetime, cause: Cause) -> Transition:
    return Transition(kind=kind, geofence_id=SHOP.geofence_id, store_id=SHOP.store_id, event_at=event_at, cause=cause)


def test_an_enter_names_its_fence_store_and_stay() -> None:
    moved = upload(AWAY, fix(5))
    assert moved.transitions == (at_shop("enter", at(5), "fix"),)
    assert held(moved) == (at(5), (Stay(SHOP.geofence_id, SHOP.store_id, at(5)),))
    assert moved.counts == FixCounts(accepted=1, late=0, future=0, mocked=0)


def test_the_first_fix_ever_enters_with_that_cause() -> None:
    moved = upload(Presence.nowhere(), fix(0), fix(0, 1.0))
    assert [change.cause for change in moved.transitions] == ["first_fix"]
    moved = upload(Presence.nowhere(), fix(0, STREET_M), fix(10))
    assert [change.cause for change in moved.transitions] == ["fix"]


def test_the_first_fix_after_everything_was_forgotten_is_a_first_fix() -> None:
    """Or who takes the consent to location back and gives it again would step in without moving."""
    forgotten = Presence(at(-1000))
    assert [change.cause for change in upload(forgotten, fix(0), fix(1)).transitions] == ["first_fix"]


@pytest.mark.parametrize(
    ("accuracy_m", "radius_m", "enters"),
    [(None, 50.0, True), (100.0, 50.0, True), (100.1, 50.0, False), (300.0, 300.0, True), (300.1, 300.0, False)],
)
def test_a_fix_too_wide_for_the_fence_does_not_enter(accuracy_m: float | None, radius_m: float, enters: bool) -> None:
    shop = msgspec.structs.replace(SHOP, shape=Circle(35.68, 139.76, radius_m), radius_m=radius_m)
    assert bool(upload(AWAY, fix(0, accuracy_m=accuracy_m), fences=(shop,)).transitions) is enters


def test_an_exit_is_confirmed_by_fixes_and_seconds_and_happened_at_the_first_fix_outside() -> None:
    assert told(upload(INSIDE, fix(0, STREET_M), fix(119, STREET_M))) == []
    assert told(upload(INSIDE, fix(0, STREET_M), fix(120, STREET_M))) == [("exit", 0)]
    patient = msgspec.structs.replace(SHOP, exit_confirm_fixes=3)
    outside = [fix(seconds, STREET_M) for seconds in (0, 120, 130)]
    assert told(upload(INSIDE, *outside[:2], fences=(patient,))) == []
    assert told(upload(INSIDE, *outside, fences=(patient,))) == [("exit", 0)]


def test_a_fence_that_asks_for_no_confirmation_exits_at_once() -> None:
    hasty = msgspec.structs.replace(SHOP, exit_confirm_fixes=1, exit_confirm_s=0.0)
    moved = upload(INSIDE, fix(0, STREET_M), fences=(hasty,))
    assert told(moved) == [("exit", 0)]
    assert moved.presence.stays == ()


def test_a_fix_inside_takes_a_leaving_back() -> None:
    moved = upload(LEAVING, fix(60), fix(130, STREET_M), fix(240, STREET_M))
    assert told(moved) == []
    assert moved.presence.stays[0].outside_since == at(130)


def test_the_doorstep_neither_confirms_nor_takes_back() -> None:
    moved = upload(LEAVING, fix(60, DOORSTEP_M), fix(125, DOORSTEP_M))
    assert told(moved) == []
    assert moved.presence.stays[0].outside_since == at(0)


def test_the_seconds_before_and_after_the_doorstep_count_a_twentieth() -> None:
    moved = upload(LEAVING, fix(60, DOORSTEP_M), fix(130, STREET_M))
    assert told(moved) == []
    assert moved.presence.stays[0].exit_evidence_s == pytest.approx(130 / 20)
    assert told(upload(moved.presence, fix(243, STREET_M))) == []
    assert told(upload(moved.presence, fix(244, STREET_M))) == [("exit", 0)]


def test_on_the_doorstep_nobody_begins_to_leave() -> None:
    assert upload(INSIDE, fix(60, DOORSTEP_M), fix(700, DOORSTEP_M)).presence.stays == INSIDE.stays


def test_silence_on_the_doorstep_ends_the_stay_at_last() -> None:
    fence_of = FenceIndex.build([SHOP]).get
    presence = upload(LEAVING, fix(60, STREET_M), fix(70, DOORSTEP_M), received_s=70).presence
    due_s = 70 + 2 * 70 + (120 - 60.5) * 20
    assert sweep(presence, fence_of, at(due_s - 1)).transitions == ()
    assert told(sweep(presence, fence_of, at(due_s))) == [("exit", 0)]


@pytest.mark.parametrize("east_m", [0.0, STREET_M])
def test_a_fix_as_wide_as_the_street_neither_confirms_nor_takes_back(east_m: float) -> None:
    moved = upload(LEAVING, fix(130, east_m, accuracy_m=400.0))
    assert told(moved) == []
    assert moved.presence.stays == LEAVING.stays


def test_fixes_of_one_instant_count_once_towards_an_exit() -> None:
    quick = msgspec.structs.replace(SHOP, exit_confirm_s=0.0)
    moved = upload(INSIDE, fix(0, STREET_M), fix(0, STREET_M), fix(0, STREET_M + 1), fences=(quick,))
    assert told(moved) == []
    assert moved.counts.accepted == 3
    assert told(upload(moved.presence, fix(1, STREET_M), fences=(quick,))) == [("exit", 0)]


def test_of_one_instant_the_most_accurate_fix_decides_about_a_leaving() -> None:
    assert told(upload(LEAVING, fix(120, DOORSTEP_M, accuracy_m=11.0), fix(120, STREET_M))) == [("exit", 0)]
    assert told(upload(LEAVING, fix(120, DOORSTEP_M, accuracy_m=5.0), fix(120, STREET_M))) == []


def test_a_dwell_happened_when_it_was_due_and_is_told_once() -> None:
    moved = upload(AWAY, fix(0), fix(299), fix(400), fix(800))
    assert told(moved) == [("enter", 0), ("dwell", 300)]
    assert moved.presence.stays[0].dwelled_at == at(300)
    assert told(upload(moved.presence, fix(900))) == []


def test_a_dwell_is_not_told_while_leaving_but_a_leaving_taken_back_counts() -> None:
    moved = upload(AWAY, fix(0), fix(250, STREET_M), fix(310, STREET_M))
    assert told(moved) == [("enter", 0)]
    assert told(upload(moved.presence, fix(320))) == [("dwell", 300)]


def test_silence_is_no_dwell() -> None:
    assert told(upload(AWAY, fix(0), fix(4000, STREET_M), fix(4200, STREET_M))) == [("enter", 0), ("exit", 4000)]


def test_a_late_fix_decides_nothing() -> None:
    moved = upload(Presence(at(10)), fix(10), fix(9))
    assert (moved.presence, moved.transitions) == (Presence(at(10)), ())
    assert moved.counts == FixCounts(accepted=0, late=2, future=0, mocked=0)


def test_a_fix_from_the_future_does_not_move_the_watermark() -> None:
    moved = upload(AWAY, fix(60.001), fix(60), received_s=0)
    assert told(moved) == [("enter", 60)]
    assert moved.presence.watermark == at(60)
    assert moved.counts == FixCounts(accepted=1, late=0, future=1, mocked=0)


def test_far_from_every_fence_only_the_watermark_moves() -> None:
    moved = upload(AWAY, fix(10, 5000.0), fix(5, 5000.0))
    assert (held(moved), moved.transitions) == ((at(10), ()), ())
    assert moved.counts.accepted == 2


def test_a_mocked_fix_moves_nothing() -> None:
    moved = upload(AWAY, fix(5, mocked=True))
    assert (moved.presence, moved.transitions) == (AWAY, ())
    assert moved.counts == FixCounts(accepted=0, late=0, future=0, mocked=1)


@pytest.mark.parametrize("presence", [INSIDE, LEAVING])
def test_a_fence_that_is_gone_ends_its_stay_at_the_next_fix(presence: Presence) -> None:
    moved = upload(presence, fix(50), fix(60), fences=())
    assert moved.transitions == (
        Transition(
            kind="exit", geofence_id=SHOP.geofence_id, store_id=SHOP.store_id, event_at=at(50), cause="fence_removed"
        ),
    )
    assert held(moved) == (at(60), ())
    assert upload(presence, fix(-1), fences=()).transitions == ()


def test_two_fences_are_left_and_entered_apart() -> None:
    mall = Fence(GeofenceId(UUID(int=11)), BRAND, StoreId(UUID(int=21)), "mall", Circle(35.68, 139.76, 400.0), 400.0)
    moved = upload(AWAY, *(fix(seconds, STREET_M) for seconds in (0, 30)), fix(60), fences=(SHOP, mall))
    assert [(change.store_id.int, change.kind) for change in moved.transitions] == [(21, "enter"), (20, "enter")]
    moved = upload(moved.presence, fix(100, STREET_M), fix(250, STREET_M), fences=(SHOP, mall))
    assert [(change.store_id.int, change.kind) for change in moved.transitions] == [(20, "exit")]
    assert [stay.store_id.int for stay in moved.presence.stays] == [21]


FIX_SHOWING: dict[Observation, Fix] = {
    "inside": fix(400),
    "unsure": fix(400, DOORSTEP_M),
    "outside": fix(400, STREET_M),
}
PRESENCE_IN: dict[State, Presence] = {"outside": AWAY, "inside": INSIDE, "leaving": LEAVING}


@pytest.mark.parametrize("shown", FIX_SHOWING)
@pytest.mark.parametrize("state", PRESENCE_IN)
def test_the_machine_does_what_its_table_says(state: State, shown: Observation) -> None:
    before = PRESENCE_IN[state]
    moved = upload(before, FIX_SHOWING[shown])
    steps = TABLE.get((state, shown), (Step(None, None, state),))
    stays = moved.presence.stays
    after = state_of(stays[0]) if stays else "outside"
    kind = moved.transitions[0].kind if moved.transitions else None
    assert (kind, after) in [(step.kind, step.to) for step in steps]


def test_a_stay_is_stored_as_short_json() -> None:
    stay = Stay(SHOP.geofence_id, SHOP.store_id, at(0), at(300), at(900), 2, at(910), 10.0, 0.5, 60.0, 70.0)
    stored = msgspec.json.encode(stay)
    assert stored == (
        b'{"g":"00000000-0000-0000-0000-00000000000a","s":"00000000-0000-0000-0000-000000000014",'
        b'"e":"2026-04-01T12:00:00Z","d":"2026-04-01T12:05:00Z","o":"2026-04-01T12:15:00Z","n":2,'
        b'"u":"2026-04-01T12:15:10Z","a":10.0,"k":0.5,"f":60.0,"b":70.0}'
    )
    assert msgspec.json.decode(stored, type=Stay) == stay
