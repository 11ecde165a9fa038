"""Batches that are written at the same time, and read in another process, come to what one after another comes to."""

import asyncio
import io
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from devtools.member_files import write_member_file
from imports.runs_repository import end_run
from kit.database import Connection
from members.handles import hash_handle
from server.moving_in import read_apart
from server.moving_in import run_import as writing
from server.moving_in.read_apart import ReaderEnded
from server.moving_in.run_import import run_import
from server.moving_in.turns import BeganAgain, Turn
from server.moving_in.write_batch import write_ahead
from tests.support.moving import begin, counts, move_in, set_rules
from tests.support.shop import NOON, Shop, open_shop
from tests.support.waiting import until

_WAITS = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
_OF_ALL = """
SELECT i.line, i.visits, i.last_visit_on, i.profile, p.name, p.birth_year, p.birth_month, a.balance,
       (SELECT array_agg(h.value_hash ORDER BY h.kind) FROM handles h
        WHERE h.member_id = i.member_id AND h.kind <> 'card_number')
FROM imported_members i
LEFT JOIN profiles p USING (member_id)
LEFT JOIN point_accounts a USING (member_id)
WHERE i.program_id = $1
ORDER BY i.line
"""


def _row(place: int, *, number: int | None = None, phone: int | None = None) -> str:
    return f"K{place if number is None else number},{20_000_000 + place},0901{place if phone is None else phone:07d}\n"


async def test_a_file_that_another_process_reads_is_the_same(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kaiin.csv"
    write_member_file(path, 3300)
    await set_rules(shop)
    alone, _ = await move_in(shop, path.read_bytes())
    other = await open_shop(shop.pool, code="other")
    await set_rules(other)
    run = await begin(other, path.read_bytes())
    monkeypatch.setattr(writing, "APART_FROM_ROWS", 0)
    with tempfile.TemporaryFile() as file:  # as the worker keeps a file that was sent
        file.write(path.read_bytes())
        apart = await run_import(other.pool, other.keyring, other.program, run, file)
    assert counts(alone) == counts(apart) == (3300, 0, 0, 0)
    once, twice = [await shop.pool.fetch(_OF_ALL, each.program.id) for each in (shop, other)]
    assert [tuple(row) for row in once] == [tuple(row) for row in twice]


async def test_a_batch_that_goes_ahead_finds_what_the_one_before_it_has(
    shop: Shop, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (anyone,) = await shop.enrol()
    holder = await asyncpg.connect(database)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute(  # the first batch waits for it, with nothing told
        "INSERT INTO handles (program_id, kind, value_hash, member_id) VALUES ($1, 'own_number', $2, $3)",
        shop.program.id,
        hash_handle(shop.keyring, "own_number", "K500"),
        anyone.member_id,
    )
    outcomes: list[bool | str] = []
    monkeypatch.setattr(writing, "write_ahead", _recording(outcomes))
    rows = [_row(place) for place in range(3000)]
    rows[1200] = _row(1200, number=700)  # of the first batch
    rows[2100] = _row(2100, phone=1900)  # of the second
    coming = asyncio.create_task(move_in(shop, "number,card_number,phone\n" + "".join(rows)))

    async def is_waiting() -> bool:
        return bool(await shop.pool.fetchval(_WAITS))

    await until(is_waiting)
    await transaction.rollback()
    await holder.close()
    run, faults = await coming
    assert counts(run) == (2999, 0, 0, 1)
    assert [(fault.line, fault.is_refused) for fault in faults] == [(1202, True), (2102, False)]
    assert "stands in line 702 already" in faults[0].reason
    assert "the member of line 1902 has too" in faults[1].reason
    assert outcomes[0] == "HandleTaken"


def _recording(outcomes: "list[bool | str]") -> object:
    async def record(conn: Connection, **rest: object) -> bool:
        try:
            outcome = await write_ahead(conn, **rest)  # type: ignore[arg-type]
        except Exception as error:
            outcomes.append(type(error).__name__)
            raise
        outcomes.append(outcome)
        return outcome

    return record


async def test_a_run_that_is_stopped_keeps_nothing_of_a_batch_that_went_ahead(
    shop: Shop, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ("number,card_number,phone\n" + "".join(map(_row, range(2000)))).encode()
    run = await begin(shop, body)
    is_stopped = asyncio.Event()

    async def stop(conn: Connection, **rest: object) -> bool:
        staff = await asyncpg.connect(database)
        await end_run(staff, run.id, "stopped", NOON)
        await staff.close()
        is_stopped.set()
        return await write_ahead(conn, **rest)  # type: ignore[arg-type]

    async def wait(*_: object) -> None:
        """The first batch, which ends behind the second one's beginning."""
        await is_stopped.wait()

    monkeypatch.setattr(writing, "write_ahead", stop)
    monkeypatch.setattr(writing, "write_batch", wait)
    ended = await run_import(shop.pool, shop.keyring, shop.program, run, io.BytesIO(body))
    assert ended.state == "stopped"
    assert await shop.count("imported_members") == 0


async def test_a_reader_that_is_ended_ends_the_import(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kaiin.csv"
    path.write_text("number,phone\nK1,\n")
    run = await begin(shop, path.read_bytes())
    monkeypatch.setattr(writing, "APART_FROM_ROWS", 0)
    with path.open("rb") as file:
        with monkeypatch.context() as ended:
            ended.setattr(read_apart, "sys", type("Sys", (), {"executable": "/bin/true", "path": sys.path}))
            with pytest.raises(ReaderEnded):
                await run_import(shop.pool, shop.keyring, shop.program, run, file)
        await shop.pool.execute("UPDATE import_runs SET lease_until = now()")  # as two minutes later
        again = await run_import(shop.pool, shop.keyring, shop.program, run, file)
    assert (again.state, counts(again)) == ("done", (1, 0, 0, 0))


async def test_what_went_ahead_of_a_batch_that_began_again_is_taken_back() -> None:
    first = Turn()
    second = Turn(first)
    first.begin()
    first.tell_numbers()
    await second.wait_for_numbers()
    waiting = asyncio.create_task(second.come(is_ahead=True))
    await asyncio.sleep(0)
    first.begin()
    with pytest.raises(BeganAgain):
        await waiting
    first.end(is_written=True)
    await second.come(is_ahead=False)
    assert second.has_come


async def test_what_went_ahead_of_a_batch_that_failed_fails() -> None:
    first = Turn()
    second = Turn(first)
    waiting = asyncio.create_task(second.wait_for_numbers())
    await asyncio.sleep(0)
    first.end(is_written=False)
    with pytest.raises(asyncio.CancelledError):
        await waiting
