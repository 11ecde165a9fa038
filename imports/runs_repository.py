"""Runs of imports: how far each has come, its file if one was sent, and what is wrong with its rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ids import ImportRunId, ProgramId
from imports.run import Fault, ImportRun, NewRun, Reading, RunCounts
from kit.database import Connection
from kit.pages import PageRequest
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "runs.sql")

LEASE_S = 120
# A row that is wrong like a hundred before it tells nobody more.
MAX_LISTED = 1000
FAULTS_KEPT = timedelta(days=90)
_PURPOSE = "import file"


async def create_run(conn: Connection, new: NewRun) -> bool:
    """False where the program has another one that is not over."""
    return (
        await conn.fetchval(
            *QUERIES.insert_run(
                id=new.id,
                program_id=new.program_id,
                is_dry_run=new.is_dry_run,
                file_name=new.file_name,
                file_sha256=new.file_sha256,
                byte_count=new.byte_count,
                started_by=new.started_by,
                now=new.created_at,
            )
        )
        is not None
    )


async def find_open_run(conn: Connection, program_id: ProgramId) -> ImportRun | None:
    """The program's that is not over."""
    row = await conn.fetchrow(QUERIES.find_open_run, program_id)
    return None if row is None else _to_run(row)


async def find_run(conn: Connection, program_id: ProgramId, run_id: ImportRunId) -> ImportRun | None:
    row = await conn.fetchrow(QUERIES.find_run, program_id, run_id)
    return None if row is None else _to_run(row)


async def list_runs(conn: Connection, program_id: ProgramId, page: PageRequest) -> list[ImportRun]:
    return [_to_run(row) for row in await conn.fetch(QUERIES.list_runs, program_id, page.before, page.fetch_count)]


async def find_sent_run(conn: Connection) -> tuple[ProgramId, ImportRunId] | None:
    """One whose file was sent, and at which no process is."""
    row = await conn.fetchrow(QUERIES.find_sent_runs)
    return None if row is None else (row["program_id"], row["id"])


async def lease_run(conn: Connection, run_id: ImportRunId) -> int | None:
    """How often it was taken up since its last batch, this time included; None where another process is at it, or it
    is over."""
    tries: int | None = await conn.fetchval(QUERIES.lease_run, run_id, LEASE_S)
    return tries


async def set_reading(conn: Connection, run_id: ImportRunId, reading: Reading, rows_total: int) -> None:
    await conn.execute(QUERIES.set_reading, run_id, msgspec.json.encode(reading).decode(), rows_total)


async def advance_run(conn: Connection, run_id: ImportRunId, former_rows_read: int, rows_read: int) -> bool:
    """First of all in the transaction of a batch. False where another process was faster, or the run was stopped."""
    advanced = await conn.fetchval(
        *QUERIES.advance_run(id=run_id, former_rows_read=former_rows_read, rows_read=rows_read, lease_s=LEASE_S)
    )
    return advanced is not None


async def count_rows(conn: Connection, run_id: ImportRunId, counts: RunCounts, faults: Sequence[Fault]) -> None:
    """Of a batch; of all faults the first thousand are listed."""
    told: int = await conn.fetchval(
        *QUERIES.count_rows(
            id=run_id,
            created=counts.created,
            updated=counts.updated,
            unchanged=counts.unchanged,
            refused=counts.refused,
            remarks=counts.remarks,
        )
    )
    first = told - len(faults)
    listed = sorted(faults, key=lambda fault: fault.line)[: max(0, MAX_LISTED - first)]
    if listed:
        await conn.execute(
            *QUERIES.insert_faults(
                run_id=run_id,
                place=list(range(first, first + len(listed))),
                line=[fault.line for fault in listed],
                is_refused=[fault.is_refused for fault in listed],
                reason=[fault.reason for fault in listed],
            )
        )


async def list_faults(conn: Connection, run_id: ImportRunId) -> list[Fault]:
    rows = await conn.fetch(QUERIES.list_faults, run_id)
    return [Fault(row["line"], row["is_refused"], row["reason"]) for row in rows]


async def end_run(conn: Connection, run_id: ImportRunId, state: str, now: datetime, refusal: str | None = None) -> bool:
    """With its file, and what a dry run has noted. False where it was over."""
    ended = await conn.fetchval(QUERIES.end_run, run_id, state, refusal, now)
    await conn.execute(QUERIES.delete_file_pieces, run_id)
    await conn.execute(QUERIES.delete_sightings, run_id)
    return ended is not None


async def insert_file_piece(conn: Connection, keyring: Keyring, run_id: ImportRunId, place: int, piece: bytes) -> None:
    await conn.execute(QUERIES.insert_file_piece, run_id, place, keyring.seal(_PURPOSE, _context(run_id, place), piece))


async def read_file_pieces(conn: Connection, keyring: Keyring, run_id: ImportRunId) -> AsyncIterator[bytes]:
    place = 0
    while (sealed := await conn.fetchval(QUERIES.find_file_piece, run_id, place)) is not None:
        yield keyring.unseal(_PURPOSE, _context(run_id, place), sealed)
        place += 1


async def find_sightings(conn: Connection, run_id: ImportRunId, hashes: Sequence[bytes]) -> dict[bytes, int]:
    """Of these hashes the lines in which a dry run has met them."""
    return {row["value_hash"]: row["line"] for row in await conn.fetch(QUERIES.find_sightings, run_id, hashes)}


async def note_sightings(conn: Connection, run_id: ImportRunId, lines: Mapping[bytes, int]) -> None:
    """In which line each hash was met; what was met before stays."""
    hashes = sorted(lines)
    await conn.execute(QUERIES.insert_sightings, run_id, hashes, [lines[each] for each in hashes])


async def purge_old_faults(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_faults, now - FAULTS_KEPT)


def _context(run_id: UUID, place: int) -> bytes:
    return run_id.bytes + place.to_bytes(4, "big")


def _to_run(row: Any) -> ImportRun:
    reading = row["reading"]
    return ImportRun(**{**row, "reading": None if reading is None else msgspec.json.decode(reading, type=Reading)})
