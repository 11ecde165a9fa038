"""`POST /v1/me/geofences/nearest`: which geofences the phone should watch by itself.

A POST, because a place must not be in a URL: URLs are logged on the way. It changes nothing. The ETag holds, sealed for
this device, the fix that the set was chosen from; so a phone that asks again from inside its refresh circle gets 304
unless a fence around it has changed, and nothing is stored.
"""

import hashlib
from typing import Annotated, cast

import msgspec
from litestar import Controller, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody

from geo.fix import Fix
from geo.geofence import Circle
from geo.index import FenceSet
from geo.nearest import NearestRegions, find_nearest_regions, find_unusable_reason, is_in_circle
from ids import GeofenceId
from kit.clock import utc_now
from kit.database import connect
from kit.ids import from_text, to_text
from kit.sealing import Keyring, Unsealable
from members import members_repository
from members.device import Device
from server.locations.waypoints import REGION_LIMITS
from server.problems import Problem
from server.web.dependencies import DeviceDependency, ServicesDependency
from server.web.fields import Body
from server.web.fix_body import FixBody, to_fix

_PURPOSE = "nearest-etag"

IfNoneMatch = Annotated[
    str | None, HeaderParameter(name="If-None-Match", description="The ETag of the earlier answer.")
]


class NewestFix(FixBody, frozen=True, forbid_unknown_fields=True):
    """The newest location reading of the device."""


class NearestGeofencesRequest(Body, frozen=True):
    fix: NewestFix
    """At most 5 minutes old, not mocked, with an accuracy of 500 m or better."""


class WatchedRegion(msgspec.Struct, frozen=True, kw_only=True):
    """A circle for the phone to watch: the geofence, or a circle around it where it is an area."""

    geofence_id: GeofenceId
    """The identifier to register the circle under."""
    name: str
    """The geofence's name."""
    lat: float
    """Latitude of the centre in degrees, WGS 84."""
    lon: float
    """Longitude of the centre in degrees, WGS 84."""
    radius_m: float
    """Radius in metres, at least 100: phones tell a smaller circle late or never."""


class RefreshCircle(msgspec.Struct, frozen=True):
    """Watch this circle too. When the phone leaves it, ask again."""

    lat: float
    """Latitude of the centre in degrees, WGS 84."""
    lon: float
    """Longitude of the centre in degrees, WGS 84."""
    radius_m: float
    """Radius in metres. 0: ask again with the next fix."""


class NearestGeofences(msgspec.Struct, frozen=True):
    """The geofences nearest to the fix, as circles. With the refresh circle they are as many as a phone can watch."""

    regions: list[WatchedRegion]
    """Nearest first: at most 19 on iOS, 99 on Android."""
    refresh: RefreshCircle
    """Inside this circle the phone is in no geofence that it does not watch."""


class _EtagContent(msgspec.Struct, frozen=True, array_like=True):
    """What an ETag holds: where the regions were chosen from, and which they were."""

    lat: float
    lon: float
    accuracy_m: float | None
    digest: bytes


class NearbyController(Controller):
    path = "/v1/me/geofences"
    tags = ("Locations",)

    @post(
        "/nearest",
        operation_id="findNearestGeofences",
        summary="Which geofences the phone should watch by itself",
        description="With the ETag of an earlier answer as If-None-Match: 304 without a body while that answer holds.",
        status_code=200,
        responses={304: ResponseSpec(None, description="Nothing has changed", generate_examples=False)},
    )
    async def find_nearest_geofences(
        self,
        data: JSONBody[NearestGeofencesRequest],
        device: DeviceDependency,
        services: ServicesDependency,
        if_none_match: IfNoneMatch = None,
    ) -> Response[NearestGeofences]:
        fix = _require_usable(to_fix(data.fix))
        async with connect(services.pool) as conn:
            member = await members_repository.find_member(conn, device.member_id)
        if member is None or not member.location_consent:
            raise Problem("location-consent-required", "Ask the member for their consent to location first.")
        fences, limit = services.keeper.current.fences, REGION_LIMITS[device.platform]
        held = _unseal(services.keyring, device, if_none_match)
        if held is not None and _is_current(held, fences, device, fix, limit):
            return cast(
                "Response[NearestGeofences]", Response(None, status_code=304, headers={"ETag": str(if_none_match)})
            )
        nearest = find_nearest_regions(fences, device.program_id, fix, limit)
        etag = _seal(services.keyring, device, fix, nearest)
        return Response(_view(nearest), headers={"ETag": etag, "Cache-Control": "private, no-cache"})


def _require_usable(fix: Fix | None) -> Fix:
    reason = "time_invalid" if fix is None else find_unusable_reason(fix, utc_now())
    if fix is None or reason is not None:
        raise Problem("location-unusable", "Keep the regions you have and ask again with a better fix.", reason=reason)
    return fix


def _is_current(held: _EtagContent, fences: FenceSet, device: Device, fix: Fix, limit: int) -> bool:
    origin = Fix(held.lat, held.lon, held.accuracy_m, fix.recorded_at)
    again = find_nearest_regions(fences, device.program_id, origin, limit)
    return is_in_circle(again.refresh, fix.lat, fix.lon) and _digest(again) == held.digest


def _digest(nearest: NearestRegions) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(nearest)).digest()[:16]


def _seal(keyring: Keyring, device: Device, fix: Fix, nearest: NearestRegions) -> str:
    held = _EtagContent(fix.lat, fix.lon, fix.accuracy_m, _digest(nearest))
    return f'"{to_text(keyring.seal(_PURPOSE, device.id.bytes, msgspec.msgpack.encode(held)))}"'


def _unseal(keyring: Keyring, device: Device, etag: str | None) -> _EtagContent | None:
    """None for what is no ETag of ours: then the answer is given whole. A proxy may have made it a weak one."""
    if etag is None:
        return None
    try:
        sealed = from_text(etag.removeprefix("W/").strip('"'))
        return msgspec.msgpack.decode(keyring.unseal(_PURPOSE, device.id.bytes, sealed), type=_EtagContent)
    except (Unsealable, ValueError, msgspec.DecodeError):
        return None


def _view(nearest: NearestRegions) -> NearestGeofences:
    refresh: Circle = nearest.refresh
    regions = [
        WatchedRegion(geofence_id=r.geofence_id, name=r.name, lat=r.lat, lon=r.lon, radius_m=r.watched_radius_m)
        for r in nearest.regions
    ]
    return NearestGeofences(regions, RefreshCircle(refresh.lat, refresh.lon, refresh.radius_m))
