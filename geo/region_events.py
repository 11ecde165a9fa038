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

Phones send an event beside the fix that it came from, at the same instant, and often in an upload of its own. So an
event of the instant of the last fix is not late: it is weighed with that fix, once (geo.ordering).

Some apps send only the end of a region's id. Only fences near the fix are considered, so six digits are enough: of a
hundred fences in one street, two share them once in three thousand streets, and then neither counts.
"""

from collections.abc import Iterator, Sequence

from geo.fix import Fix, RegionEvent, RegionEventByEnd, RegionEventFix
from geo.geodesy import distance_m
from geo.geofence import Circle, Fence
from geo.index import FenceSet
from geo.matching import FenceMatch
from ids import ProgramId

# How far from a fix the edge of a fence may be that is told by the end of its id.
NEAR_M = 500.0


def apply_region_events(
    program_id: ProgramId, fence_matches: Sequence[FenceMatch], fences: FenceSet
) -> Sequence[FenceMatch]:
    """The fence matches of one device, corrected by the region events that came with its fixes."""
    if not any(isinstance(fence_match.fix, RegionEventFix) for fence_match in fence_matches):
        return fence_matches
    return [_apply_region_event(program_id, fence_match, fences) for fence_match in fence_matches]


def weigh(inside: tuple[Fence, ...], fix: Fix, event: RegionEvent, fence: Fence) -> tuple[Fence, ...]:
    """The fences that the fix counts as inside of, by the event about `fence`; `inside` hold its point."""
    if not is_open(fix, fence):
        return inside
    others = tuple(each for each in inside if each.geofence_id != fence.geofence_id)
    return others if event.kind == "exit" else (*others, fence)


def is_open(fix: Fix, fence: Fence) -> bool:
    """Whether the fix may have been taken on either side of the fence's edge."""
    shape = fence.shape
    if not isinstance(shape, Circle) or fix.accuracy_m is None:
        return False
    return abs(distance_m(shape.lat, shape.lon, fix.lat, fix.lon) - shape.radius_m) < fix.accuracy_m


def _apply_region_event(program_id: ProgramId, fence_match: FenceMatch, fences: FenceSet) -> FenceMatch:
    fix = fence_match.fix
    told = fix.region_event if isinstance(fix, RegionEventFix) else None
    fence = _find_fence(program_id, fix, told, fences) if told is not None else None
    if told is None or fence is None:
        return fence_match
    event = RegionEvent(told.kind, fence.geofence_id)
    return FenceMatch(fix, weigh(fence_match.inside, fix, event, fence), event)


def _find_fence(
    program_id: ProgramId, fix: Fix, told: RegionEvent | RegionEventByEnd, fences: FenceSet
) -> Fence | None:
    """The program's fence that the event is about."""
    if isinstance(told, RegionEvent):
        known = fences.get(told.geofence_id)
        return known if known is not None and known.program_id == program_id else None
    ending = [each for each in _list_near(program_id, fix, fences) if each.geofence_id.hex.endswith(told.id_end)]
    return ending[0] if len(ending) == 1 else None


def _list_near(program_id: ProgramId, fix: Fix, fences: FenceSet) -> Iterator[Fence]:
    """The program's fences that contain the fix or whose edge is near it, and perhaps some a little farther."""
    for group in fences.iterate_nearest_groups(program_id, fix.lat, fix.lon):
        yield from (fences.fences[n] for n in group.positions[group.min_distances_m <= NEAR_M].tolist())
        if group.rest_min_distance_m > NEAR_M:
            return
