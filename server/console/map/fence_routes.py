"""A geofence's form: what the map draws goes through it, and whoever has no map types it."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from geo import geofences_repository
from ids import GeofenceId, StoreId
from kit.database import Connection, connect
from kit.pages import parse_page
from programs import stores_repository
from programs.staff_repository import Session
from programs.store import Place, Store
from server.backoffice.draw_geofence import (
    change_geofence,
    create_geofence,
    find_geofence,
    read_shape,
    remove_geofence,
)
from server.console.forms import Written
from server.console.frame import lead_on
from server.console.map.fence_forms import BadField, Typed, read_fence, type_fence, type_new
from server.console.map.fence_pages import Fault, Standing, read_typed, show_fence
from server.console.map.frame import find_map_frame
from server.faces.pages import PageRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import require_stores, scope_of
from server.web.services import Services
from server.web.writes import write

FENCES = "/console/map/fences"
# A form writes the signs of an area's text in three bytes each.
MAX_FORM_BYTES = 1_300_000


class ChangedMeanwhile(Exception):
    """Somebody else has changed or removed it since the form was shown."""


class FenceController(Controller):
    path = FENCES

    @get("/new")
    async def show_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        asked = request.query_params
        async with connect(services.pool) as conn:
            store = await _find_asked(conn, staff, asked)
            frame = await find_map_frame(conn, request, services, staff)
        typed = type_new(store, "area" if asked.get("kind") == "area" else "circle")
        return show_fence(request, frame, typed, store)

    @post("/new", status_code=303, request_max_body_size=MAX_FORM_BYTES)
    async def create(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_typed(request)
        async with connect(services.pool) as conn:
            store = await find_store_by_code(conn, staff, typed["store_code"])
        try:
            body = read_fence(typed, _require(store))
            drawn = await read_shape(body, services)
        except (BadField, Problem) as error:
            return await _refuse(request, staff, services, typed, store, error)
        made: list[GeofenceId] = []

        async def work(conn: Connection, now: datetime, version: int) -> Written:
            made.append((await create_geofence(conn, staff, body, drawn, version, now)).geofence_id)
            return Written(made[-1])

        await write(request, services, work, bumps="fences", is_keyed=False)
        return lead_on(request, f"{FENCES}/{made[-1]}", "saved")

    @get("/{geofence_id:uuid}")
    async def show(
        self,
        geofence_id: FromPath[GeofenceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            standing = await _find_standing(conn, staff, geofence_id)
            frame = await find_map_frame(conn, request, services, staff)
        return show_fence(request, frame, standing.typed, standing.store, geofence_id)

    @post("/{geofence_id:uuid}", status_code=303, request_max_body_size=MAX_FORM_BYTES)
    async def change(
        self,
        geofence_id: FromPath[GeofenceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = await read_typed(request)
        async with connect(services.pool) as conn:
            removed_from = await _find_removed(conn, staff, geofence_id)
            if removed_from is not None:
                return await _offer_anew(request, conn, staff, services, typed, removed_from)
            standing = await _find_standing(conn, staff, geofence_id)
        try:
            body = read_fence(typed, _require(standing.store))
            drawn = await read_shape(body, services)
        except (BadField, Problem) as error:
            return await _refuse(request, staff, services, typed, standing.store, error, geofence_id)

        async def work(conn: Connection, _: datetime, version: int) -> Written:
            await _require_version(conn, staff, geofence_id, typed)
            await change_geofence(conn, staff, geofence_id, body, drawn, version)
            return Written(geofence_id)

        try:
            await write(request, services, work, bumps="fences", is_keyed=False)
        except ChangedMeanwhile:
            return await _show_both(request, staff, services, typed, geofence_id)
        return lead_on(request, f"{FENCES}/{geofence_id}", "saved")

    @post("/{geofence_id:uuid}/remove", status_code=303)
    async def remove(
        self,
        geofence_id: FromPath[GeofenceId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = await read_typed(request)
        async with connect(services.pool) as conn:
            if await _find_removed(conn, staff, geofence_id) is not None:
                return lead_on(request, "/console/map", "removed")

        async def work(conn: Connection, now: datetime, version: int) -> None:
            await _require_version(conn, staff, geofence_id, typed)
            await remove_geofence(conn, staff, geofence_id, version, now)

        try:
            await write(request, services, work, bumps="fences", is_keyed=False)
        except ChangedMeanwhile:
            return await _show_both(request, staff, services, None, geofence_id)
        return lead_on(request, "/console/map", "removed")


async def _find_asked(conn: Connection, staff: Session, asked: Any) -> Store | None:
    """The store that a link names by its code, or that is nearest to what was drawn."""
    if "store" in asked:
        return await find_store_by_code(conn, staff, asked["store"])
    try:
        place = Place(float(asked["lat"]), float(asked["lon"]))
    except (KeyError, ValueError):
        return None
    if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180):
        return None
    found = await stores_repository.find_nearest_stores(conn, staff.program_id, place, 1, scope_of(staff))
    return found[0][0] if found else None


async def find_store_by_code(conn: Connection, staff: Session, code: str) -> Store | None:
    """An open one that this person may change."""
    first = parse_page(None, 1)
    found = await stores_repository.list_stores(
        conn, staff.program_id, first, scope_of(staff), code=code.strip()[:40], with_closed=False
    )
    return found[0] if found else None


def _require(store: Store | None) -> Store:
    """Raises BadField."""
    if store is None:
        raise BadField("store_code", "fault_store")
    return store


async def _find_standing(conn: Connection, staff: Session, geofence_id: GeofenceId) -> Standing:
    """As it is saved now. Raises Problem."""
    fence = await find_geofence(conn, staff, geofence_id)
    version = await geofences_repository.find_version(conn, staff.program_id, geofence_id)
    stores = await stores_repository.find_stores(conn, staff.program_id, [fence.store_id])
    store = stores[StoreId(fence.store_id)]
    return Standing(type_fence(fence, store, version or 0), store)


async def _find_removed(conn: Connection, staff: Session, geofence_id: GeofenceId) -> Store | None:
    """The store whose geofence it was until somebody removed it. Raises Problem where that is another's."""
    store_id = await geofences_repository.find_store_of_removed(conn, staff.program_id, geofence_id)
    if store_id is None:
        return None
    require_stores(staff, [store_id])
    return (await stores_repository.find_stores(conn, staff.program_id, [store_id]))[store_id]


