"""What a phone's own geofencing adds to a fix. Pure.

iOS and Android watch circles for an app and wake it when one is crossed. Their radio sees more than the one fix that
comes along (Wi-Fi, cells, the chip's own fixes), but they fire late and early and know nothing of our rules. So an
event is not a transition: its coordinates are a fix like any other, and where that fix leaves the answer open, the
event tips it.

    enter, dwell   the point lies outside the circle by less than the fix's accuracy: it counts as inside
    exit           the point lies inside the circle by less than the fix's accuracy: it does not count as inside

Open means: the truth may lie on either side of the edge by the fix's own word. A fix that contradicts its event
stands, for an event may come minutes after the step that it tells of. An exit is never shown by an event alone: it
takes fixes outside, and time, as always. An event has no weight for an area, since the phone watched the circle around
it, nor for a fence of another program, nor with a fix that gives no accuracy.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from geo.geodesy import distance_m
from geo.index import Circle, Fence
from geo.matching import Fix, Sighting, ToldFix


def weigh(
    program_id: UUID, sightings: Sequence[Sighting], fence_of: Callable[[UUID], Fence | None]
) -> Sequence[Sighting]:
    """The sightings of one device, corrected by the region events that came with its fixes."""
    if not any(isinstance(sighting.fix, ToldFix) for sighting in sightings):
        return sightings
    return [_weigh_one(program_id, sighting, fence_of) for sighting in sightings]


def _weigh_one(program_id: UUID, sighting: Sighting, fence_of: Callable[[UUID], Fence | None]) -> Sighting:
    event = sighting.fix.region_event if isinstance(sighting.fix, ToldFix) else None
    fence = fence_of(event.geofence_id) if event is not None else None
    if event is None or fence is None or fence.program_id != program_id or not _is_open(sighting.fix, fence):
        return sighting
    others = tuple(each for each in sighting.inside if each.geofence_id != fence.geofence_id)
    return msgspec.structs.replace(sighting, inside=others if event.kind == "exit" else (*others, fence))


def _is_open(fix: Fix, fence: Fence) -> bool:
    """Whether the fix may have been taken on either side of the fence's edge."""
    shape = fence.shape
    if not isinstance(shape, Circle) or fix.accuracy_m is None:
        return False
    return abs(distance_m(shape.lat, shape.lon, fix.lat, fix.lon) - shape.radius_m) < fix.accuracy_m
