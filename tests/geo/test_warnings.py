"""What a chain is warned of: fences that are too small, and fences over a sister store's."""

from uuid import UUID

import pytest

from geo.geodesy import WGS84
from geo.geofence import Area, Circle, Fence
from geo.shapes import parse_area
from geo.warnings import find_overlaps, find_small
from ids import GeofenceId, ProgramId, StoreId

LAT, LON = 35.6, 139.7


def fence(number: int, shape: Circle | Area, store: int | None = None, radius_m: float = 100.0) -> Fence:
    return Fence(
        GeofenceId(UUID(int=number)),
        ProgramId(UUID(int=1)),
        StoreId(UUID(int=100 + (number if store is None else store))),
        "x",
        shape,
        radius_m,
    )


def circle(east_m: float, radius_m: float = 100.0) -> Circle:
    lon, lat, _ = WGS84.fwd(LON, LAT, 90, east_m)
    return Circle(lat, lon, radius_m)


def square(east_m: float, half_m: float = 100.0) -> Area:
    lon, lat, _ = WGS84.fwd(LON, LAT, 90, east_m)
    east, north, _ = WGS84.fwd(lon, lat, 45, half_m * 2**0.5)
    west, south, _ = WGS84.fwd(lon, lat, 225, half_m * 2**0.5)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Area(parse_area({"type": "Polygon", "coordinates": [ring]}))


@pytest.mark.parametrize("first", [circle, square])
@pytest.mark.parametrize("second", [circle, square])
@pytest.mark.parametrize(("apart_m", "overlap"), [(0, True), (197, True), (203, False), (5000, False)])
def test_fences_of_two_stores_overlap_or_not(first, second, apart_m: float, overlap: bool) -> None:  # type: ignore[no-untyped-def]
    one, other = fence(1, first(0)), fence(2, second(apart_m))
    found = {(a.geofence_id.int, b.geofence_id.int) for a, b in find_overlaps([one, other], [])}
    assert found == ({(1, 2), (2, 1)} if overlap else set())
    assert len(find_overlaps([one], [other])) == overlap
    assert find_overlaps([], [one, other]) == []


def test_a_stores_own_fences_may_overlap() -> None:
    assert find_overlaps([fence(1, circle(0), 7), fence(2, circle(10), 7)], []) == []


def test_each_fence_is_warned_of_once() -> None:
    crowd = [fence(n, circle(n)) for n in range(20)]
    assert sorted(a.geofence_id.int for a, _ in find_overlaps(crowd, [])) == list(range(20))


def test_areas_that_only_touch_share_no_ground() -> None:
    def block(west: float) -> Area:
        ring = [[west, 1.0], [west + 0.01, 1.0], [west + 0.01, 1.01], [west, 1.01], [west, 1.0]]
        return Area(parse_area({"type": "Polygon", "coordinates": [ring]}))

    assert find_overlaps([fence(1, block(0.0)), fence(2, block(0.01))], []) == []


def test_small_ones_are_below_a_hundred_metres() -> None:
    sizes = [fence(1, circle(0), radius_m=99.9), fence(2, circle(0), radius_m=100.0)]
    assert [each.geofence_id.int for each in find_small(sizes)] == [1]
