"""The verb `import-members` of `./run admin`: its arguments, its progress and its report."""

import argparse
import asyncio
import getpass
import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path

from imports import runs_repository
from imports.run import Fault, ImportRun
from kit.clock import utc_now
from kit.collector import collect_seldom
from kit.database import Connection, Pool, connect, in_transaction, open_pool
from programs.programs_repository import Program, find_program_by_code
from server.moving_in.begin import OtherImport, SentFile, begin_import
from server.moving_in.run_import import CONNECTIONS, run_import
from server.moving_in.write_batch import RunTaken
from server.runtime.progress import Progress
from server.runtime.root_secret import open_keyring
from server.runtime.schema_guard import check_schema
from server.settings import read_secret_key

_MAX_NAME = 200


class CannotImport(Exception):
    """The message says why, and what to do."""


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--program", required=True, help="the program's code")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV or lines of JSON; docs/moving-in.md has the columns"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would come of it, and write no member")


async def import_members(dsn: str, arguments: argparse.Namespace) -> str:
    """The report. Raises CannotImport, BadSettings, OutdatedSchema, WrongSecretKey, DatabaseUnavailable, OSError."""
    collect_seldom()
    secret_key = read_secret_key()
    await check_schema(dsn)
    pool = await open_pool(dsn, max_size=CONNECTIONS)
    try:
        keyring = await open_keyring(pool, secret_key, utc_now())
        with arguments.file.open("rb") as file:
            program, run = await _begin(pool, arguments, file)
            progress: list[Progress] = []

            def tell(done: int, total: int) -> None:
                if not progress:
                    progress.append(Progress("rows", max(1, total), sys.stderr))
                progress[0].tell(done)

            try:
                ended = await run_import(pool, keyring, program, run, file, tell)
            except RunTaken:
                raise CannotImport("another process is at this import; wait for it, or stop it first") from None
        async with connect(pool) as conn:
            faults = await runs_repository.list_faults(conn, run.id)
    finally:
        await pool.close()
    if ended.state != "done":
        raise CannotImport(ended.refusal or "the import was stopped")
    return "\n".join(write_report(ended, faults))


async def _begin(pool: Pool, arguments: argparse.Namespace, file: BufferedReader) -> tuple[Program, ImportRun]:
    digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
    byte_count = file.tell()

    async def work(conn: Connection) -> tuple[Program, ImportRun]:
        program = await find_program_by_code(conn, arguments.program)
        if program is None:
            raise CannotImport(f"there is no program of the code {arguments.program}")
        begin = partial(
            begin_import,
            conn,
            program,
            SentFile(arguments.file.name[-_MAX_NAME:], digest.digest(), byte_count),
            is_dry_run=arguments.dry_run,
            started_by=f"operator:{getpass.getuser()}",
            now=utc_now(),
        )
        try:
            run, _ = await begin()
        except OtherImport as other:
            if other.run.is_leased or other.run.state == "waiting":
                raise CannotImport(f"the program has an import that is not over: {other.run.file_name}") from None
            # Nobody is at it any more, and somebody has another file.
            await runs_repository.end_run(conn, other.run.id, "stopped", utc_now())
            run, _ = await begin()
        return program, run

    return await in_transaction(pool, work)


def write_report(run: ImportRun, faults: list[Fault]) -> Iterator[str]:
    """Line by line, for a terminal."""
    if run.reading is not None:
        yield f"read as {run.reading.kind}, {run.reading.encoding}"
        for heading, column in run.reading.columns.items():
            yield f"  {heading} -> {column}"
        if run.reading.left_out:
            yield f"  not known and left out: {', '.join(run.reading.left_out)}"
    words = ("would be new", "would change", "are unchanged") if run.is_dry_run else ("new", "changed", "unchanged")
    counts = (run.created, run.updated, run.unchanged)
    told = ", ".join(f"{count:,} {word}" for count, word in zip(counts, words, strict=True))
    yield f"{run.rows_read:,} rows: {told}; {run.refused:,} refused; {run.remarks:,} remarks"
    for fault in faults:
        yield f"  line {fault.line}: {'refused: ' if fault.is_refused else ''}{fault.reason}"
    if run.refused + run.remarks > len(faults):
        yield f"  and {run.refused + run.remarks - len(faults):,} more"
