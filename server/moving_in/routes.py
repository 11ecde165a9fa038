"""A chain's members in one file: sent, followed and stopped by an owner."""

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter

from ids import ImportRunId
from imports import runs_repository
from imports.run import Fault, ImportRun, Reading, RunState
from kit.database import Connection, connect
from kit.pages import Page, make_page
from programs.programs_repository import find_program
from programs.staff_repository import Session
from server.moving_in.begin import OtherImport, SentFile, begin_import
from server.problems import Problem, not_found
from server.web.auth import Call, name_of
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

# A million members with all there is about them.
MAX_FILE_BYTES = 400_000_000
_PIECE_BYTES = 1 << 20
_MEDIA_TYPES = ("text/csv", "application/x-ndjson")
_CSV = "会員番号,氏名,生年月日,電話番号,ポイント残高\nK0000001,佐藤 花子,1990/4/1,090-1234-5678,1200\n"
_NDJSON = '{"number": "K0000001", "points": 1200}\n'

DryRunAsked = Annotated[
    bool, QueryParameter(name="dry_run", description="say what would come of it, and write nothing")
]
NameAsked = Annotated[
    str, QueryParameter(name="name", min_length=1, max_length=200, description="what the file is called, for the list")
]


class MemberImport(msgspec.Struct, frozen=True, kw_only=True):
    """An import of members, and how far it has come."""

    id: ImportRunId
    """The id of the import."""
    state: RunState
    """`waiting` for its turn, `running`, `done`, `refused` as a whole, or `stopped` by somebody."""
    is_dry_run: bool
    """True: it says what would come of the file, and writes no member."""
    name: str
    """What the file is called."""
    byte_count: int
    """How large the file is."""
    started_by: str
    """Who sent it."""
    reading: Reading | None
    """How the file was read; null as long as it was not."""
    rows_total: int | None
    """How many rows the file has; null as long as it was not read."""
    rows_read: int
    """How many of them are done: the rest is still to come."""
    created: int
    """How many members are new (in a dry run: would be), who wait for their phones now."""
    updated: int
    """How many members were here already, and were changed."""
    unchanged: int
    """How many members were here already, with a row that says what it said before."""
    refused: int
    """How many rows were left out, for the reasons in `faults`."""
    remarks: int
    """How often something of a good row was left out, or is worth knowing: in `faults` too."""
    refusal: str | None
    """Of a `refused` file: what to do."""
    created_at: datetime
    """When it was sent."""
    ended_at: datetime | None
    """When it was over; null: it is not."""


class MemberImportReport(MemberImport, frozen=True, kw_only=True):
    """An import of members, with what is wrong with rows."""

    faults: list[Fault]
    """What is wrong with which rows, in the order in which they were met: the first thousand. Kept for 90 days."""


@dataclass
class _SendOperation(Operation):
    def __post_init__(self) -> None:
        text = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        self.request_body = RequestBody(
            required=True,
            description="docs/moving-in.md lists the columns",
            content={
                "text/csv": OpenAPIMediaType(schema=text, example=_CSV),
                "application/x-ndjson": OpenAPIMediaType(schema=text, example=_NDJSON),
            },
        )


