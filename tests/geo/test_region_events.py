"""What a phone's own geofencing adds to its fixes."""

from uuid import UUID

import msgspec
import pytest

from geo.fix import Fix, RegionEvent, RegionEventByEnd, RegionEventFix
from geo.fix_by_fix import apply_fixes
from geo.geofence import Area, Fence
from geo.index import FenceIndex
from geo.matching import match_fences
from geo.presence import Presence
from geo.region_events import apply_region_events
from geo.shapes import parse_area
from ids import GeofenceId, ProgramId, StoreId
from tests.support.tracks import BRAND, SHOP, at, fix

ENTER = RegionEvent("enter", SHOP.geofence_id)
DWELL = RegionEvent("dwell", SHOP.geofence_id)
EXIT = RegionEvent("exit", SHOP.geofence_id)
RIVAL = Fence(GeofenceId(UUID(int=11)), ProgramId(UUID(int=2)), StoreId(UUID(int=21)), "rival", SHOP.shape, 50.0)
SQUARE = Fence(
    GeofenceId(UUID(int=12)),
    BRAND,
    StoreId(UUID(int=20)),
    "square",
    Area(
        parse_area(
            {
                "type": "Polygon",
                "coordinates": [
                    [
                        [139.7595, 35.6795],
                        [139.7605, 35.6795],
                        [139.7605, 35.6805],
                        [139.7595, 35.6805],
                        [139.7595, 35.6795],
                    ]
                ],
            }
        )
    ),
    45.0,
)
INDEX = FenceIndex.build([SHOP, RIVAL, SQUARE])


def told(event: RegionEvent | RegionEventByEnd, seconds: float, east_m: float, accuracy_m: float | None = 30.0) -> Fix:
    return RegionEventFix(**msgspec.structs.asdict(fix(seconds, east_m, accuracy_m)), region_event=event)


def inside(each: Fix) -> set[GeofenceId]:
    (fence_matches,) = match_fences(INDEX, [(BRAND, [each])])
    (weighed,) = apply_region_events(BRAND, fence_matches, INDEX)
    return {fence.geofence_id for fence in weighed.inside}


@pytest.mark.parametrize("event", [ENTER, DWELL])
def test_an_enter_within_the_accuracy_of_the_edge_counts_as_inside(event: RegionEvent) -> None:
    assert SHOP.geofence_id not in inside(fix(0, 75, 30.0))
    assert SHOP.geofence_id in inside(told(event, 0, 75))
    assert SHOP.geofence_id in inside(told(event, 0, 20))


@pytest.mark.parametrize(
    ("east_m", "accuracy_m"), [(81, 30.0), (75, None), (75, 20.0)], ids=["too far", "no accuracy", "a good fix"]
)
def test_a_fix_that_contradicts_its_enter_stands(east_m: float, accuracy_m: float | None) -> None:
    assert SHOP.geofence_id not in inside(told(ENTER, 0, east_m, accuracy_m))


@pytest.mark.parametrize(
    ("end", "accuracy_m", "counts"),
    [
        ("00000a", 30.0, True),
        ("0a", 30.0, True),
        ("00000b", 30.0, False),
        ("00000a", 20.0, False),
        ("00000a", 501.0, True),
        ("00000a", None, False),
        ("", 30.0, False),
    ],
)
def test_a_region_may_be_told_by_the_end_of_its_id(end: str, accuracy_m: float | None, counts: bool) -> None:
    """The square around the shop and the rival's fence are as near; no end at all is that of two."""
    assert (SHOP.geofence_id in inside(told(RegionEventByEnd("enter", end), 0, 75, accuracy_m))) is counts
    if counts:
        assert SHOP.geofence_id not in inside(told(RegionEventByEnd("exit", end), 0, 45))


def test_of_two_fences_with_one_end_neither_is_meant() -> None:
    twin = msgspec.structs.replace(SHOP, geofence_id=UUID(int=(1 << 64) + SHOP.geofence_id.int))
    index = FenceIndex.build([SHOP, twin])
    (fence_matches,) = match_fences(index, [(BRAND, [told(RegionEventByEnd("enter", "00000a"), 0, 75)])])
    assert apply_region_events(BRAND, fence_matches, index)[0].inside == ()


def test_an_exit_within_the_accuracy_of_the_edge_does_not_count_as_inside() -> None:
    assert SHOP.geofence_id in inside(fix(0, 45, 30.0))
    assert SHOP.geofence_id not in inside(told(EXIT, 0, 45))
    assert SHOP.geofence_id in inside(told(EXIT, 0, 10))


@pytest.mark.parametrize("stranger", [RIVAL.geofence_id, SQUARE.geofence_id, GeofenceId(UUID(int=99))])
def test_other_fences_gain_nothing(stranger: GeofenceId) -> None:
    assert inside(told(RegionEvent("enter", stranger), 0, 52)) == inside(fix(0, 52, 30.0))


def test_an_enter_opens_a_stay_and_an_exit_alone_ends_none() -> None:
    def move(presence: Presence, *fixes: Fix) -> tuple[Presence, list[str]]:
        (fence_matches,) = match_fences(INDEX, [(BRAND, fixes)])
        moved = apply_fixes(presence, apply_region_events(BRAND, fence_matches, INDEX), INDEX.get, at(86_400))
        return moved.presence, [t.kind for t in moved.transitions if t.geofence_id == SHOP.geofence_id]

    presence, kinds = move(Presence.nowhere(), told(ENTER, 0, 75))
    assert kinds == ["enter"]
    presence, kinds = move(presence, told(EXIT, 60, 55), told(EXIT, 600, 70))
    assert kinds == []
    presence, kinds = move(presence, told(EXIT, 700, 120), fix(900, 200), fix(1200, 200))
    assert kinds == ["exit"]


def test_a_mocked_event_moves_nothing() -> None:
    faked = msgspec.structs.replace(told(ENTER, 0, 75), mocked=True)
    (fence_matches,) = match_fences(INDEX, [(BRAND, [faked])])
    assert (
        apply_fixes(Presence.nowhere(), apply_region_events(BRAND, fence_matches, INDEX), INDEX.get, at(60)).transitions
        == ()
    )


def test_a_track_without_events_is_handed_on_as_it_is() -> None:
    (fence_matches,) = match_fences(INDEX, [(BRAND, [fix(0), fix(60, 75)])])
    assert apply_region_events(BRAND, fence_matches, INDEX) is fence_matches
