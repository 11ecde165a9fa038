"""Fixes: what is refused, and how those of many devices are matched at once."""

import math
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from geo.fix import Fix, find_fault
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from geo.matching import FenceMatch, match_fences
from ids import GeofenceId, ProgramId, StoreId

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BRAND, RIVAL = ProgramId(UUID(int=1)), ProgramId(UUID(int=2))


@pytest.mark.parametrize(
    ("fix", "fault"),
    [
        (Fix(35.68, 139.76, 10.0, NOON), None),
        (Fix(-90.0, -180.0, None, NOON), None),
        (Fix(90.0, 180.0, 0.0, NOON), None),
        (Fix(90.1, 139.76, 10.0, NOON), "lat_out_of_range"),
        (Fix(math.nan, 139.76, 10.0, NOON), "lat_out_of_range"),
        (Fix(35.68, 180.1, 10.0, NOON), "lon_out_of_range"),
        (Fix(35.68, -math.inf, 10.0, NOON), "lon_out_of_range"),
        (Fix(35.68, 139.76, -1.0, NOON), "accuracy_invalid"),
        (Fix(35.68, 139.76, math.nan, NOON), "accuracy_invalid"),
        (Fix(35.68, 139.76, 100_001.0, NOON), "accuracy_invalid"),
        (Fix(35.68, 139.76, 10.0, NOON.replace(tzinfo=None)), "time_invalid"),
        (Fix(35.68, 139.76, 10.0, NOON.astimezone(timezone(timedelta(hours=9)))), "time_invalid"),
    ],
)
def test_a_fault_has_a_stable_code(fix: Fix, fault: str | None) -> None:
    assert find_fault(fix) == fault


def fence(number: int, program_id: ProgramId, radius_m: float) -> Fence:
    return Fence(
        GeofenceId(UUID(int=10 + number)),
        program_id,
        StoreId(UUID(int=20)),
        "shop",
        Circle(35.68, 139.76, radius_m),
        radius_m,
    )


def test_tracks_are_sighted_in_their_own_order_and_program() -> None:
    wide, narrow, rivals = fence(0, BRAND, 500.0), fence(1, BRAND, 50.0), fence(2, RIVAL, 500.0)
    index = FenceIndex.build([wide, narrow, rivals])
    inside, near, far = (Fix(35.68 + offset, 139.76, 5.0, NOON) for offset in (0.0, 0.002, 1.0))
    seen = match_fences(index, [(BRAND, [far, inside]), (BRAND, []), (RIVAL, [inside]), (BRAND, [near])])
    assert seen == [
        [FenceMatch(far, ()), FenceMatch(inside, (wide, narrow))],
        [],
        [FenceMatch(inside, (rivals,))],
        [FenceMatch(near, (wide,))],
    ]


def test_no_tracks_give_no_fence_matches() -> None:
    assert match_fences(FenceIndex.build([]), []) == []
