"""Tills: which there are, a new one, the QR that makes a device one of them, and the end of one."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from ids import StoreId, TillId
from kit.database import Connection, connect
from kit.names import is_name
from kit.pages import NEWEST, PageRequest, make_page, parse_page
from programs import stores_repository, tills_repository
from programs.staff_repository import Session
from server.backoffice.pair_till import PAIRING_LIFE, issue_pairing_code, write_pairing_link
from server.backoffice.till_routes import add_till, find_own_till
from server.console.forms import Written, read_fields
from server.console.frame import lead_on
from server.console.operations.till_words import TILL_WORDS
from server.console.sign_in.pictures import draw_qr
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest as FaceRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from server.web.services import Services
from server.web.writes import write

TILL_LIST = "/console/tills"
_TILLS_A_PAGE = 50


class TillPageController(Controller):
    path = TILL_LIST

    @get()
    async def show_tills(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_list(request, staff, services, {})

    @post(status_code=303)
    async def create(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """Its key is made when a device takes its pairing code, and stands on no screen."""
        typed = await read_fields(request)
        made: list[TillId] = []

        async def work(conn: Connection, now: datetime) -> Written:
            store_id, name = await _read_till(conn, staff, typed)
            till, _ = await add_till(conn, services.keyring, staff, store_id, name, now)
            made.append(till.id)
            return Written(till.id)

        try:
            await write(request, services, work, is_keyed=False)
        except Problem as problem:
            if problem.slug not in ("store-unknown", "invalid-request", "forbidden"):
                raise
            return await _show_list(request, staff, services, typed, error="till_unreadable")
        return lead_on(request, f"{TILL_LIST}/{made[-1]}", "till_made")


class TillController(Controller):
    path = f"{TILL_LIST}/{{till_id:uuid}}"

    @get()
    async def show_till(
        self, till_id: FromPath[TillId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_till(request, staff, services, till_id)

    @post("/pairing", status_code=200)
    async def pair(
        self, till_id: FromPath[TillId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """The QR is in this answer alone: a reload asks for a new one."""
        issued: list[tuple[str, datetime]] = []

        async def work(conn: Connection, now: datetime) -> None:
            code, program_code = await issue_pairing_code(conn, staff, till_id, now)
            origin = services.settings.till_url
            text = code if origin is None else write_pairing_link(origin, program_code, code)
            issued.append((text, now + PAIRING_LIFE))

        await write(request, services, work, is_keyed=False, target=str(till_id))
        text, until = issued[-1]
        return await _show_till(request, staff, services, till_id, qr=draw_qr(text), text=text, until=until)

    @post("/end", status_code=303)
    async def end(
        self, till_id: FromPath[TillId], request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> None:
            await find_own_till(conn, staff, till_id)
            await tills_repository.revoke_till(conn, staff.program_id, till_id, now)

        await write(request, services, work, is_keyed=False, target=str(till_id))
        return lead_on(request, TILL_LIST, "till_ended")


async def _read_till(conn: Connection, staff: Session, typed: dict[str, str]) -> tuple[StoreId, str]:
    """The store by its code. Raises Problem."""
    name, code = typed.get("name", "").strip(), typed.get("store", "").strip()
    if not is_name(name):
        raise Problem("invalid-request", "Give the till a name.")
    asked = PageRequest(NEWEST, 1)
    found = await stores_repository.list_stores(conn, staff.program_id, asked, scope_of(staff), code=code)
    if not code or not found:
        raise Problem("store-unknown", "Name a store by its code.")
    return found[0].id, name


async def _show_list(
    request: FaceRequest, staff: Session, services: Services, typed: dict[str, str], *, error: str | None = None
) -> Response[str]:
    asked = parse_page(request.query_params.get("cursor") or None, _TILLS_A_PAGE)
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        rows = await tills_repository.list_tills(conn, staff.program_id, asked, scope_of(staff))
        page = make_page(rows, asked, lambda till: till.id)
        names = await stores_repository.list_store_names(conn, staff.program_id, {each.store_id for each in page.items})
    return viewing.show(
        "console/operations/tills.html",
        TILL_WORDS,
        status=200 if error is None else 422,
        tills=page.items,
        names=names,
        next_cursor=page.next_cursor,
        typed={name: typed.get(name, "") for name in ("store", "name")},
        error=error,
    )


async def _show_till(
    request: FaceRequest,
    staff: Session,
    services: Services,
    till_id: TillId,
    *,
    qr: str | None = None,
    text: str | None = None,
    until: datetime | None = None,
) -> Response[str]:
    async with connect(services.pool) as conn:
        till = await find_own_till(conn, staff, till_id)
        viewing = await open_viewing(conn, request, services, staff)
        names = await stores_repository.list_store_names(conn, staff.program_id, {till.store_id})
    return viewing.show(
        "console/operations/till.html",
        TILL_WORDS,
        till=till,
        store_name=names.get(till.store_id, ""),
        qr=qr,
        text=text,
        until=until,
    )
