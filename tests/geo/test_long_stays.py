"""Stays of a length that somebody asks for: never told before they are as long, and each length once a stay."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from geo.fix import Fix
from geo.geofence import Fence
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from geo.transition import Transition
from ids import GeofenceId, StoreId
from tests.geo.test_transition_promises import RECEIVED_S, UPLOADS, two_fences
from tests.support.tracks import SHOP, at, fix, upload

LENGTHS = st.lists(st.integers(1, 12), max_size=3).map(lambda minutes: tuple(sorted(set(minutes))))


def run(fences: tuple[Fence, ...], uploads: Sequence[Sequence[Fix]], lengths: Sequence[int]) -> list[Transition]:
    """The uploads, and then a silence of two hours by every phone, swept whenever something is due."""
    presence, told = Presence.nowhere(), list[Transition]()
    fence_of = {fence.geofence_id: fence for fence in fences}.get

    def minutes_of(_: StoreId) -> Sequence[int]:
        return lengths

    for fixes in uploads:
        step = upload(presence, *fixes, fences=fences, received_s=RECEIVED_S, minutes_of=minutes_of)
        presence, told = step.presence, told + list(step.transitions)
    now = at(RECEIVED_S)
    while (due_at := next_due_at(presence, fence_of, now, minutes_of)) is not None and due_at < at(RECEIVED_S + 7200):
        now = max(now, due_at)
        swept = sweep(presence, fence_of, now, minutes_of)
        assert sweep(swept.presence, fence_of, now, minutes_of).transitions == ()
        presence, told = swept.presence, told + list(swept.transitions)
    return told


@given(two_fences(), UPLOADS, LENGTHS)
def test_a_length_is_told_once_a_stay_and_never_before_it_is_reached(
    fences: tuple[Fence, ...], uploads: list[list[Fix]], lengths: tuple[int, ...]
) -> None:
    told = run(fences, uploads, lengths)
    entered: dict[GeofenceId, Transition] = {}
    seen: set[tuple[GeofenceId, datetime, int | None, datetime]] = set()
    for change in told:
        if change.kind == "enter":
            entered[change.geofence_id] = change
        elif change.kind == "exit":
            began = entered.pop(change.geofence_id).event_at
            assert not any(key[:2] == (change.geofence_id, began) and key[3] > change.event_at for key in seen)
        elif change.kind == "stay":
            began = entered[change.geofence_id].event_at
            assert change.minutes in lengths
            assert (change.event_at - began).total_seconds() == 60 * (change.minutes or 0)
            key = change.geofence_id, began, change.minutes, change.event_at
            assert key not in seen
            seen.add(key)
    assert [each for each in told if each.kind != "stay"] == run(fences, uploads, ())


def test_time_outside_that_was_no_exit_counts_and_none_is_told_while_leaving() -> None:
    def five(_: StoreId) -> tuple[int, ...]:
        return (5,)

    step = upload(Presence.nowhere(), fix(0), fix(280, 300.0), minutes_of=five)
    assert [change.kind for change in step.transitions] == ["enter"]
    swept = sweep(step.presence, {SHOP.geofence_id: SHOP}.get, at(86_400 + 301), five)
    assert "stay" not in {change.kind for change in swept.transitions}
    back = upload(step.presence, fix(310, 0.0), fix(400, 0.0), minutes_of=five)
    assert [(change.kind, change.event_at) for change in back.transitions if change.kind == "stay"] == [
        ("stay", at(300))
    ]
