"""The tiles of the map: each of them only for who may see what is on it."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from kit.database import connect
from programs import programs_repository
from programs.programs_repository import Versions
from server.console.map.tile_places import find_tile
from server.console.map.tiles import make_tile
from server.faces.headers import COMMON
from server.faces.pages import PageRequest
from server.problems import not_found
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# Of the browser alone, which asks each time whether it still is what it has.
_HEADERS = {**COMMON, "Cache-Control": "private, no-cache"}


class TileController(Controller):
    path = "/console/map/tiles"

    @get("/{z:int}/{x:int}/{y:int}")
    async def hand_out_tile(
        self,
        z: FromPath[int],
        x: FromPath[int],
        y: FromPath[int],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[bytes]:
        place = find_tile(z, x, y)
        if place is None:
            raise not_found("tile")
        only = scope_of(staff)
        async with connect(services.pool) as conn:
            versions = await programs_repository.read_versions_of_program(conn, staff.program_id)
            tag = _tag(versions, only)
            headers = {**_HEADERS, "ETag": tag}
            if request.headers.get("if-none-match") == tag:
                return Response(b"", status_code=304, headers=headers)
            tile = await make_tile(conn, staff.program_id, only, place)
        return Response(tile, media_type=MEDIA_TYPE, headers=headers)


def _tag(versions: Versions, only: Sequence[UUID] | None) -> str:
    """Another one after each change of a fence or a store, and for who sees other stores."""
    scope = "all" if only is None else hashlib.sha256(b"".join(each.bytes for each in only)).hexdigest()[:16]
    return f'"{versions.fence_version}-{versions.campaign_version}-{scope}"'
