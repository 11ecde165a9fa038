"""What a fix, or the fence itself, shows of a device and a fence. See geo.transitions. Pure."""

from typing import Literal

from geo.edges import distance_to_fence_m
from geo.fix import Fix
from geo.geofence import Fence, Policy
from geo.presence import Stay

# A fix no better than this may still enter a fence that is smaller: phones in a mall seldom do better.
ENTER_ACCURACY_M = 100.0

FenceChange = Literal["fence_removed", "fence_changed"]


def shows_inside(fence: Fence, fix: Fix) -> bool:
    """Whether a fix that lies in the fence is good enough to say so."""
    return (fix.accuracy_m or 0.0) <= max(ENTER_ACCURACY_M, fence.radius_m)


def shows_outside(fence: Fence | Policy, fix: Fix, distance_m: float) -> bool:
    """Whether a fix so far from the edge is farther than noise explains."""
    return distance_m >= max(fence.exit_margin_m, fix.accuracy_m or 0.0)


def find_fence_change(fence: Fence | None, stay: Stay, last_fix: Fix | None) -> FenceChange | None:
    """Why the fence itself ends the stay, if it does.

    The last fix of a device that is not leaving did not show outside. If it does now, the fence was redrawn.
    """
    if fence is None:
        return "fence_removed"
    if stay.outside_since is not None or last_fix is None:
        return None
    distance_m = distance_to_fence_m(fence, last_fix.lat, last_fix.lon)
    return "fence_changed" if shows_redrawn(fence, last_fix, distance_m) else None


def shows_redrawn(fence: Fence | Policy, last_fix: Fix, distance_m: float) -> bool:
    """Whether the last fix of a device that is not leaving lies so far from the edge, outside, that it was moved."""
    return distance_m > 0 and shows_outside(fence, last_fix, distance_m)
