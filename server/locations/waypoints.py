"""What an OwnTracks phone is told to watch: nearest-N sync for an app that already exists.

The app asks nothing; it posts where it is, and the answer may carry `setWaypoints`. What a phone was told is kept in
this process's memory only: after a restart, or behind another process, it is told once more, which changes nothing.

`setWaypoints` merges, and what it takes for a region's key differs: `tst` on Android, `desc` or `rid` on iOS. So each
region gets one of a fixed set of `tst` (Android overwrites, and never holds more than N), and on iOS what is no longer
wanted is sent first with an impossible place, which removes it there.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

import msgspec

from geo.fix import Fix
from geo.nearest import NearestRegions, Region, find_nearest_regions, find_unusable_reason, is_in_circle
from ids import DeviceId, MemberId
from kit.clock import utc_now
from kit.database import Pool, connect
from members import devices_repository
from members.device import Device, Platform
from server.runtime.snapshot import SnapshotKeeper

# One of the platform's regions is the refresh circle.
REGION_LIMITS: dict[Platform, int] = {"ios": 19, "android": 99}
REFRESH_ID = "noren-refresh"

_MOST_PHONES = 50_000
# A phone may have lost an answer, or its regions.
_TELL_AGAIN_AFTER = timedelta(hours=24)
_FIRST_SLOT = 1_000_000_000
_NOWHERE = -1_000_000.0
_TELLING_DESC = re.compile(r".* #([0-9a-f]{6})", re.DOTALL)


class Waypoint(msgspec.Struct, frozen=True, tag_field="_type", tag="waypoint"):
    desc: str
    lat: float
    lon: float
    rad: int
    tst: int
    rid: str


class Waypoints(msgspec.Struct, frozen=True, tag_field="_type", tag="waypoints"):
    waypoints: list[Waypoint]


class Command(msgspec.Struct, frozen=True, tag_field="_type", tag="cmd"):
    """As the OwnTracks booklet describes `cmd`."""

    waypoints: Waypoints
    action: Literal["setWaypoints"] = "setWaypoints"


class _SentWaypoints(msgspec.Struct, frozen=True):
    device: Device
    fence_version: int
    origin: Fix
    nearest: NearestRegions
    at: datetime


def read_id_end(desc: str, tst: float) -> str | None:
    """The end of the geofence's id of a waypoint that we told, or None: for Android, which keeps no `rid`."""
    read = _TELLING_DESC.fullmatch(desc)
    return read[1] if read and _FIRST_SLOT < tst <= _FIRST_SLOT + max(REGION_LIMITS.values()) else None


class WaypointSync:
    """Knows what the OwnTracks phones of this process were told, and tells them when it is no longer right."""

    def __init__(self, pool: Pool, keeper: SnapshotKeeper) -> None:
        self._pool = pool
        self._keeper = keeper
        self._told: OrderedDict[DeviceId, _SentWaypoints] = OrderedDict()

    async def tell(self, member_id: MemberId, device_id: DeviceId, fix: Fix) -> list[Command]:
        """Commands for a device whose token was compared and whose fix was accepted; none where nothing changed."""
        now, snapshot = utc_now(), self._keeper.current
        told = self._told.get(device_id)
        if find_unusable_reason(fix, now) is not None or (told is not None and self._is_right(told, fix, now)):
            return []
        device = told.device if told is not None else await self._find_device(member_id, device_id)
        if device is None:
            return []
        limit = REGION_LIMITS[device.platform]
        nearest = find_nearest_regions(snapshot.fences, device.program_id, fix, limit)
        self._remember(_SentWaypoints(device, snapshot.versions.fence_version, fix, nearest, now))
        return [Command(Waypoints(list(_list_waypoints(nearest, told))))]

    def _is_right(self, told: _SentWaypoints, fix: Fix, now: datetime) -> bool:
        if now - told.at > _TELL_AGAIN_AFTER or not is_in_circle(told.nearest.refresh, fix.lat, fix.lon):
            return False
        snapshot, device = self._keeper.current, told.device
        if told.fence_version == snapshot.versions.fence_version:
            return True
        again = find_nearest_regions(snapshot.fences, device.program_id, told.origin, REGION_LIMITS[device.platform])
        if again != told.nearest:
            return False
        self._remember(msgspec.structs.replace(told, fence_version=snapshot.versions.fence_version))
        return True

    def _remember(self, told: _SentWaypoints) -> None:
        self._told[told.device.id] = told
        self._told.move_to_end(told.device.id)
        if len(self._told) > _MOST_PHONES:
            self._told.popitem(last=False)

    async def _find_device(self, member_id: MemberId, device_id: DeviceId) -> Device | None:
        async with connect(self._pool) as conn:
            return await devices_repository.find_device(conn, member_id, device_id)


def _list_waypoints(nearest: NearestRegions, told: _SentWaypoints | None) -> Iterator[Waypoint]:
    if told is not None and told.device.platform == "ios":
        wanted = {region.geofence_id for region in nearest.regions}
        for slot, region in enumerate(told.nearest.regions, start=1):
            if region.geofence_id not in wanted:
                yield msgspec.structs.replace(_waypoint(slot, region), lat=_NOWHERE, lon=_NOWHERE)
    refresh = nearest.refresh
    yield Waypoint("Noren", refresh.lat, refresh.lon, max(10, int(refresh.radius_m)), _FIRST_SLOT, REFRESH_ID)
    for slot, region in enumerate(nearest.regions, start=1):
        yield _waypoint(slot, region)


def _waypoint(slot: int, region: Region) -> Waypoint:
    # The end of the id keeps two doors of one name apart where the name is the key, and names the door where no `rid`
    # comes back (`read_id_end`). iOS takes what follows a colon for a beacon's UUID.
    desc = f"{region.name.replace(':', ' ')} #{region.geofence_id.hex[-6:]}"
    return Waypoint(desc, region.lat, region.lon, ceil(region.radius_m), _FIRST_SLOT + slot, str(region.geofence_id))
