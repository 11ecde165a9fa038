"""The matcher as plainly as it can be said: every fence of the program is asked about every point."""

from collections.abc import Sequence

import shapely

from geo.geodesy import WGS84
from geo.geofence import Circle, Fence
from geo.overlay import OverlaidFences
from ids import ProgramId

# A program, and (lat, lon) of each point.
Track = tuple[ProgramId, Sequence[tuple[float, float]]]


def holds(fence: Fence, lat: float, lon: float) -> bool:
    shape = fence.shape
    if isinstance(shape, Circle):
        return bool(WGS84.inv(shape.lon, shape.lat, lon, lat)[2] <= shape.radius_m)
    return bool(shapely.intersects_xy(shape.polygons, lon, lat))


def match_plainly(fences: Sequence[Fence], tracks: Sequence[Track]) -> list[tuple[int, int]]:
    """All pairs of a point and a fence that holds it, by their positions, in order."""
    points = [(program_id, *point) for program_id, track in tracks for point in track]
    return [
        (n, position)
        for n, (program_id, lat, lon) in enumerate(points)
        for position, fence in enumerate(fences)
        if fence.program_id == program_id and holds(fence, lat, lon)
    ]


def list_current(fences: OverlaidFences) -> list[Fence]:
    """All fences that there are, without those that are hidden in the base."""
    everything = list(fences.fences)
    return [fence for n, fence in enumerate(everything) if fences.position(fence.geofence_id) == n]
