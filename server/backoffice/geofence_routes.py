"""Geofences: circles and GeoJSON areas around a store."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import shapely
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from geo import geofences_repository
from geo.geofence import Area, Circle, Fence
from geo.heavy_reading import decode_area
from geo.limits import DwellS, ExitConfirmFixes, ExitConfirmS, ExitMarginM
from geo.shapes import InvalidShape, check_circle
from ids import GeofenceId, ProgramId, StoreId
from kit.database import Connection, connect
from kit.ids import new_id
from kit.pages import Page, make_page
from programs import stores_repository
from programs.staff_repository import Session
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body, Latitude, Longitude, Name
from server.web.scoping import require_stores, scope_of
from server.web.services import Services
from server.web.writes import write

_SQUARE = [[139.7003, 35.6896], [139.7013, 35.6896], [139.7013, 35.6904], [139.7003, 35.6904], [139.7003, 35.6896]]


GeoJson: TypeAlias = dict[str, Any]
_Drawn: TypeAlias = tuple[Circle | Area, float]

# Ten thousand positions to a micrometre; to decode more would hold the loop for too long.
MAX_BODY_BYTES = 400_000
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


class GeofenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A geofence of a store. Either `circle` or `area` is its shape, the other one is null."""

    id: GeofenceId
    """The geofence."""
    store_id: StoreId
    """The store that it belongs to."""
    name: str
    """What the staff call it."""
    kind: Literal["circle", "area"]
    """Which kind of shape it has."""
    circle: CircleShape | None
    """The shape of a circle."""
    area: GeoJson | None
    """The shape of an area: a GeoJSON Polygon or MultiPolygon."""
    radius_m: float
    """The circle's radius, or that of the largest circle inside the area."""
    exit_margin_m: float
    """How far outside a fix must lie to count for an exit, in metres."""
    exit_confirm_s: float
    """For how many seconds the device must have been outside before the exit counts."""
    exit_confirm_fixes: int
    """How many fixes outside confirm an exit."""
    dwell_s: float
    """After how many seconds inside the device counts as dwelling."""
    report_crossings: bool
    """Whether a path through it between two fixes outside is a transition (`cross`)."""


class GeofenceController(Controller):
    path = "/v1/geofences"
    tags = ("Geofences",)

    @get(operation_id="listGeofences", summary="The geofences that you may see")
    async def list_geofences(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[GeofenceView]:
        async with connect(services.pool) as conn:
            fences = await geofences_repository.list_geofences(conn, staff.program_id, page, scope_of(staff))
        return make_page([_view(fence) for fence in fences], page, lambda view: view.id)

    @post(operation_id="createGeofence", summary="Draw a geofence", request_max_body_size=MAX_BODY_BYTES)
    async def create_geofence(
        self,
        data: JSONBody[NewGeofence],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[GeofenceView]:
        require_stores(staff, [data.store_id])
        drawn = await _read_shape(data, services)

        async def work(conn: Connection, now: datetime, version: int) -> GeofenceView:
            if not await stores_repository.are_own_stores(conn, staff.program_id, [data.store_id]):
                raise Problem("store-unknown", "Name an open store of your program in store_id.")
            fence = _fence(data, drawn, GeofenceId(new_id()), staff.program_id, data.store_id)
            await geofences_repository.create_geofence(conn, fence, version, now)
            return _view(fence)

        return await write(request, services, work, status=201, bumps="fences")

    @get("/{geofence_id:uuid}", operation_id="getGeofence", summary="A geofence")
    async def get_geofence(
        self, geofence_id: FromPath[GeofenceId], staff: SessionDependency, services: ServicesDependency
    ) -> GeofenceView:
        async with connect(services.pool) as conn:
            return _view(await _find(conn, staff, geofence_id))

    @put(
        "/{geofence_id:uuid}",
        operation_id="updateGeofence",
        summary="Redraw a geofence or change its settings",
        request_max_body_size=MAX_BODY_BYTES,
    )
    async def update_geofence(
        self,
        geofence_id: FromPath[GeofenceId],
        data: JSONBody[GeofenceChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[GeofenceView]:
        drawn = await _read_shape(data, services)

        async def work(conn: Connection, _: datetime, version: int) -> GeofenceView:
            old = await _find(conn, staff, geofence_id)
            fence = _fence(data, drawn, geofence_id, staff.program_id, old.store_id)
            if not await geofences_repository.update_geofence(conn, fence, version):
                raise not_found("geofence")
            return _view(fence)

        return await write(request, services, work, bumps="fences")

    @delete("/{geofence_id:uuid}", operation_id="deleteGeofence", summary="Remove a geofence", status_code=204)
    async def delete_geofence(
        self, geofence_id: FromPath[GeofenceId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime, version: int) -> None:
            await _find(conn, staff, geofence_id)
            await geofences_repository.delete_geofence(conn, staff.program_id, geofence_id, version, now)

        return await write(request, services, work, status=204, bumps="fences")


async def _find(conn: Connection, staff: Session, geofence_id: GeofenceId) -> Fence:
    fence = await geofences_repository.find_geofence(conn, staff.program_id, geofence_id)
    if fence is None:
        raise not_found("geofence")
    require_stores(staff, [fence.store_id])
    return fence


def _fence(
    data: GeofenceChange, drawn: _Drawn, geofence_id: GeofenceId, program_id: ProgramId, store_id: StoreId
) -> Fence:
    shape, radius_m = drawn
    return Fence(
        geofence_id,
        program_id,
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


async def _read_shape(data: GeofenceChange, services: Services) -> _Drawn:
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


def _view(fence: Fence) -> GeofenceView:
    shape = fence.shape
    return GeofenceView(
        id=fence.geofence_id,
        store_id=fence.store_id,
        name=fence.name,
        kind="circle" if isinstance(shape, Circle) else "area",
        circle=CircleShape(shape.lat, shape.lon, shape.radius_m) if isinstance(shape, Circle) else None,
        area=shapely.geometry.mapping(shape.polygons) if isinstance(shape, Area) else None,
        radius_m=fence.radius_m,
        exit_margin_m=fence.exit_margin_m,
        exit_confirm_s=fence.exit_confirm_s,
        exit_confirm_fixes=fence.exit_confirm_fixes,
        dwell_s=fence.dwell_s,
        report_crossings=fence.report_crossings,
    )
