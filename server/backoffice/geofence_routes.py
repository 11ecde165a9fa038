"""Geofences: circles and GeoJSON areas around a store."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import shapely
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from geo import geofences_repository
from geo.geofence import Area, Circle, Fence
from geo.shapes import InvalidShape, check_circle, inscribed_radius_m, parse_area
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
from server.web.writes import write

_SQUARE = [[139.7003, 35.6896], [139.7013, 35.6896], [139.7013, 35.6904], [139.7003, 35.6904], [139.7003, 35.6896]]


class CircleShape(Body, frozen=True):
    lat: Latitude
    lon: Longitude
    radius_m: Annotated[float, msgspec.Meta(description="10 to 50,000", examples=[80])]


class GeofenceChange(Body, frozen=True, kw_only=True):
    """Give `circle` or `area`, not both. The other settings have defaults that suit an ordinary shop."""

    name: Name
    circle: CircleShape | None = None
    area: Annotated[
        dict[str, Any] | None,
        msgspec.Meta(
            description="GeoJSON Polygon or MultiPolygon (RFC 7946: longitude first)",
            examples=[{"type": "Polygon", "coordinates": [_SQUARE]}],
        ),
    ] = None
    exit_margin_m: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 25
    exit_confirm_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 120
    exit_confirm_fixes: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    dwell_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 300
    report_crossings: Annotated[
        bool, msgspec.Meta(description="whether a path through it between two fixes outside is a transition (`cross`)")
    ] = False


class NewGeofence(GeofenceChange, frozen=True, kw_only=True):
    store_id: StoreId


class GeofenceView(msgspec.Struct, frozen=True):
    """`radius_m` is the circle's, or that of the largest circle inside the area."""

    id: GeofenceId
    store_id: StoreId
    name: str
    kind: Literal["circle", "area"]
    circle: CircleShape | None
    area: dict[str, Any] | None
    radius_m: float
    exit_margin_m: float
    exit_confirm_s: float
    exit_confirm_fixes: int
    dwell_s: float
    report_crossings: bool


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

    @post(operation_id="createGeofence", summary="Draw a geofence")
    async def create_geofence(
        self,
        data: JSONBody[NewGeofence],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[GeofenceView]:
        require_stores(staff, [data.store_id])

        async def work(conn: Connection, now: datetime, version: int) -> GeofenceView:
            if not await stores_repository.are_own_stores(conn, staff.program_id, [data.store_id]):
                raise Problem("store-unknown", "Name an open store of your program in store_id.")
            fence = _fence(data, GeofenceId(new_id()), staff.program_id, data.store_id)
            await geofences_repository.create_geofence(conn, fence, version, now)
            return _view(fence)

        return await write(request, services, work, status=201, bumps="fences")

    @get("/{geofence_id:uuid}", operation_id="getGeofence", summary="A geofence")
    async def get_geofence(
        self, geofence_id: FromPath[GeofenceId], staff: SessionDependency, services: ServicesDependency
    ) -> GeofenceView:
        async with connect(services.pool) as conn:
            return _view(await _find(conn, staff, geofence_id))

    @put("/{geofence_id:uuid}", operation_id="updateGeofence", summary="Redraw a geofence or change its settings")
    async def update_geofence(
        self,
        geofence_id: FromPath[GeofenceId],
        data: JSONBody[GeofenceChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[GeofenceView]:
        async def work(conn: Connection, _: datetime, version: int) -> GeofenceView:
            old = await _find(conn, staff, geofence_id)
            fence = _fence(data, geofence_id, staff.program_id, old.store_id)
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


def _fence(data: GeofenceChange, geofence_id: GeofenceId, program_id: ProgramId, store_id: StoreId) -> Fence:
    """Raises Problem with a sentence about what to mend in the drawing."""
    try:
        shape, radius_m = _shape(data)
    except InvalidShape as error:
        raise Problem("invalid-geofence", error.reason, pointer=error.pointer) from error
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


def _shape(data: GeofenceChange) -> tuple[Circle | Area, float]:
    if data.circle is not None and data.area is None:
        circle = data.circle
        check_circle(circle.lat, circle.lon, circle.radius_m)
        return Circle(circle.lat, circle.lon, circle.radius_m), circle.radius_m
    if data.area is not None and data.circle is None:
        area = parse_area(data.area)
        return Area(area), inscribed_radius_m(area)
    raise Problem("invalid-geofence", "Give either a circle or an area.", pointer="")


def _view(fence: Fence) -> GeofenceView:
    shape = fence.shape
    is_circle = isinstance(shape, Circle)
    return GeofenceView(
        fence.geofence_id,
        fence.store_id,
        fence.name,
        "circle" if is_circle else "area",
        CircleShape(shape.lat, shape.lon, shape.radius_m) if isinstance(shape, Circle) else None,
        shapely.geometry.mapping(shape.polygons) if isinstance(shape, Area) else None,
        fence.radius_m,
        fence.exit_margin_m,
        fence.exit_confirm_s,
        fence.exit_confirm_fixes,
        fence.dwell_s,
        fence.report_crossings,
    )
