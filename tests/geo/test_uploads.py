"""Uploads in batches against the reference machine, which takes one fix after another."""

from datetime import timedelta
from random import Random
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.city import make_fences, make_walkers, walk
from geo.fix import Fix
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.overlay import OverlaidFences
from geo.presence import Presence
from ids import GeofenceId, StoreId
from kit.steps import run_through
from tests.support.batch_tracks import DEVICES, PLACES, Phones, draw_fences, draw_fixes
from tests.support.tracks import BRAND, NOON, SHOP, at, crossable, fix

FENCES, WALKERS, FIXES, INTERVAL_S = 1000, 48, 100, 20


@given(
    seed=st.integers(0, 2**32),
    place=st.sampled_from(PLACES),
    crossings=st.sampled_from([False, False, True]),
    lengths=st.booleans(),
    edits=st.booleans(),
)
def test_tracks_come_to_the_same(
    seed: int, place: tuple[float, float], crossings: bool, lengths: bool, edits: bool
) -> None:
    chance = Random(seed)
    fences = draw_fences(chance, *place)
    known = OverlaidFences.over(FenceIndex.build(fences))
    phones = Phones(
        known,
        [Presence.nowhere()] * DEVICES,
        crossable(fences) if crossings else None,
        (lambda _: (1, 5, 30)) if lengths else None,
    )
    now_s = 0.0
    for _ in range(6):
        batch = [
            (phone, draw_fixes(chance, *place, now_s, fences)) for phone in range(DEVICES) if chance.random() < 0.8
        ]
        now_s = max([now_s, *((each.recorded_at - NOON).total_seconds() for _, fixes in batch for each in fixes)])
        phones.send(batch, NOON + timedelta(seconds=now_s + chance.choice([0, 0, -100, 5])))
        if edits:
            redrawn = chance.choice(fences)
            moved = msgspec.structs.replace(redrawn, shape=draw_fences(chance, *place)[0].shape)
            known = run_through(known.change_in_steps({redrawn.geofence_id: chance.choice([moved, moved, None])}))
            phones.fences = known


@pytest.mark.parametrize("fixes", [FIXES, 1])
def test_the_city_comes_to_the_same(fixes: int) -> None:
    rng = np.random.default_rng(1)
    city = make_fences(FENCES, rng)
    shapes: list[Circle | Area] = [
        *map(Circle, city.lats.tolist(), city.lons.tolist(), city.radii_m[: city.circle_count].tolist()),
        *map(Area, city.areas.tolist()),
    ]
    fences = [
        Fence(GeofenceId(UUID(int=number)), BRAND, StoreId(UUID(int=number)), "", shape, radius_m)
        for number, (shape, radius_m) in enumerate(zip(shapes, city.radii_m.tolist(), strict=True))
    ]
    phones = Phones(FenceIndex.build(fences), [Presence.nowhere()] * WALKERS)
    walkers = make_walkers(WALKERS, city, rng)
    for turn in range(3):
        lats, lons = walk(walkers, city, np.arange(WALKERS), FIXES, rng)
        accuracies_m = rng.uniform(5, 30, lats.shape)
        times = [NOON + timedelta(seconds=INTERVAL_S * (turn * FIXES + number)) for number in range(FIXES)]
        tracks = zip(lats.tolist(), lons.tolist(), accuracies_m.tolist(), strict=True)
        batch = [(phone, list(map(Fix, *columns, times))) for phone, columns in enumerate(tracks)]
        for begin in range(0, FIXES, fixes):
            end = begin + fixes
            phones.send([(phone, track[begin:end]) for phone, track in batch], times[end - 1])
    assert phones.transitions > WALKERS


def test_an_exit_that_the_last_fix_cancels_is_kept_for_an_event_of_its_instant() -> None:
    phones = Phones(FenceIndex.build([SHOP]), [Presence.nowhere()])
    phones.send([(0, [fix(0), fix(5), fix(20, 200.0), fix(40, 45.0)])], at(40))
    assert [stay.outside_fixes for stay in phones.presences[0].instant.cancelled] == [1]


def test_a_dwell_that_is_due_at_once_comes_with_the_next_fix() -> None:
    phones = Phones(FenceIndex.build([msgspec.structs.replace(SHOP, dwell_s=0.0)]), [Presence.nowhere()])
    phones.send([(0, [fix(0)])], at(0))
    assert phones.transitions == 1
    phones.send([(0, [fix(5), fix(10)])], at(10))
    assert phones.transitions == 2


def test_the_step_between_two_uploads_may_cross_a_fence() -> None:
    telling = msgspec.structs.replace(SHOP, report_crossings=True)
    phones = Phones(FenceIndex.build([telling]), [Presence.nowhere()], crossable([telling]))
    phones.send([(0, [fix(second, -200.0) for second in (0, 5, 10, 15)])], at(15))
    phones.send([(0, [fix(second, 200.0) for second in (60, 65, 70, 75)])], at(75))
    assert phones.transitions == 1
