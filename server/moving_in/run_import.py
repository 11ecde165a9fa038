"""A run of an import from where it stands to its end: the file is read a batch at a time while the database writes the
two batches before it. Whatever ends the process, the same run goes on after its last committed batch.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from functools import partial
from typing import BinaryIO

from imports import runs_repository
from imports.records import inspect
from imports.run import ImportRun, Reading
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.sealing import Keyring
from kit.text_files import UnreadableText
from members.newcomers_repository import HandleTaken
from programs.programs_repository import Program
from server.moving_in.read_apart import batches_apart
from server.moving_in.setting import read_setting
from server.moving_in.take_batches import BATCH_ROWS, Source, take_batches
from server.moving_in.turns import BeganAgain, Turn
from server.moving_in.write_batch import Batch, RunTaken, judge_batch, write_ahead, write_batch

CONNECTIONS = 2
# A connection each.
_AT_ONCE = CONNECTIONS
# A process takes half a second to start; so many rows take longer to read.
APART_FROM_ROWS = 10_000
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
    source = Source(keyring=keyring, setting=setting, form=found.form, headings=headings, first=run.rows_read)
    async with _open_batches(file, source, found.records - run.rows_read) as batches:
        await _write_all(pool, source, batches, run, found.records, tell)


@asynccontextmanager
async def _open_batches(file: BinaryIO, source: Source, rows: int) -> AsyncIterator[AsyncIterator[Batch]]:
    if rows < APART_FROM_ROWS:
        async with aclosing(_read_in_thread(file, source)) as batches:
            yield batches
    else:
        async with batches_apart(file, source) as batches:
            yield batches


async def _read_in_thread(file: BinaryIO, source: Source) -> AsyncGenerator[Batch, None]:
    with closing(take_batches(file, source)) as batches:  # before the file is, whatever ends it
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch


async def _write_all(
    pool: Pool, source: Source, batches: AsyncIterator[Batch], run: ImportRun, total: int, tell: Tell
) -> None:
    tell(run.rows_read, total)
    turn: Turn | None = None
    writing: deque[asyncio.Task[int]] = deque()
    try:
        async for batch in batches:
            turn = Turn(turn)
            writing.append(asyncio.create_task(_write_in_turn(pool, source, batch, turn, is_dry_run=run.is_dry_run)))
            while len(writing) == _AT_ONCE:
                tell(await writing.popleft(), total)
        while writing:
            tell(await writing.popleft(), total)
    finally:
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)


async def _write_in_turn(pool: Pool, source: Source, batch: Batch, turn: Turn, *, is_dry_run: bool) -> int:
    """How many rows are done then."""
    is_written = False
    try:
        if not is_dry_run and not turn.has_come:
            is_written = await _write_ahead(pool, source, batch, turn)
        if not is_written:
            await turn.come(is_ahead=False)
            turn.begin()
            await _write(pool, source, batch, is_dry_run=is_dry_run)
            is_written = True
        return batch.first + len(batch.rows)
    finally:
        turn.end(is_written=is_written)


async def _write_ahead(pool: Pool, source: Source, batch: Batch, turn: Turn) -> bool:
    """Whether it was one that can be; else nothing of it is written."""
    try:
        return await in_transaction(
            pool, partial(write_ahead, keyring=source.keyring, setting=source.setting, batch=batch, turn=turn)
        )
    except (HandleTaken, BeganAgain):
        return False


async def _write(pool: Pool, source: Source, batch: Batch, *, is_dry_run: bool) -> None:
    async def work(conn: Connection) -> None:
        if is_dry_run:
            await judge_batch(conn, source.setting, batch)
        else:
            await write_batch(conn, source.keyring, source.setting, batch)

    for attempt in range(1, _TRIES + 1):
        try:
            await in_transaction(pool, work)
            break
        except HandleTaken:  # by somebody of the staff in the same moment
            if attempt == _TRIES:
                raise
