"""Region events: what a phone's own geofencing adds to a fix. Pure.

iOS and Android watch circles for an app and wake it when one is crossed. They use more signals than the one fix that
is sent along (Wi-Fi, cells, the chip's own fixes), but they report late and early and do not know our rules. So an
event is not a transition: its coordinates are a fix like any other, and where that fix leaves the answer open, the
event decides.

    enter, dwell   the point lies outside the circle by less than the fix's accuracy: it counts as inside
    exit           the point lies inside the circle by less than the fix's accuracy: it does not count as inside

"Open" means: within its accuracy the fix may lie on either side of the edge. Where a fix contradicts its event, the fix
holds, because an event may come minutes late. An event alone never shows an exit: that takes fixes outside, and time,
as always. An event changes nothing for an area, since the phone watched the circle around it; nor for a fence of
another program; nor with a fix without an accuracy.

Some apps send only the end of a region's id. Only fences whose edge the fix may lie on are considered, so six digits
are enough: of a hundred fences in one street, two share them once in three thousand streets, and then neither counts.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from geo.fix import Fix, RegionEvent, RegionEventFix
from geo.geodesy import distance_m
from geo.geofence import Circle, Fence
from geo.index import FenceSet
from geo.matching import FenceMatch
from geo.nearest import MAX_SELECTION_ACCURACY_M
from ids import ProgramId


def apply_region_events(
    program_id: ProgramId, fence_matches: Sequence[FenceMatch], fences: FenceSet
) -> Sequence[FenceMatch]:
    """The fence matches of one device, corrected by the region events that came with its fixes."""
    if not any(isinstance(fence_match.fix, RegionEventFix) for fence_match in fence_matches):
        return fence_matches
    return [_apply_region_event(program_id, fence_match, fences) for fence_match in fence_matches]


def _apply_region_event(program_id: ProgramId, fence_match: FenceMatch, fences: FenceSet) -> FenceMatch:
    event = fence_match.fix.region_event if isinstance(fence_match.fix, RegionEventFix) else None
    fence = _find_open(program_id, fence_match.fix, event, fences) if event is not None else None
    if event is None or fence is None:
        return fence_match
    others = tuple(each for each in fence_match.inside if each.geofence_id != fence.geofence_id)
    return msgspec.structs.replace(fence_match, inside=others if event.kind == "exit" else (*others, fence))


def _find_open(program_id: ProgramId, fix: Fix, event: RegionEvent, fences: FenceSet) -> Fence | None:
    """The program's fence that the event is about, if the fix leaves open on which side of its edge it lies."""
    if isinstance(event.geofence_id, UUID):
        known = fences.get(event.geofence_id)
        found = [known] if known is not None and known.program_id == program_id else []
    elif fix.accuracy_m is None or fix.accuracy_m > MAX_SELECTION_ACCURACY_M:
        found = []
    else:
        near = _list_near(program_id, fix, fix.accuracy_m, fences)
        found = [fence for fence in near if fence.geofence_id.hex.endswith(event.geofence_id)]
    return found[0] if len(found) == 1 and _is_open(fix, found[0]) else None


def _list_near(program_id: ProgramId, fix: Fix, reach_m: float, fences: FenceSet) -> Iterator[Fence]:
    """The program's fences that contain the fix or whose edge is within reach, and perhaps some a little farther."""
    for group in fences.iterate_nearest_groups(program_id, fix.lat, fix.lon):
        yield from (fences.fences[n] for n in group.positions[group.min_distances_m <= reach_m].tolist())
        if group.rest_min_distance_m > reach_m:
            return


def _is_open(fix: Fix, fence: Fence) -> bool:
    """Whether the fix may have been taken on either side of the fence's edge."""
    shape = fence.shape
    if not isinstance(shape, Circle) or fix.accuracy_m is None:
        return False
    return abs(distance_m(shape.lat, shape.lon, fix.lat, fix.lon) - shape.radius_m) < fix.accuracy_m
