"""Files that were sent: the worker gives each to a process of its own, which a million rows keep busy for minutes.

The process gets what it needs on its standard input, where nobody else reads it. Whatever becomes of it or of the
worker, the run's lease ends, and the next worker goes on where it stood.
"""

import asyncio
import os
import sys
import tempfile
from base64 import b64decode, b64encode
from typing import BinaryIO
from uuid import UUID

import msgspec
import structlog

from ids import ImportRunId, ProgramId
from imports import runs_repository
from kit.clock import utc_now
from kit.collector import collect_seldom
from kit.database import Pool, connect, open_pool
from kit.rounds import run_rounds
from kit.sealing import Keyring
from programs.programs_repository import find_program
from server.moving_in.run_import import CONNECTIONS, run_import
from server.moving_in.write_batch import RunTaken
from server.runtime.root_secret import open_keyring

_EVERY_S = 2.0
_LONGEST_WAIT_S = 60.0
_END_S = 5.0

log = structlog.get_logger()


class _Order(msgspec.Struct, frozen=True):
    dsn: str
    secret_key: str
    program_id: UUID
    run_id: UUID


async def run_sent_imports(pool: Pool, dsn: str, secret_key: bytes, stop: asyncio.Event) -> None:
    """One after another, until `stop` is set. Any number of workers may do it."""

    async def once() -> float:
        async with connect(pool) as conn:
            found = await runs_repository.find_sent_run(conn)
        if found is None:
            return _EVERY_S
        order = _Order(dsn, b64encode(secret_key).decode(), *found)
        code = await _run_apart(order, stop)
        if code and not stop.is_set():
            log.error("import.broke_off", run_id=str(order.run_id), exit_code=code)
            return _LONGEST_WAIT_S
        return 0.0

    await run_rounds({"import.": once}, stop=stop, first_wait_s=_EVERY_S, longest_wait_s=_LONGEST_WAIT_S)


async def _run_apart(order: _Order, stop: asyncio.Event) -> int:
    """Its exit code. Where the worker is told to stop, it is ended; its last batch is there, or is not."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "server.moving_in.work_sent"),
        stdin=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    ended = asyncio.ensure_future(process.communicate(msgspec.json.encode(order)))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ended.done():
        process.terminate()
        await asyncio.wait({ended}, timeout=_END_S)
        if not ended.done():
            process.kill()
    await ended
    return process.returncode or 0


async def carry_out(pool: Pool, keyring: Keyring, program_id: ProgramId, run_id: ImportRunId) -> None:
    """The file is brought into a temporary one, which is gone with it."""
    async with connect(pool) as conn:
        run = await runs_repository.find_run(conn, program_id, run_id)
        program = await find_program(conn, program_id)
    if run is None or program is None:
        return
    with tempfile.TemporaryFile() as file:
        await _fetch(pool, keyring, run_id, file)
        try:
            ended = await run_import(pool, keyring, program, run, file)
        except RunTaken:
            return
    log.info("import.ended", run_id=str(run_id), state=ended.state, created=ended.created, refused=ended.refused)


async def _fetch(pool: Pool, keyring: Keyring, run_id: ImportRunId, file: BinaryIO) -> None:
    async with connect(pool) as conn:
        async for piece in runs_repository.read_file_pieces(conn, keyring, run_id):
            file.write(piece)


async def _main() -> None:
    collect_seldom()
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)
    pool = await open_pool(order.dsn, max_size=CONNECTIONS)
    try:
        keyring = await open_keyring(pool, b64decode(order.secret_key), utc_now())
        await carry_out(pool, keyring, ProgramId(order.program_id), ImportRunId(order.run_id))
    finally:
        await pool.close()


if __name__ == "__main__":
    asyncio.run(_main())
