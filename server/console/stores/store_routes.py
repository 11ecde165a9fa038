"""A store's page: opened, changed and closed by the flows of the API."""

from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from geo import geofences_repository
from geo.geofence import Fence
from ids import StoreId
from kit.database import Connection, connect, in_read_only_transaction
from programs import stores_repository
from programs.staff_repository import Session
from programs.store import Store
from server.backoffice.change_store import change_store, close_store, find_store, open_store
from server.console.form_values import read_field
from server.console.forms import Written
from server.console.frame import Frame, find_frame, lead_on, show_in_frame
from server.console.permissions import may_send
from server.console.store_words import STORES
from server.console.stores.hours_reasons import say_hours
from server.console.stores.store_forms import (
    FIELDS,
    BadField,
    Typed,
    read_new_store,
    read_store,
    type_new_store,
    type_store,
)
from server.console.stores.words import STORE
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

STORES_PATH = "/console/stores"


class ChangedMeanwhile(Exception):
    """Somebody else has changed or closed it since the form was shown."""


class Standing(NamedTuple):
    """A store as it is saved."""

    frame: Frame
    store: Store
    fences: list[Fence]
    typed: Typed


class StoreController(Controller):
    path = STORES_PATH

    @get("/new")
    async def show_new(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
        return _show(request, frame, type_new_store(frame.program.time_zone))

    @post("/new", status_code=303)
    async def create(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await _read_typed(request)
        made: list[StoreId] = []
        try:
            body = read_new_store(typed)

            async def work(conn: Connection, now: datetime, version: int) -> Written:
                made.append((await open_store(conn, staff, body, version, now)).id)
                return Written(made[-1])

            await write(request, services, work, bumps="campaigns", is_keyed=False)
        except (BadField, asyncpg.UniqueViolationError) as error:
            fault = error if isinstance(error, BadField) else BadField("code", "fault_code_taken")
            async with connect(services.pool) as conn:
                frame = await find_frame(conn, request, services, staff)
            return _show(request, frame, typed, fault=fault, status=422)
        return lead_on(request, f"{STORES_PATH}/{made[-1]}", "store_saved")

    @get("/{store_id:uuid}")
    async def show(
        self, store_id: FromPath[StoreId], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        standing = await _find_standing(request, services, staff, store_id)
        return _show(request, standing.frame, standing.typed, standing=standing)

    @post("/{store_id:uuid}", status_code=303)
    async def change(
        self, store_id: FromPath[StoreId], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await _read_typed(request)
        standing = await _find_standing(request, services, staff, store_id)
        try:
            body = read_store(typed)

            async def work(conn: Connection, _: datetime, version: int) -> Written:
                await _require_version(conn, staff, store_id, typed)
                return Written((await change_store(conn, staff, store_id, body, version)).id)

            await write(request, services, work, bumps="campaigns", is_keyed=False)
        except BadField as fault:
            return _show(request, standing.frame, typed, standing=standing, fault=fault, status=422)
        except ChangedMeanwhile:
            return await _show_both(request, services, staff, store_id, typed)
        return lead_on(request, f"{STORES_PATH}/{store_id}", "store_saved")

    @post("/{store_id:uuid}/close", status_code=303)
    async def close(
        self, store_id: FromPath[StoreId], request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await _read_typed(request)

        async def work(conn: Connection, now: datetime, version: int) -> None:
            await _require_version(conn, staff, store_id, typed)
            await close_store(conn, staff, store_id, version, now)

        try:
            await write(request, services, work, bumps="campaigns", is_keyed=False)
        except ChangedMeanwhile:
            return await _show_both(request, services, staff, store_id, None)
        return lead_on(request, STORES_PATH, "store_closed")


async def _read_typed(request: PageRequest) -> dict[str, str]:
    return {name: await read_field(request, name, most) for name, most in FIELDS.items()}


async def _find_standing(request: PageRequest, services: Services, staff: Session, store_id: StoreId) -> Standing:
    """Raises Problem."""

    async def read(conn: Connection) -> Standing:
        store = await find_store(conn, staff, store_id)
        version = await stores_repository.find_version(conn, staff.program_id, store_id)
        fences = await geofences_repository.read_geofences_of_stores(conn, staff.program_id, [store_id])
        frame = await find_frame(conn, request, services, staff)
        return Standing(frame, store, fences, type_store(store, version or 0, language_of(request)))

    return await in_read_only_transaction(services.pool, read)


async def _require_version(conn: Connection, staff: Session, store_id: StoreId, typed: Typed) -> None:
    """The program's versions are locked by now, so nobody changes it until the commit. Raises ChangedMeanwhile."""
    await find_store(conn, staff, store_id)
    if str(await stores_repository.find_version(conn, staff.program_id, store_id)) != typed["version"]:
        raise ChangedMeanwhile


async def _show_both(
    request: PageRequest, services: Services, staff: Session, store_id: StoreId, typed: Typed | None
) -> Response[str]:
    """Theirs and ours, to choose from. `typed`: None where it was to be closed."""
    standing = await _find_standing(request, services, staff, store_id)
    ours = {**(typed or standing.typed), "version": standing.typed["version"], "code": standing.store.code}
    return _show(request, standing.frame, ours, standing=standing, theirs=standing.typed, status=409)


def _show(
    request: PageRequest,
    frame: Frame,
    typed: Typed,
    *,
    standing: Standing | None = None,
    fault: BadField | None = None,
    theirs: Typed | None = None,
    status: int = 200,
) -> Response[str]:
    store = None if standing is None else standing.store
    if fault is not None and fault.reason:
        fault = BadField(fault.field, fault.word, say_hours(fault.reason, language_of(request)).text)
    fences = [] if standing is None else standing.fences
    shown: dict[str, Any] = {"store": store, "fences": fences, "fault": fault, "theirs": theirs}
    is_open = store is None or store.closed_at is None
    return show_in_frame(
        request,
        frame,
        "console/stores/store.html",
        {**STORES, **STORE},
        status=status,
        typed=typed,
        may_change=is_open and may_send(request.user, f"{STORES_PATH}/{{store_id}}"),
        may_close=is_open and may_send(request.user, f"{STORES_PATH}/{{store_id}}/close"),
        **shown,
    )
