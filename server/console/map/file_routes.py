"""A whole chain in a file, in and out: what it would do is shown before it is done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile

from geo.chains import Format
from kit.database import Connection, connect, in_read_only_transaction
from server.backoffice.chain_files import find_neighbours, read_chain_file
from server.backoffice.export_chain import (
    FILE_MEDIA_TYPES,
    MAX_FILE_BYTES,
    Part,
    PartPlace,
    export_part,
    list_parts,
    read_place,
)
from server.backoffice.import_chain import ImportResult, import_chain
from server.console.form_values import read_field
from server.console.frame import find_frame, show_in_frame
from server.console.map.file_words import FILES
from server.console.map.row_reasons import say_row
from server.faces.headers import COMMON
from server.faces.languages import language_of
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

_KINDS: dict[str, Format] = {
    ".csv": "csv",
    ".txt": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".kml": "kml",
}
_FORMATS: Mapping[str, Format] = {kind: kind for kind in FILE_MEDIA_TYPES}
# With what a form adds to the file.
_MAX_FORM_BYTES = MAX_FILE_BYTES + 10_000
_MOST_SHOWN = 200


class Rehearsed(Exception):
    """Raised at the end of a rehearsal, so that nothing of it is kept."""

    def __init__(self, result: ImportResult) -> None:
        super().__init__()
        self.result = result


class ChainFileController(Controller):
    path = "/console/map/files"

    @get()
    async def show_files(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """Of a chain that one file cannot hold, also the list of its parts in the kind that is asked for."""
        kind = _FORMATS.get(request.query_params.get("parts", ""))
        if kind is None:
            return await _show(request, services, staff)

        async def read(conn: Connection) -> Sequence[PartPlace]:
            return await list_parts(conn, staff.program_id, kind)

        parts = await in_read_only_transaction(services.pool, read)
        return await _show(request, services, staff, parts=parts, parts_kind=kind)

    @post(status_code=200, request_max_body_size=_MAX_FORM_BYTES)
    async def take_file(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        """All of it, or nothing; in a rehearsal always nothing."""
        is_rehearsal = await read_field(request, "mode", 10) != "import"
        file = (await request.form()).get("file")
        kind = _KINDS.get(PurePath(file.filename).suffix.lower()) if isinstance(file, UploadFile) else None
        if not isinstance(file, UploadFile) or kind is None:
            return await _show(request, services, staff, fault="file_unknown", status=422)
        try:
            result = await _import(request, services, staff, await file.read(), kind, is_rehearsal=is_rehearsal)
        except Problem as problem:
            if problem.slug not in ("invalid-rows", "invalid-request"):
                raise
            rows = problem.extra.get("rows", [])
            locale = language_of(request)
            said = [(row["index"] + 1, say_row(row["reason"], locale)) for row in rows[:_MOST_SHOWN]]
            told = {"rows": said, "row_count": len(rows), "reason": None if rows else say_row(problem.detail, locale)}
            return await _show(request, services, staff, fault="file_bad", status=422, **told)
        return await _show(request, services, staff, result=result, is_rehearsal=is_rehearsal)

    @get("/export")
    async def export(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """One part of the chain. Whoever asks for all of one that is larger is led to the list of its parts."""
        kind = _FORMATS.get(request.query_params.get("format", ""), "csv")
        number = request.query_params.get("part", "")
        after = read_place(request.query_params.get("cursor") or None)

        async def read(conn: Connection) -> Part:
            return await export_part(conn, staff.program_id, kind, after)

        part = await in_read_only_transaction(services.pool, read)
        if part.next_cursor is not None and not number:
            return lead_to(f"{self.path}?parts={kind}#parts")
        name = f"chain-{number}" if number.isascii() and number.isdigit() else "chain"
        headers = {
            **COMMON,
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            "Cache-Control": "no-store",
        }
        return Response(part.body, media_type=FILE_MEDIA_TYPES[kind], headers=headers)


async def _import(
    request: PageRequest, services: Services, staff: Any, body: bytes, kind: Format, *, is_rehearsal: bool
) -> ImportResult:
    """Raises Problem."""
    rows, bad, notes = await read_chain_file(body, kind, services)
    neighbours = await find_neighbours(services, staff.program_id)
    done: list[ImportResult] = []

    async def work(conn: Connection, now: datetime, version: int) -> None:
        result = await import_chain(conn, staff.program_id, rows, bad, notes, neighbours, version, now)
        if is_rehearsal:
            raise Rehearsed(result)
        done.append(result)

    try:
        await write(request, services, work, bumps="fences", is_keyed=False)
    except Rehearsed as rehearsed:
        return rehearsed.result
    return done[-1]


async def _show(
    request: PageRequest, services: Services, staff: Any, *, status: int = 200, **told: Any
) -> Response[str]:
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
    nothing: dict[str, Any] = {"fault": None, "result": None, "rows": [], "row_count": 0, "reason": None, "parts": ()}
    shown = nothing | {"is_rehearsal": False, "most_shown": _MOST_SHOWN} | told
    return show_in_frame(request, frame, "console/map/files.html", FILES, status=status, **shown)
