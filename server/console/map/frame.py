"""What every page of the map is shown with."""

from typing import Any

import msgspec
from litestar import Response

from kit.database import Connection
from programs import programs_repository
from programs.staff_repository import Session
from server.console.frame import Frame, find_frame, show_in_frame
from server.console.map.base_map import BaseMap, read_base_map
from server.console.map.tile_places import MAX_ZOOM
from server.console.map.words import MAP
from server.console.permissions import may_send
from server.faces.pages import PageRequest
from server.web.services import Services

# What `start` imports, and what that imports: a test compares.
NEEDED = (
    "htmx.org",
    "noren/shared/trusted_types",
    *(f"noren/console/map/{name}" for name in ("base", "colours", "engine", "form", "grid", "land", "layers")),
)


class MapFrame(msgspec.Struct, frozen=True):
    """`version`: with it in its address, a tile is asked for anew after each change."""

    frame: Frame
    may_draw: bool
    base: BaseMap
    version: str


async def find_map_frame(conn: Connection, request: PageRequest, services: Services, staff: Session) -> MapFrame:
    frame = await find_frame(conn, request, services, staff)
    versions = await programs_repository.read_versions_of_program(conn, staff.program_id)
    version = f"{versions.fence_version}-{versions.campaign_version}"
    may_draw = may_send(staff, "/console/map/fences/new")
    return MapFrame(frame, may_draw, read_base_map(services.settings.base_map), version)


def show_map_page(
    request: PageRequest, frame: MapFrame, panel: str, *, status: int = 200, **values: Any
) -> Response[str]:
    """The map with one of its panels beside it. htmx takes the panel alone."""
    return show_in_frame(
        request,
        frame.frame,
        "console/map/map.html",
        MAP,
        status=status,
        needs=frame.base.needs,
        panel=f"console/map/{panel}.html",
        may_draw=frame.may_draw,
        base=frame.base,
        version=frame.version,
        max_zoom=MAX_ZOOM,
        needed=NEEDED,
        **values,
    )
