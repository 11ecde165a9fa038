"""Who comes in, as it happens, and the tiles of the base map that lie on this server."""

import asyncio
import os
import re
from pathlib import Path

from litestar import Controller, Response, get
from litestar.response import ServerSentEvent

from server.console.map.base_map import read_base_map
from server.console.map.live import LiveTransitionsDependency
from server.faces.headers import COMMON
from server.faces.pages import PageRequest
from server.problems import not_found
from server.web.dependencies import ServicesDependency

# As much of a file of tiles as one answer holds: a directory, or a tile.
_MOST_BYTES = 4_000_000
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")


class LiveController(Controller):
    path = "/console/map"

    @get("/live")
    async def tell_live(
        self, request: PageRequest, services: ServicesDependency, live_transitions: LiveTransitionsDependency
    ) -> ServerSentEvent:
        # A proxy that gathers answers would hold it back.
        headers = {**COMMON, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return ServerSentEvent(live_transitions.stream(services, request.auth), headers=headers)

    @get("/base.pmtiles")
    async def hand_out_base_tiles(self, request: PageRequest, services: ServicesDependency) -> Response[bytes]:
        """A part of the file, as the reader of PMTiles asks for it."""
        file = read_base_map(services.settings.base_map).file
        if file is None:
            raise not_found("file")
        size, tag, part = await asyncio.to_thread(_read_part, file, request.headers.get("range", ""))
        headers = {**COMMON, "Cache-Control": "private, max-age=86400", "ETag": tag, "Accept-Ranges": "bytes"}
        if part is None:
            return Response(b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        first, content = part
        told = f"bytes {first}-{first + len(content) - 1}/{size}"
        return Response(
            content, status_code=206, media_type="application/octet-stream", headers={**headers, "Content-Range": told}
        )


def _read_part(file: Path, asked: str) -> tuple[int, str, tuple[int, bytes] | None]:
    """The file's size, its tag, and the part with its place; None where nothing of that kind can be had."""
    with file.open("rb") as opened:
        told = os.fstat(opened.fileno())
        tag = f'"{told.st_mtime_ns:x}-{told.st_size:x}"'
        found = _RANGE.fullmatch(asked)
        first, last = (int(found[1]), int(found[2])) if found else (1, 0)
        count = min(last + 1, told.st_size) - first
        if not 0 < count <= _MOST_BYTES:
            return told.st_size, tag, None
        return told.st_size, tag, (first, os.pread(opened.fileno(), count, first))
