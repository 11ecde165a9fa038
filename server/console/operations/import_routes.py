"""Imports of members: a file is sent, rehearsed or brought in, and followed until it is over."""

import asyncio
import hashlib
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from ids import ImportRunId
from imports import runs_repository
from imports.run import ImportRun
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from programs.staff_repository import Session
from server.console.form_values import read_field
from server.console.forms import Written
from server.console.frame import lead_on
from server.console.operations.import_reasons import say_fault, say_refusal
from server.console.operations.import_words import IMPORT_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.moving_in.begin import SentFile
from server.moving_in.routes import MAX_FILE_BYTES, Sending, begin_sent, find_own_run, stop_own_run
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

IMPORT_LIST = "/console/imports"
# With what a form adds to the file.
_MAX_FORM_BYTES = MAX_FILE_BYTES + 10_000
_PIECE_BYTES = 1 << 20
_MOST_NAME = 200
_RUNS_A_PAGE = 30
_MOST_SHOWN = 300
# What is asked for again and again is the progress alone; once it is over, the whole takes its place.
_OVER = {"HX-Retarget": "#run", "HX-Reselect": "#run", "HX-Reswap": "outerHTML"}


class ImportListController(Controller):
    path = IMPORT_LIST

    @get()
    async def show_imports(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await _show_list(request, staff, services)

    @post(status_code=303, request_max_body_size=_MAX_FORM_BYTES)
    async def send(self, request: PageRequest, staff: SessionDependency, services: ServicesDependency) -> Response[Any]:
        """The same file again, while it is not over, leads to the same import."""
        is_dry_run = await read_field(request, "mode", 10) != "import"
        upload = (await request.form()).get("file")
        sent = await _measure(upload) if isinstance(upload, UploadFile) else None
        if not isinstance(upload, UploadFile) or sent is None:
            return await _show_list(request, staff, services, error="file_missing")
        if not 1 <= len(sent.name) <= _MOST_NAME:
            return await _show_list(request, staff, services, error="file_name_bad")
        sending = Sending(staff, sent, upload.file, is_dry_run)
        begun: list[ImportRunId] = []

        async def work(conn: Connection, now: datetime) -> Written:
            begun.append((await begin_sent(conn, services, sending, now)).id)
            return Written(begun[-1])

        try:
            await write(request, services, work, is_keyed=False)
        except Problem as problem:
            if problem.slug != "import-running":
                raise
            other = f"{IMPORT_LIST}/{problem.extra['import_id']}"
            return await _show_list(request, staff, services, error="import_running", running_url=other)
        return lead_on(request, f"{IMPORT_LIST}/{begun[-1]}", "import_sent")


class ImportController(Controller):
    path = f"{IMPORT_LIST}/{{run_id:uuid}}"

    @get()
    async def show_import(
        self,
        run_id: FromPath[ImportRunId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            run = await find_own_run(conn, staff, run_id)
            faults = await runs_repository.list_faults(conn, run_id)
        is_open = run.state in ("waiting", "running")
        return viewing.show(
            "console/operations/import.html",
            IMPORT_WORDS,
            headers=_OVER if "hx-request" in request.headers and not is_open else None,
            run=run,
            is_open=is_open,
            size=viewing.write.tenths(max(0.1, run.byte_count / 1e6)),
            refusal=None if run.refusal is None else say_refusal(run.refusal, viewing.locale),
            faults=[(each, say_fault(each.reason, viewing.locale)) for each in faults[:_MOST_SHOWN]],
            fault_count=run.refused + run.remarks,
            list_url=IMPORT_LIST,
        )

    @post("/stop", status_code=303)
    async def stop(
        self,
        run_id: FromPath[ImportRunId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        stopped: list[ImportRun] = []

        async def work(conn: Connection, now: datetime) -> None:
            stopped.append(await stop_own_run(conn, staff, run_id, now))

        await write(request, services, work, is_keyed=False, target=str(run_id))
        # One that was over by then stays what it is, and its page says so.
        told = "import_stopped" if stopped[-1].state == "stopped" else ""
        return lead_on(request, f"{IMPORT_LIST}/{run_id}", told)


async def _measure(upload: UploadFile) -> SentFile | None:
    """None: there is nothing in it. It lies in a temporary file already."""
    digest, byte_count = hashlib.sha256(), 0
    while piece := await upload.read(_PIECE_BYTES):
        await asyncio.to_thread(digest.update, piece)
        byte_count += len(piece)
    return SentFile(_name_of(upload.filename), digest.digest(), byte_count) if byte_count else None


def _name_of(told: str) -> str:
    """Without the folders that some browsers tell, and what no list could show."""
    name = PureWindowsPath(PurePosixPath(told).name).name
    return "".join(letter for letter in name if letter.isprintable()).strip()


async def _show_list(
    request: PageRequest,
    staff: Session,
    services: Services,
    *,
    error: str | None = None,
    running_url: str | None = None,
) -> Response[str]:
    cursor = request.query_params.get("cursor") or None
    asked = parse_page(cursor, _RUNS_A_PAGE)
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        rows = await runs_repository.list_runs(conn, staff.program_id, asked)
    page = make_page(rows, asked, lambda run: run.id)
    return viewing.show(
        "console/operations/imports.html",
        IMPORT_WORDS,
        status=200 if error is None else 422,
        runs=page.items,
        next_cursor=page.next_cursor,
        is_first=cursor is None,
        list_url=IMPORT_LIST,
        error=error,
        running_url=running_url,
    )
