"""Imports that two processes begin, that are killed, or that break off again and again."""

import asyncio
import base64
import io
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from devtools.member_files import write_member_file
from members.handles import hash_handle
from server.moving_in import run_import as writing
from server.moving_in.run_import import MOST_FRUITLESS_TRIES, run_import
from server.moving_in.write_batch import RunTaken
from tests.server.moving_in.test_import import HANA, HEAD, TARO
from tests.support.databases import SECRET_KEY
from tests.support.moving import begin, counts, move_in, set_rules
from tests.support.shop import Shop, open_shop
from tests.support.waiting import until


async def test_two_processes_at_one_run_are_one(shop: Shop) -> None:
    body = b"number,name\nA,Hana\nB,Taro\n"
    run = await begin(shop, body)
    file = io.BytesIO(body)
    ended = await asyncio.gather(
        run_import(shop.pool, shop.keyring, shop.program, run, io.BytesIO(body)),
        run_import(shop.pool, shop.keyring, shop.program, run, file),
        return_exceptions=True,
    )
    assert [type(each) for each in ended if isinstance(each, Exception)] == [RunTaken]
    assert await shop.count("members") == 2


ALL_OF_A_MEMBER = """
SELECT h.value_hash, m.created_at, p.name, p.kana, p.birth_year, p.gender, p.prefecture, i.line, i.visits,
       i.last_visit_on, a.balance,
       (SELECT array_agg((expires_at, remaining)::text) FROM point_lots WHERE member_id = m.member_id),
       (SELECT array_agg((purpose, granted, source)::text) FROM consents WHERE member_id = m.member_id),
       (SELECT array_agg(value_hash ORDER BY kind) FROM imported_contacts WHERE member_id = m.member_id),
       (SELECT array_agg(kind ORDER BY kind) FROM handles WHERE member_id = m.member_id)
FROM handles h
JOIN members m USING (member_id)
LEFT JOIN profiles p USING (member_id)
JOIN imported_members i USING (member_id)
LEFT JOIN point_accounts a USING (member_id)
WHERE h.program_id = $1 AND h.kind = 'own_number'
ORDER BY i.line
"""


async def test_a_killed_import_goes_on_and_equals_one_that_was_not(shop: Shop, database: str, tmp_path: Path) -> None:
    await set_rules(shop)
    path = tmp_path / "kaiin.csv"
    write_member_file(path, 2200)
    (anyone,) = await shop.enrol()
    holder = await asyncpg.connect(database)
    transaction = holder.transaction()
    await transaction.start()
    # The second batch waits for this number, with all that it has written.
    await holder.execute(
        "INSERT INTO handles (program_id, kind, value_hash, member_id) VALUES ($1, 'own_number', $2, $3)",
        shop.program.id,
        hash_handle(shop.keyring, "own_number", "K00001500"),
        anyone.member_id,
    )
    killed = await _start_verb(database, path, shop)

    async def is_waiting() -> bool:
        waits = (
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(await shop.pool.fetchval(waits))

    await until(is_waiting)
    killed.kill()
    await killed.communicate()
    await transaction.rollback()
    await holder.close()
    (run,) = await shop.rows("import_runs")
    assert (run["state"], run["rows_read"], run["created"]) == ("running", 1000, 1000)
    assert await shop.count("imported_members") == 1000
    await shop.pool.execute("UPDATE import_runs SET lease_until = now()")  # as two minutes later
    finished = await _start_verb(database, path, shop)
    out, err = await finished.communicate()
    assert finished.returncode == 0, err.decode()
    assert "2,200 rows: 2,200 new, 0 changed" in out.decode()
    assert "2,200 of 2,200 rows" in err.decode()
    other = await open_shop(shop.pool, code="other")
    await set_rules(other)
    ended, _ = await move_in(other, path.read_bytes(), now=run["created_at"])
    assert counts(ended) == (2200, 0, 0, 0)
    once, twice = [await shop.pool.fetch(ALL_OF_A_MEMBER, each.program.id) for each in (other, shop)]
    assert [tuple(row) for row in once] == [tuple(row) for row in twice]


async def test_what_breaks_off_at_the_same_rows_again_and_again_is_given_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_rules(shop)
    body = (HEAD + HANA + TARO).encode("cp932")
    run = await begin(shop, body)

    async def break_off(*_: object) -> None:
        raise OverflowError

    with monkeypatch.context() as broken:
        broken.setattr(writing, "write_batch", break_off)
        for _ in range(MOST_FRUITLESS_TRIES):
            with pytest.raises(OverflowError):
                await run_import(shop.pool, shop.keyring, shop.program, run, io.BytesIO(body))
            await shop.pool.execute("UPDATE import_runs SET lease_until = now()")  # as two minutes later
    ended = await run_import(shop.pool, shop.keyring, shop.program, run, io.BytesIO(body))
    assert (ended.state, counts(ended)) == ("refused", (0, 0, 0, 0))
    assert ended.refusal is not None
    assert ended.refusal.startswith("The import broke off 5 times after row 0, ")
    again, _ = await move_in(shop, body)
    assert (again.state, counts(again)) == ("done", (2, 0, 0, 0))
    assert [row["fruitless_tries"] for row in await shop.rows("import_runs")] == [6, 0]


async def _start_verb(database: str, path: Path, shop: Shop) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "server.admin", "import-members", "--program", shop.program.code, str(path)),
        env={**os.environ, "DATABASE_URL": database, "NOREN_SECRET_KEY": base64.b64encode(SECRET_KEY).decode()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
