"""How an import begins: a run for a file, or the one that goes on with it."""

from datetime import datetime

import msgspec

from ids import ImportRunId
from imports import runs_repository
from imports.run import ImportRun, NewRun
from kit.database import Connection
from kit.ids import new_id
from programs.programs_repository import Program


class OtherImport(Exception):
    """The program has an import that is not over, of another file or of another kind."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__(run.file_name)
        self.run = run


class SentFile(msgspec.Struct, frozen=True):
    """What is known of a file before it is read."""

    name: str
    sha256: bytes
    byte_count: int


async def begin_import(
    conn: Connection, program: Program, file: SentFile, *, is_dry_run: bool, started_by: str, now: datetime
) -> tuple[ImportRun, bool]:
    """The run of this file, and whether it is a new one. Raises OtherImport."""
    new = NewRun(
        id=ImportRunId(new_id()),
        program_id=program.id,
        is_dry_run=is_dry_run,
        file_name=file.name,
        file_sha256=file.sha256,
        byte_count=file.byte_count,
        started_by=started_by,
        created_at=now,
    )
    run: ImportRun | None = None
    is_new = False
    while run is None:  # one that was open may end in this moment
        is_new = await runs_repository.create_run(conn, new)
        run = await runs_repository.find_open_run(conn, program.id)
    if (run.file_sha256, run.is_dry_run) != (file.sha256, is_dry_run):
        raise OtherImport(run)
    return run, is_new
