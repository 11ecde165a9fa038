"""Which fences each fix lies in. Pure."""

from collections.abc import Sequence
from itertools import accumulate

import msgspec
import numpy as np

from geo.fix import Fix, RegionEvent
from geo.geofence import Fence
from geo.index import FenceSet
from ids import ProgramId


class FenceMatch(msgspec.Struct, frozen=True, gc=False):
    """A fix and the fences of its program that hold the point, whatever the fix's accuracy.

    `event` is what the phone's own geofencing reported about a fence of the program, once it is known which
    (geo.region_events).
    """

    fix: Fix
    inside: tuple[Fence, ...]
    event: RegionEvent | None = None


def match_fences(fences: FenceSet, tracks: Sequence[tuple[ProgramId, Sequence[Fix]]]) -> list[list[FenceMatch]]:
    """Match the fixes of many devices at once.

    A track is a device's program and its fixes. Answers one list of fence matches a track, in the order of the fixes.
    """
    fixes = [fix for _, track in tracks for fix in track]
    program_ids, counts = [program_id for program_id, _ in tracks], [len(track) for _, track in tracks]
    lats = np.array([fix.lat for fix in fixes], np.float64)
    lons = np.array([fix.lon for fix in fixes], np.float64)
    points, positions = fences.find_containing(program_ids, counts, lats, lons)
    fence_matches = make_fence_matches(fences, fixes, points.tolist(), positions.tolist())
    ends = accumulate(counts)
    return [fence_matches[end - len(track) : end] for end, (_, track) in zip(ends, tracks, strict=True)]


def make_fence_matches(
    fences: FenceSet, fixes: Sequence[Fix], points: Sequence[int], positions: Sequence[int]
) -> list[FenceMatch]:
    """One a fix, from the pairs that `FenceSet.find_containing` found for them."""
    inside: dict[int, tuple[Fence, ...]] = {}
    for point, position in zip(points, positions, strict=True):
        inside[point] = (*inside.get(point, ()), fences.fences[position])
    fence_matches = [FenceMatch(fix, ()) for fix in fixes]
    for point, held in inside.items():
        fence_matches[point] = FenceMatch(fixes[point], held)
    return fence_matches