async def _offer_anew(
    request: PageRequest, conn: Connection, staff: Session, services: Services, typed: Typed, store: Store
) -> Response[str]:
    """What was typed of a geofence that is gone, as the form of a new one."""
    frame = await find_map_frame(conn, request, services, staff)
    ours = {**typed, "store_code": store.code, "version": ""}
    return show_fence(request, frame, ours, store, fault=Fault("", "gone"), status=409)


async def _require_version(conn: Connection, staff: Session, geofence_id: GeofenceId, typed: Typed) -> None:
    """The program's versions are locked by now, so nobody changes it until the commit. Raises ChangedMeanwhile."""
    version = await geofences_repository.find_version(conn, staff.program_id, geofence_id)
    if str(version) != typed["version"]:
        raise ChangedMeanwhile


async def _refuse(
    request: PageRequest,
    staff: Session,
    services: Services,
    typed: Typed,
    store: Store | None,
    error: BadField | Problem,
    geofence_id: GeofenceId | None = None,
) -> Response[str]:
    """With all that was typed."""
    if isinstance(error, Problem) and error.slug != "invalid-geofence":
        raise error
    async with connect(services.pool) as conn:
        frame = await find_map_frame(conn, request, services, staff)
    fault = Fault.of(error)
    return show_fence(request, frame, typed, store, geofence_id, fault=fault, status=422)


async def _show_both(
    request: PageRequest, staff: Session, services: Services, typed: Typed | None, geofence_id: GeofenceId
) -> Response[Any]:
    """Theirs and ours, to choose from. `typed`: None where it was to be removed. Raises Problem where it is gone."""
    async with connect(services.pool) as conn:
        frame = await find_map_frame(conn, request, services, staff)
        theirs = await _find_standing(conn, staff, geofence_id)
    # Whoever saves now has seen theirs.
    ours = {**(theirs.typed if typed is None else typed), "version": theirs.typed["version"]}
    return show_fence(request, frame, ours, theirs.store, geofence_id, theirs=theirs, status=409)