class MemberImportController(Controller):
    path = "/v1/member-imports"
    tags = ("Members",)

    @post(
        operation_id="importMembers",
        summary="Bring a chain's members along, from a file",
        status_code=202,
        request_max_body_size=MAX_FILE_BYTES,
        opt={"media_types": _MEDIA_TYPES},
        operation_class=_SendOperation,
    )
    async def import_members(
        self,
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
        name: NameAsked = "members.csv",
        dry_run: DryRunAsked = False,
    ) -> Response[MemberImport]:
        """CSV (UTF-8, UTF-16 or Shift_JIS) or lines of JSON, up to 400 MB. It is read in the background: ask for the
        import by its id. The same file again changes nothing; a newer one updates the members who are here. While it
        is not over, sending the same file again answers with the same import.
        """
        file = await asyncio.to_thread(tempfile.TemporaryFile)
        try:
            sent = await _receive(request, file, name)

            async def work(conn: Connection, now: datetime) -> MemberImport:
                return await begin_sent(conn, services, Sending(staff, sent, file, dry_run), now)

            # The file's content is what tells a repeated request: to hold all of it for a key would take its memory.
            return await write(request, services, work, status=202, is_keyed=False)
        finally:
            file.close()

    @get(operation_id="listMemberImports", summary="The program's imports of members, the newest first")
    async def list_member_imports(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[MemberImport]:
        async with connect(services.pool) as conn:
            runs = await runs_repository.list_runs(conn, staff.program_id, page)
        return make_page([_view(run) for run in runs], page, lambda run: run.id)

    @get("/{run_id:uuid}", operation_id="readMemberImport", summary="How far an import has come, and what is wrong")
    async def read_member_import(
        self, run_id: FromPath[ImportRunId], staff: SessionDependency, services: ServicesDependency
    ) -> MemberImportReport:
        async with connect(services.pool) as conn:
            run = await find_own_run(conn, staff, run_id)
            faults = await runs_repository.list_faults(conn, run_id)
        return MemberImportReport(**_fields(run), faults=faults)

    @post("/{run_id:uuid}/stop", operation_id="stopMemberImport", summary="Stop an import", status_code=200)
    async def stop_member_import(
        self, run_id: FromPath[ImportRunId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[MemberImport]:
        """The rows that are done stay done; to send the file again goes on with the others. One that is over stays
        what it is."""

        async def work(conn: Connection, now: datetime) -> MemberImport:
            return _view(await stop_own_run(conn, staff, run_id, now))

        return await write(request, services, work)


async def _receive(request: Call, file: IO[bytes], name: str) -> SentFile:
    """Into the file, piece by piece. Raises Problem."""
    digest, byte_count = hashlib.sha256(), 0
    async for piece in request.stream():
        digest.update(piece)
        byte_count += len(piece)
        await asyncio.to_thread(file.write, piece)
    if not byte_count:
        raise Problem("invalid-request", "Send the file as the body; docs/moving-in.md says what it holds.")
    return SentFile(name, digest.digest(), byte_count)


class Sending(msgspec.Struct, frozen=True):
    """What was sent, and what is to be done with it."""

    staff: Session
    sent: SentFile
    file: IO[bytes]
    is_dry_run: bool


async def begin_sent(conn: Connection, services: Services, sending: Sending, now: datetime) -> MemberImport:
    """Raises Problem."""
    program = await find_program(conn, sending.staff.program_id)
    assert program is not None
    started_by = name_of(sending.staff)
    try:
        run, is_new = await begin_import(
            conn, program, sending.sent, is_dry_run=sending.is_dry_run, started_by=started_by, now=now
        )
    except OtherImport as other:
        raise Problem(
            "import-running",
            "Wait until it is over, or stop it.",
            import_id=str(other.run.id),
            name=other.run.file_name,
        ) from None
    if is_new:
        sending.file.seek(0)
        place = 0
        while piece := await asyncio.to_thread(sending.file.read, _PIECE_BYTES):
            await runs_repository.insert_file_piece(conn, services.keyring, run.id, place, piece)
            place += 1
    return _view(run)


async def find_own_run(conn: Connection, staff: Session, run_id: ImportRunId) -> ImportRun:
    """Raises Problem."""
    run = await runs_repository.find_run(conn, staff.program_id, run_id)
    if run is None:
        raise not_found("import")
    return run


async def stop_own_run(conn: Connection, staff: Session, run_id: ImportRunId, now: datetime) -> ImportRun:
    """Raises Problem."""
    await find_own_run(conn, staff, run_id)
    await runs_repository.end_run(conn, run_id, "stopped", now)
    return await find_own_run(conn, staff, run_id)


def _fields(run: ImportRun) -> dict[str, Any]:
    fields = {name: getattr(run, name) for name in MemberImport.__struct_fields__ if name != "name"}
    return {**fields, "name": run.file_name}


def _view(run: ImportRun) -> MemberImport:
    return MemberImport(**_fields(run))
