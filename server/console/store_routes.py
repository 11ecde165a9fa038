"""The list of stores."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get

from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from programs import programs_repository, staff_repository, stores_repository
from programs.opening_hours import is_open
from programs.staff_repository import Session
from programs.store import Store
from server.console.let_in import HOME
from server.console.sessions import make_csrf_token
from server.console.words import CONSOLE
from server.faces.pages import PageRequest, lead_to, show_page
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from server.web.services import Services

_STORES_A_PAGE = 50


class StoreLine(msgspec.Struct, frozen=True):
    """A store as the list has it. `state`: the name of its word."""

    store: Store
    state: str


class ConsoleStoreController(Controller):
    path = "/console"

    @get()
    async def show_home(self) -> Response[None]:
        return lead_to(HOME)

    @get("/stores")
    async def show_stores(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        cursor = request.query_params.get("cursor") or None
        asked = parse_page(cursor, _STORES_A_PAGE)
        async with connect(services.pool) as conn:
            rows = await stores_repository.list_stores(conn, staff.program_id, asked, scope_of(staff))
            frame = await find_frame(conn, request, services, staff)
        page, now = make_page(rows, asked, lambda store: store.id), utc_now()
        lines = [StoreLine(store, state_of(store, now)) for store in page.items]
        shown: dict[str, Any] = {"lines": lines, "next_cursor": page.next_cursor, "is_first": cursor is None}
        return show_page(request, "console/stores.html", CONSOLE, **frame, **shown)


async def find_frame(conn: Connection, request: PageRequest, services: Services, staff: Session) -> dict[str, Any]:
    """What stands around every page of the console."""
    program = await programs_repository.find_program(conn, staff.program_id)
    person = await staff_repository.find_staff(conn, staff.program_id, staff.staff_id)
    csrf = make_csrf_token(services.keyring, request.auth)
    return {"program": program, "person": person, "csrf": csrf}


def state_of(store: Store, now: datetime) -> str:
    if store.closed_at is not None:
        return "closed"
    return "open" if is_open(store.opening_hours, now.astimezone(ZoneInfo(store.time_zone))) else "shut"
