"""What is allowed in a chain's fences but seldom intended: too small to be reliable, or over another store's. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo.boxes import box_fences
from geo.edges import distance_to_fence_m
from geo.geodesy import distance_m
from geo.geofence import Area, Circle, Fence
from ids import GeofenceId

# A phone indoors knows its place to 50 m (68 % of its fixes are nearer). With a normal error in both axes the share of
# fixes inside a circle around the phone is 1 - 0.32 ** ((radius / 50) ** 2): 68 % at 50 m, 92 % at 75 m, 99 % at 100 m.
# The phones' makers advise 100 m and more for the fences that a phone watches itself.
MIN_RELIABLE_RADIUS_M = 100.0


class Overlap(NamedTuple):
    fence: Fence
    other: Fence


def find_small(fences: Sequence[Fence]) -> list[Fence]:
    return [fence for fence in fences if fence.radius_m < MIN_RELIABLE_RADIUS_M]


def find_overlaps(fences: Sequence[Fence], others: Sequence[Fence]) -> list[Overlap]:
    """Fences that share ground with one of another store, the first such for each; among `fences` and with `others`.

    A circle and an area are compared to 0.5 %, as `geo.edges.distance_to_fence_m` measures.
    """
    everything = [*fences, *others]
    if not everything:
        return []
    bounds, owner = box_fences(everything)
    boxes = np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2)))
    asked = np.flatnonzero(owner < len(fences))
    # Without a predicate: only the envelopes of these diagonals count.
    near, found = shapely.STRtree(boxes).query(boxes[asked])
    overlaps: dict[GeofenceId, Overlap] = {}
    for a, b in sorted(set(zip(owner[asked[near]].tolist(), owner[found].tolist(), strict=True))):
        one, other = everything[a], everything[b]
        if one.store_id != other.store_id and one.geofence_id not in overlaps and _share_ground(one, other):
            overlaps[one.geofence_id] = Overlap(one, other)
    return list(overlaps.values())


def _share_ground(one: Fence, other: Fence) -> bool:
    a, b = one.shape, other.shape
    if isinstance(a, Circle) and isinstance(b, Circle):
        return distance_m(a.lat, a.lon, b.lat, b.lon) < a.radius_m + b.radius_m
    if isinstance(a, Area) and isinstance(b, Area):
        return bool(shapely.intersects(a.polygons, b.polygons) and not shapely.touches(a.polygons, b.polygons))
    (circle, drawn) = (a, other) if isinstance(a, Circle) else (b, one)
    assert isinstance(circle, Circle)
    return distance_to_fence_m(drawn, circle.lat, circle.lon) < circle.radius_m
