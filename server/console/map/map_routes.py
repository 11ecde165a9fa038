"""The map's own page, and the list that does without it."""

from typing import Any

import msgspec
from litestar import Controller, Response, get

from geo import geofences_repository
from geo.geofence import Circle, Fence
from kit.database import connect
from kit.pages import make_page, parse_page
from programs import stores_repository
from programs.store import Store
from server.console.map.frame import find_map_frame, show_map_page
from server.console.map.tiles import find_extent
from server.console.permissions import may_open
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

_FENCES_A_PAGE = 50


class FenceLine(msgspec.Struct, frozen=True):
    """A geofence as the list has it."""

    fence: Fence
    store: Store
    kind: str


class MapController(Controller):
    path = "/console/map"

    @get()
    async def show_map(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """Beside it stands the list of geofences: what the map shows can all be reached without it."""
        asked, only = parse_page(request.query_params.get("cursor") or None, _FENCES_A_PAGE), scope_of(staff)
        async with connect(services.pool) as conn:
            fences = await geofences_repository.list_geofences(conn, staff.program_id, asked, only)
            stores = await stores_repository.find_stores(conn, staff.program_id, [fence.store_id for fence in fences])
            extent = await find_extent(conn, staff.program_id, only)
            frame = await find_map_frame(conn, request, services, staff)
        page = make_page(fences, asked, lambda fence: fence.geofence_id)
        lines = [FenceLine(fence, stores[fence.store_id], kind_of(fence)) for fence in page.items]
        shown: dict[str, Any] = {"lines": lines, "next_cursor": page.next_cursor}
        shown["may_import"] = may_open(staff, "/console/map/files")
        return show_map_page(request, frame, "panel_list", extent=extent, **shown)


def kind_of(fence: Fence) -> str:
    return "circle" if isinstance(fence.shape, Circle) else "area"
