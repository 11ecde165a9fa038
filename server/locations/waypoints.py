"""The regions that an OwnTracks phone shall watch: nearest-N sync for an app that already exists.

The app asks for nothing; it posts where it is, and the answer may carry `setWaypoints`. What a phone was sent is kept
in this process's memory only: after a restart, or with another process, it is sent once more, which changes nothing.

`setWaypoints` merges into what the phone has, by a key that differs: `tst` on Android, `desc` or `rid` on iOS. So each
region gets one of a fixed set of `tst` (Android overwrites, and never holds more than N), and on iOS a region that is
no longer wanted is sent first with an impossible place, which removes it there.
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
from server.runtime.snapshot_keeper import SnapshotKeeper

# One of the platform's regions is the refresh circle. A page has no limit: it compares by itself while it is open.
REGION_LIMITS: dict[Platform, int] = {"ios": 19, "android": 99, "web": 99}
REFRESH_ID = "noren-refresh"

_MAX_PHONES = 50_000
# A phone may have lost an answer, or its regions.
_RESEND_AFTER = timedelta(hours=24)
_FIRST_SLOT = 1_000_000_000
_NOWHERE = -1_000_000.0
_DESC = re.compile(r"(?:.* )?#([0-9a-f]{6})", re.DOTALL)
# In a region's name iOS reads commands: `name:uuid` is a beacon, and `name|1|2` changes the app's mode on the way in
# and out; at the beginning `+` makes a region that follows the phone, and `-` one that is left late.
_COMMANDS = re.compile(r"[:|]")
_LEADING_COMMANDS = "+-"


class OwnTracksWaypoint(msgspec.Struct, frozen=True, kw_only=True, tag_field="_type", tag="waypoint"):
    """A region to watch, as the OwnTracks booklet describes `waypoint`."""

    desc: str
    """The geofence's name, without the characters that iOS takes for commands, and the last six digits of its id."""
    lat: float
    """Latitude of the centre in degrees, WGS 84; an impossible one removes the region on iOS."""
    lon: float
    """Longitude of the centre in degrees, WGS 84."""
    rad: int
    """Radius in metres, at least 100 for a geofence: phones watch smaller ones badly."""
    tst: int
    """Android's key of the region: one of a fixed set of numbers, no time."""
    rid: str
    """The geofence's id, or `noren-refresh` for the refresh circle."""


class OwnTracksWaypoints(msgspec.Struct, frozen=True, tag_field="_type", tag="waypoints"):
    """A list of regions, as the OwnTracks booklet describes `waypoints`."""

    waypoints: list[OwnTracksWaypoint]
    """The refresh circle and the regions, nearest first."""


class OwnTracksCommand(msgspec.Struct, frozen=True, tag_field="_type", tag="cmd"):
    """What the app shall do, as the OwnTracks booklet describes `cmd`."""

    waypoints: OwnTracksWaypoints
    """The regions to watch from now on."""
    action: Literal["setWaypoints"] = "setWaypoints"
    """Take these regions over."""


class _SentWaypoints(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone was sent, at what time, chosen by the fix `origin` with the fences of `fence_version`."""

    device: Device
    fence_version: int
    origin: Fix
    nearest: NearestRegions
    at: datetime


def read_id_end(desc: str, tst: float) -> str | None:
    """The end of the geofence's id of a waypoint that we sent, or None. For Android, which keeps no `rid`."""
    read = _DESC.fullmatch(desc)
    return read[1] if read and _FIRST_SLOT < tst <= _FIRST_SLOT + max(REGION_LIMITS.values()) else None


class WaypointSync:
    """Knows what the OwnTracks phones of this process were sent, and sends it anew when it no longer holds."""

    def __init__(self, pool: Pool, keeper: SnapshotKeeper) -> None:
        self._pool = pool
        self._keeper = keeper
        self._sent: OrderedDict[DeviceId, _SentWaypoints] = OrderedDict()

    async def make_commands(self, member_id: MemberId, device_id: DeviceId, fix: Fix) -> list[OwnTracksCommand]:
        """Commands for a device whose token was compared and whose fix was accepted; none where nothing changed."""
        now, snapshot = utc_now(), self._keeper.current
        sent = self._sent.get(device_id)
        if find_unusable_reason(fix, now) is not None or (sent is not None and self._is_current(sent, fix, now)):
            return []
        device = sent.device if sent is not None else await self._find_device(member_id, device_id)
        if device is None:
            return []
        nearest = find_nearest_regions(snapshot.fences, device.program_id, fix, REGION_LIMITS[device.platform])
        fence_version = snapshot.versions.fence_version
        self._remember(_SentWaypoints(device=device, fence_version=fence_version, origin=fix, nearest=nearest, at=now))
        return [OwnTracksCommand(OwnTracksWaypoints(list(_list_waypoints(nearest, sent))))]

    def _is_current(self, sent: _SentWaypoints, fix: Fix, now: datetime) -> bool:
        if now - sent.at > _RESEND_AFTER or not is_in_circle(sent.nearest.refresh, fix.lat, fix.lon):
            return False
        snapshot, device = self._keeper.current, sent.device
        if sent.fence_version == snapshot.versions.fence_version:
            return True
        again = find_nearest_regions(snapshot.fences, device.program_id, sent.origin, REGION_LIMITS[device.platform])
        if again != sent.nearest:
            return False
        self._remember(msgspec.structs.replace(sent, fence_version=snapshot.versions.fence_version))
        return True

    def _remember(self, sent: _SentWaypoints) -> None:
        self._sent[sent.device.id] = sent
        self._sent.move_to_end(sent.device.id)
        if len(self._sent) > _MAX_PHONES:
            self._sent.popitem(last=False)

    async def _find_device(self, member_id: MemberId, device_id: DeviceId) -> Device | None:
        async with connect(self._pool) as conn:
            return await devices_repository.find_device(conn, member_id, device_id)


def _list_waypoints(nearest: NearestRegions, sent: _SentWaypoints | None) -> Iterator[OwnTracksWaypoint]:
    if sent is not None and sent.device.platform == "ios":
        wanted = {region.geofence_id for region in nearest.regions}
        for slot, region in enumerate(sent.nearest.regions, start=1):
            if region.geofence_id not in wanted:
                yield msgspec.structs.replace(_waypoint(slot, region), lat=_NOWHERE, lon=_NOWHERE)
    circle = nearest.refresh
    radius_m = max(10, int(circle.radius_m))
    yield OwnTracksWaypoint(desc="Noren", lat=circle.lat, lon=circle.lon, rad=radius_m, tst=_FIRST_SLOT, rid=REFRESH_ID)
    for slot, region in enumerate(nearest.regions, start=1):
        yield _waypoint(slot, region)


def _waypoint(slot: int, region: Region) -> OwnTracksWaypoint:
    # The end of the id keeps two geofences of one name apart where the name is the key, and identifies the geofence
    # where no `rid` comes back (`read_id_end`).
    desc = f"{_without_commands(region.name)} #{region.geofence_id.hex[-6:]}".lstrip()
    return OwnTracksWaypoint(
        desc=desc,
        lat=region.lat,
        lon=region.lon,
        rad=ceil(region.watched_radius_m),
        tst=_FIRST_SLOT + slot,
        rid=str(region.geofence_id),
    )


def _without_commands(name: str) -> str:
    plain = " ".join(_COMMANDS.sub(" ", name).split())
    return plain.lstrip(_LEADING_COMMANDS + " ")
