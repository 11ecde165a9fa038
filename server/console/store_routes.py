"""The list of stores."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get

from kit.clock import utc_now
from kit.database import connect
from kit.pages import make_page, parse_page
from programs import stores_repository
from programs.opening_hours import is_open
from programs.store import Store
from server.console.frame import find_frame, show_in_frame
from server.console.let_in import HOME
from server.console.permissions import may_open
from server.console.store_words import STORES
from server.faces.pages import PageRequest, lead_to
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

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
        asked = parse_page(request.query_params.get("cursor") or None, _STORES_A_PAGE)
        async with connect(services.pool) as conn:
            rows = await stores_repository.list_stores(conn, staff.program_id, asked, scope_of(staff))
            frame = await find_frame(conn, request, services, staff)
        page, now = make_page(rows, asked, lambda store: store.id), utc_now()
        lines = [StoreLine(store, state_of(store, now)) for store in page.items]
        shown: dict[str, Any] = {"lines": lines, "next_cursor": page.next_cursor}
        shown["may_open"] = may_open(staff, "/console/stores/new")
        return show_in_frame(request, frame, "console/stores.html", STORES, **shown)


def state_of(store: Store, now: datetime) -> str:
    if store.closed_at is not None:
        return "closed"
    return "open" if is_open(store.opening_hours, now.astimezone(ZoneInfo(store.time_zone))) else "shut"
