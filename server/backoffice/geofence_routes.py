"""Geofences: circles and GeoJSON areas around a store."""

from datetime import datetime
from typing import Literal

import msgspec
import shapely
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from geo import geofences_repository
from geo.geofence import Area, Circle, Fence
from ids import GeofenceId, StoreId
from kit.database import Connection, connect
from kit.pages import Page, make_page
from server.backoffice.draw_geofence import (
    CircleShape,
    GeofenceChange,
    GeoJson,
    NewGeofence,
    change_geofence,
    create_geofence,
    find_geofence,
    read_shape,
    remove_geofence,
)
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.scoping import require_stores, scope_of
from server.web.writes import write

# Ten thousand positions to a micrometre; to decode more would hold the loop for too long.
MAX_BODY_BYTES = 400_000


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
        drawn = await read_shape(data, services)

        async def work(conn: Connection, now: datetime, version: int) -> GeofenceView:
            return _view(await create_geofence(conn, staff, data, drawn, version, now))

        return await write(request, services, work, status=201, bumps="fences")

    @get("/{geofence_id:uuid}", operation_id="getGeofence", summary="A geofence")
    async def get_geofence(
        self, geofence_id: FromPath[GeofenceId], staff: SessionDependency, services: ServicesDependency
    ) -> GeofenceView:
        async with connect(services.pool) as conn:
            return _view(await find_geofence(conn, staff, geofence_id))

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
        drawn = await read_shape(data, services)

        async def work(conn: Connection, _: datetime, version: int) -> GeofenceView:
            return _view(await change_geofence(conn, staff, geofence_id, data, drawn, version))

        return await write(request, services, work, bumps="fences")

    @delete("/{geofence_id:uuid}", operation_id="deleteGeofence", summary="Remove a geofence", status_code=204)
    async def delete_geofence(
        self, geofence_id: FromPath[GeofenceId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime, version: int) -> None:
            await remove_geofence(conn, staff, geofence_id, version, now)

        return await write(request, services, work, status=204, bumps="fences")


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
