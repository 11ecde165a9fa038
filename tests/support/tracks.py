"""Fixes along a street that runs east from a shop, and their upload."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from geo.crossings import CrossableFences
from geo.fix import Fix
from geo.fix_by_fix import apply_fixes
from geo.geodesy import WGS84
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from geo.long_stays import MinutesOf
from geo.matching import match_fences
from geo.presence import Presence
from geo.transitions import PresenceUpdate
from ids import GeofenceId, ProgramId, StoreId

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BRAND = ProgramId(UUID(int=1))
SHOP = Fence(GeofenceId(UUID(int=10)), BRAND, StoreId(UUID(int=20)), "shop", Circle(35.68, 139.76, 50.0), 50.0)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def fix(seconds: float, east_m: float = 0.0, accuracy_m: float | None = 10.0, mocked: bool = False) -> Fix:
    """A fix so many metres east of the shop's centre."""
    lon, lat, _ = WGS84.fwd(139.76, 35.68, 90, east_m)
    return Fix(lat, lon, accuracy_m, at(seconds), mocked)


def upload(
    presence: Presence,
    *fixes: Fix,
    fences: tuple[Fence, ...] = (SHOP,),
    received_s: float = 86_400,
    minutes_of: MinutesOf | None = None,
) -> PresenceUpdate:
    index = FenceIndex.build(fences)
    (fence_matches,) = match_fences(index, [(BRAND, fixes)])
    return apply_fixes(presence, fence_matches, index.get, at(received_s), crossable(fences), minutes_of)


def crossable(fences: Iterable[Fence]) -> CrossableFences:
    return CrossableFences(FenceIndex.build(fence for fence in fences if fence.report_crossings), BRAND)
