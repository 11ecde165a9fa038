"""A run of an import from where it stands to its end: the file is read a batch at a time while the database writes the
batch before it. Whatever ends the process, the same run goes on after its last committed batch.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import BinaryIO

from imports import runs_repository
from imports.records import InspectedFile, Record, inspect, read_records
from imports.run import Fault, ImportRun, Reading
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.sealing import Keyring
from kit.text_files import UnreadableText
from members.newcomers_repository import HandleTaken
from programs.programs_repository import Program
from server.moving_in.prepare import prepare
from server.moving_in.read_row import RowReader
from server.moving_in.setting import Setting, read_setting
from server.moving_in.write_batch import Batch, RunTaken, judge_batch, write_batch

BATCH_ROWS = 1000
CONNECTIONS = 2
_TRIES = 5
# Without a batch in between. Whoever runs the server may stop and start it meanwhile, and none of that is the file's.
MOST_FRUITLESS_TRIES = 5

# Hears how many rows are done, of how many.
Tell = Callable[[int, int], None]


async def run_import(
    pool: Pool, keyring: Keyring, program: Program, run: ImportRun, file: BinaryIO, tell: Tell = lambda *_: None
) -> ImportRun:
    """The run as it ended: done, refused, or stopped by somebody. Raises RunTaken where another process is at it."""
    tries = await in_transaction(pool, partial(runs_repository.lease_run, run_id=run.id))
    if tries is None:
        raise RunTaken
    try:
        _require_progress(tries, run.rows_read)
        await _read_on(pool, keyring, program, run, file, tell)
        await in_transaction(pool, lambda conn: runs_repository.end_run(conn, run.id, "done", utc_now()))
    except UnreadableText as error:
        reason = str(error)
        await in_transaction(pool, lambda conn: runs_repository.end_run(conn, run.id, "refused", utc_now(), reason))
    except RunTaken:
        if (await _find(pool, run)).state != "stopped":
            raise
    return await _find(pool, run)


def _require_progress(tries: int, rows_read: int) -> None:
    """Raises UnreadableText. A program whose file is tried for ever can send no other one."""
    if tries > MOST_FRUITLESS_TRIES:
        raise UnreadableText(
            f"The import broke off {MOST_FRUITLESS_TRIES} times after row {rows_read:,}, and no row was named as the "
            f"reason. What came before is there. Look into the server's log, or leave out some of the next "
            f"{BATCH_ROWS:,} rows, and send the file again."
        )


async def _find(pool: Pool, run: ImportRun) -> ImportRun:
    async with connect(pool) as conn:
        found = await runs_repository.find_run(conn, run.program_id, run.id)
    assert found is not None
    return found


async def _read_on(pool: Pool, keyring: Keyring, program: Program, run: ImportRun, file: BinaryIO, tell: Tell) -> None:
    """Raises UnreadableText, RunTaken."""
    found = await asyncio.to_thread(inspect, file)
    if found.sha256 != run.file_sha256:
        raise UnreadableText("The file is another one than when this import began; begin a new one.")
    # All that depends on the day depends on the day on which it began, however often it is taken up.
    setting = await in_transaction(pool, partial(read_setting, program=program, run_id=run.id, now=run.created_at))
    headings = setting.read_headings(list(found.headings))
    reading = Reading(
        kind=found.form.kind,
        encoding=found.form.encoding,
        delimiter=found.form.delimiter,
        columns=headings.taken,
        left_out=headings.left_out,
    )
    await in_transaction(pool, lambda conn: runs_repository.set_reading(conn, run.id, reading, found.records))
    batches = _take_batches(keyring, setting, setting.open_reader(headings), file, found, run.rows_read)
    await _write_all(pool, keyring, setting, batches, run, found.records, tell)


async def _write_all(
    pool: Pool,
    keyring: Keyring,
    setting: Setting,
    batches: Iterator[Batch],
    run: ImportRun,
    total: int,
    tell: Tell,
) -> None:
    tell(run.rows_read, total)
    coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
            await _write(pool, keyring, setting, batch, is_dry_run=run.is_dry_run)
            tell(batch.first + len(batch.rows), total)
    finally:
        await asyncio.wait({coming})


async def _write(pool: Pool, keyring: Keyring, setting: Setting, batch: Batch, *, is_dry_run: bool) -> None:
    async def work(conn: Connection) -> None:
        await (judge_batch(conn, setting, batch) if is_dry_run else write_batch(conn, keyring, setting, batch))

    for attempt in range(1, _TRIES + 1):
        try:
            await in_transaction(pool, work)
            break
        except HandleTaken:  # by somebody of the staff in the same moment
            if attempt == _TRIES:
                raise


def _take_batches(
    keyring: Keyring, setting: Setting, reader: RowReader, file: BinaryIO, found: InspectedFile, first: int
) -> Iterator[Batch]:
    records = islice(read_records(file, found.form), first, None)
    while taken := list(islice(records, BATCH_ROWS)):
        yield _make_batch(keyring, setting, reader, taken, first)
        first += len(taken)


def _make_batch(keyring: Keyring, setting: Setting, reader: RowReader, records: list[Record], first: int) -> Batch:
    rows = [reader.read(record) for record in records]
    remarks = [Fault(row.line, False, remark) for row in rows if row.row is not None for remark in row.remarks]
    return Batch(first, list(prepare(keyring, setting.program_id, rows)), remarks)
