"""Fixes, and which fences each of them lies in. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Literal
from uuid import UUID

import msgspec
import numpy as np

from geo.index import Fence, FenceSet

# No phone means a larger number; what is wider than this says nothing about a shop's door.
WIDEST_ACCURACY_M = 100_000.0
# No clock that is set shows less; the first moment of the calendar would come back from the database as an infinity.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class RegionEvent(msgspec.Struct, frozen=True, gc=False):
    """What the phone's own geofencing told with a fix: see `geo.evidence`.

    Where an app does not tell a region's id, `geofence_id` is the last hexadecimal digits of it.
    """

    kind: Literal["enter", "dwell", "exit"]
    geofence_id: UUID | str


class Fix(msgspec.Struct, frozen=True, gc=False):
    """One location reading in WGS 84 degrees; `accuracy_m` is None when the phone gave none."""

    lat: float
    lon: float
    accuracy_m: float | None
    recorded_at: datetime
    mocked: bool = False


class ToldFix(Fix, frozen=True, gc=False):
    """A fix that came with an event of the phone's own geofencing."""

    region_event: RegionEvent | None = None


class FenceMatch(msgspec.Struct, frozen=True, gc=False):
    """A fix and the fences of its program that hold the point, whatever the fix's accuracy."""

    fix: Fix
    inside: tuple[Fence, ...]


def find_fault(fix: Fix) -> str | None:
    """The stable code of what makes a fix unusable, or None for a good one.

    `lat_out_of_range`, `lon_out_of_range` (NaN and infinity too), `accuracy_invalid` (negative, not finite, or wider
    than `WIDEST_ACCURACY_M`), `time_invalid` (without a time zone, not in UTC, or before `EARLIEST`).
    """
    if not -90 <= fix.lat <= 90:
        return "lat_out_of_range"
    if not -180 <= fix.lon <= 180:
        return "lon_out_of_range"
    if fix.accuracy_m is not None and not 0 <= fix.accuracy_m <= WIDEST_ACCURACY_M:
        return "accuracy_invalid"
    at = fix.recorded_at
    if (at.tzinfo is not UTC and at.utcoffset() != timedelta(0)) or at < EARLIEST:
        return "time_invalid"
    return None


def match_fences(fences: FenceSet, tracks: Sequence[tuple[UUID, Sequence[Fix]]]) -> list[list[FenceMatch]]:
    """Match the fixes of many devices at once.

    A track is a device's program and its fixes. Answers one list of fence matches a track, in the order of the fixes.
    """
    fixes = [fix for _, track in tracks for fix in track]
    program_ids = [program_id for program_id, track in tracks for _ in track]
    lats = np.array([fix.lat for fix in fixes], np.float64)
    lons = np.array([fix.lon for fix in fixes], np.float64)
    points, positions = fences.contains(program_ids, lats, lons)
    inside: dict[int, tuple[Fence, ...]] = {}
    for point, position in zip(points.tolist(), positions.tolist(), strict=True):
        inside[point] = (*inside.get(point, ()), fences.fences[position])
    fence_matches = [FenceMatch(fix, ()) for fix in fixes]
    for point, held in inside.items():
        fence_matches[point] = FenceMatch(fixes[point], held)
    ends = accumulate(len(track) for _, track in tracks)
    return [fence_matches[end - len(track) : end] for end, (_, track) in zip(ends, tracks, strict=True)]
