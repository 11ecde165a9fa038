"""Geofences as the staff draw them, by the API and on the console's map: what is taken, and what is written."""

from datetime import datetime
from typing import Annotated, Any, TypeAlias

import msgspec

from geo import geofences_repository
from geo.geofence import Area, Circle, Fence
from geo.heavy_reading import decode_area
from geo.limits import DwellS, ExitConfirmFixes, ExitConfirmS, ExitMarginM
from geo.shapes import InvalidShape, check_circle
from ids import GeofenceId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.names import Name
from programs import stores_repository
from programs.staff_repository import Session
from server.problems import Problem, not_found
from server.web.fields import Body, Latitude, Longitude
from server.web.scoping import require_stores
from server.web.services import Services

_SQUARE = [[139.7003, 35.6896], [139.7013, 35.6896], [139.7013, 35.6904], [139.7003, 35.6904], [139.7003, 35.6896]]


GeoJson: TypeAlias = dict[str, Any]
Drawn: TypeAlias = tuple[Circle | Area, float]
"""A shape and the radius of its largest circle."""

# As many bytes of an area take some milliseconds; a larger one is read in a process of its own.
_READ_AT_ONCE = 4_000


class CircleShape(Body, frozen=True):
    """All points within a distance of its centre."""

    lat: Latitude
    """The centre's latitude, WGS 84 degrees."""
    lon: Longitude
    """The centre's longitude, WGS 84 degrees."""
    radius_m: Annotated[float, msgspec.Meta(examples=[80])]
    """10 to 50,000 metres. Below 100 m a phone that knows its place only roughly, as indoors, may miss it."""


class GeofenceChange(Body, frozen=True, kw_only=True):
    """Give `circle` or `area`, not both. The other settings have defaults that suit an ordinary shop."""

    name: Name
    """What the staff call it."""
    circle: CircleShape | None = None
    """The shape, if it is a circle."""
    area: Annotated[GeoJson | None, msgspec.Meta(examples=[{"type": "Polygon", "coordinates": [_SQUARE]}])] = None
    """The shape, if it is an area: a GeoJSON Polygon or MultiPolygon (RFC 7946: longitude first)."""
    exit_margin_m: ExitMarginM = 25
    """How far outside a fix must lie to count for an exit, in metres; the fix's accuracy, if that is more."""
    exit_confirm_s: ExitConfirmS = 120
    """For how many seconds the device must have been outside before the exit counts."""
    exit_confirm_fixes: ExitConfirmFixes = 2
    """How many fixes outside confirm an exit."""
    dwell_s: DwellS = 300
    """After how many seconds inside the device counts as dwelling."""
    report_crossings: bool = False
    """Whether a path through it between two fixes outside is a transition (`cross`)."""


class NewGeofence(GeofenceChange, frozen=True, kw_only=True):
    """A geofence to draw. Give `circle` or `area`, not both."""

    store_id: StoreId
    """The store that it belongs to, for good."""


async def read_shape(data: GeofenceChange, services: Services) -> Drawn:
    """Before the transaction, which others wait for. Raises Problem with a sentence that says what to correct."""
    if (data.circle is None) == (data.area is None):
        raise Problem("invalid-geofence", "Give either a circle or an area.", pointer="")
    try:
        if data.circle is not None:
            circle = data.circle
            check_circle(circle.lat, circle.lon, circle.radius_m)
            return Circle(circle.lat, circle.lon, circle.radius_m), circle.radius_m
        text = msgspec.json.encode(data.area)
        return decode_area(text) if len(text) <= _READ_AT_ONCE else await services.apart.run(decode_area, text)
    except InvalidShape as error:
        raise Problem("invalid-geofence", error.reason, pointer=error.pointer) from error


async def create_geofence(
    conn: Connection, staff: Session, data: NewGeofence, drawn: Drawn, version: int, now: datetime
) -> Fence:
    """Raises Problem."""
    require_stores(staff, [data.store_id])
    if not await stores_repository.are_own_stores(conn, staff.program_id, [data.store_id]):
        raise Problem("store-unknown", "Name an open store of your program in store_id.")
    fence = make_fence(data, drawn, GeofenceId(new_id()), staff, data.store_id)
    await geofences_repository.create_geofence(conn, fence, version, now)
    return fence


async def change_geofence(
    conn: Connection, staff: Session, geofence_id: GeofenceId, data: GeofenceChange, drawn: Drawn, version: int
) -> Fence:
    """Raises Problem."""
    old = await find_geofence(conn, staff, geofence_id)
    fence = make_fence(data, drawn, geofence_id, staff, old.store_id)
    if not await geofences_repository.update_geofence(conn, fence, version):
        raise not_found("geofence")
    return fence


async def remove_geofence(
    conn: Connection, staff: Session, geofence_id: GeofenceId, version: int, now: datetime
) -> None:
    """Raises Problem."""
    await find_geofence(conn, staff, geofence_id)
    await geofences_repository.delete_geofence(conn, staff.program_id, geofence_id, version, now)


async def find_geofence(conn: Connection, staff: Session, geofence_id: GeofenceId) -> Fence:
    """Raises Problem."""
    fence = await geofences_repository.find_geofence(conn, staff.program_id, geofence_id)
    if fence is None:
        raise not_found("geofence")
    require_stores(staff, [fence.store_id])
    return fence


def make_fence(data: GeofenceChange, drawn: Drawn, geofence_id: GeofenceId, staff: Session, store_id: StoreId) -> Fence:
    shape, radius_m = drawn
    return Fence(
        geofence_id,
        staff.program_id,
        store_id,
        data.name,
        shape,
        radius_m,
        data.exit_margin_m,
        data.exit_confirm_s,
        data.exit_confirm_fixes,
        data.dwell_s,
        data.report_crossings,
    )
