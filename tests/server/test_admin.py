"""`./run admin`: what an operator does on the database itself."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import pytest_asyncio

import migrations
from devtools.database_server import DatabaseServer, create_database, drop_database
from kit.database import open_pool
from programs.passwords import verify_password
from server import admin
from server.runtime.root_secret import make_key_id
from server.web.tokens import TillKey, read_bearer
from tests.support.databases import SECRET_KEY
from tests.support.world import open_world

PROGRAM = ("create-program", "--code", "kissa", "--name", "Kissa", "--owner-email", "Owner@Example.com")
PASSWORD = "correct horse battery"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a verb on the database; answers exit code, stdout and stderr."""

    def run_verb(dsn: str, *arguments: str, password: str = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setenv("DATABASE_URL", dsn)
        monkeypatch.setenv("NOREN_OWNER_PASSWORD", password)
        monkeypatch.setattr("sys.argv", ["admin", *arguments])
        code = admin.main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_verb


@pytest_asyncio.fixture
async def empty(database_server: DatabaseServer) -> AsyncIterator[str]:
    """A database that was never migrated."""
    name = f"noren_clone_{os.getpid()}_admin"
    await drop_database(database_server, name)
    yield await create_database(database_server, name)
    await drop_database(database_server, name)


async def fetch(dsn: str, query: str) -> list[Any]:
    pool = await open_pool(dsn, max_size=1)
    rows = await pool.fetch(query)
    await pool.close()
    return rows


async def test_migrate_brings_an_empty_database_up_and_is_repeatable(run: Run, empty: str) -> None:
    code, _, err = await asyncio.to_thread(run, empty, *PROGRAM)
    assert code == 1
    assert "run './run admin migrate'" in err
    for _ in range(2):
        assert await asyncio.to_thread(run, empty, "migrate") == (
            0,
            f"the schema is at {migrations.head_revision()}\n",
            "",
        )
    assert (await asyncio.to_thread(run, empty, *PROGRAM))[0] == 0


async def test_a_program_comes_with_an_owner_who_can_log_in(run: Run, database: str) -> None:
    code, out, err = await asyncio.to_thread(run, database, *PROGRAM)
    assert (code, err) == (0, "")
    assert "program kissa (" in out
    assert PASSWORD not in out
    async with open_world(database) as world:
        login = {"program": "kissa", "email": "owner@example.com", "password": PASSWORD}
        token = (await world.anyone.post("/v1/sessions", login)).json()["token"]
        assert (await world.caller(token).get("/v1/staff")).json()["items"][0]["role"] == "owner"


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (PROGRAM, "short", "at least 10 characters"),
        (("create-program", "--code", "K!", "--name", "K", "--owner-email", "a@b.c"), PASSWORD, "a code has 3 to 40"),
        (("rotate-till-key", "--program", "kissa", "--till", "0" * 32), PASSWORD, "no such till"),
    ],
)
async def test_what_cannot_be_done_is_told(
    run: Run, database: str, arguments: tuple[str, ...], password: str, words: str
) -> None:
    code, out, err = await asyncio.to_thread(run, database, *arguments, password=password)
    assert (code, out) == (1, "")
    assert words in err
    assert await fetch(database, "SELECT 1 FROM programs UNION ALL SELECT 1 FROM staff") == []


async def test_a_code_is_taken_once(run: Run, database: str) -> None:
    assert (await asyncio.to_thread(run, database, *PROGRAM))[0] == 0
    code, _, err = await asyncio.to_thread(run, database, *PROGRAM)
    assert (code, err) == (1, "noren: there is a program with the code kissa already\n")
    (owner,) = await fetch(database, "SELECT password_hash FROM staff")
    assert await verify_password(owner["password_hash"], PASSWORD)


async def test_a_tills_key_is_replaced(run: Run, database: str) -> None:
    async with open_world(database) as world:
        chain = await world.add_chain()
        till = await chain.add_till(await chain.add_store())
        member = await chain.enrol()
        arguments = ("rotate-till-key", "--program", chain.code, "--till", str(till.id))
        code, out, _ = await asyncio.to_thread(run, database, *arguments)
        key = out.split()[-1]
        assert (code, isinstance(read_bearer(f"Bearer {key}"), TillKey)) == (0, True)
        card = {"card": member.card_number}
        assert (await till.at.post("/v1/scans", card)).status_code == 401
        assert (await world.caller(key).post("/v1/scans", card)).status_code == 201


async def test_a_role_that_is_no_superuser_is_told_what_to_ask_for(
    run: Run, empty: str, database_server: DatabaseServer
) -> None:
    role = f"noren_plain_{os.getpid()}"
    admin_pool = await open_pool(empty, max_size=1)
    try:
        await admin_pool.execute(f"CREATE ROLE {role} LOGIN")
        parts = urlsplit(empty)
        as_role = urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))
        code, out, err = await asyncio.to_thread(run, as_role, "migrate")
        assert (code, out) == (1, "")
        assert err.count("\n") == 1
        assert f"'GRANT CREATE ON SCHEMA public TO {role}'" in err
        await admin_pool.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        code, _, err = await asyncio.to_thread(run, as_role, "migrate")
        assert (code, err.count("\n"), "'CREATE EXTENSION postgis'" in err) == (1, 1, True)
        await admin_pool.execute("CREATE EXTENSION postgis")
        assert (await asyncio.to_thread(run, as_role, "migrate"))[0] == 0
        assert (await asyncio.to_thread(run, as_role, *PROGRAM))[0] == 0
    finally:
        await admin_pool.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await admin_pool.close()


async def test_a_lost_password_is_replaced_and_its_sessions_end(run: Run, database: str) -> None:
    await asyncio.to_thread(run, database, *PROGRAM)
    reset = ("reset-password", "--program", "kissa", "--email", "Owner@example.com")
    async with open_world(database) as world:
        login = {"program": "kissa", "email": "owner@example.com", "password": PASSWORD}
        token = (await world.anyone.post("/v1/sessions", login)).json()["token"]
        code, out, err = await asyncio.to_thread(run, database, *reset, password="another long one")
        assert (code, err, "another" in out) == (0, "", False)
        assert (await world.caller(token).get("/v1/staff")).status_code == 401
        assert (await world.anyone.post("/v1/sessions", login)).status_code == 401
        assert (await world.anyone.post("/v1/sessions", login | {"password": "another long one"})).status_code == 201
    unknown = (*reset[:-1], "nobody@example.com")
    assert (await asyncio.to_thread(run, database, *unknown))[0] == 1


async def test_keys_are_added_listed_and_retired(run: Run, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    today, following = (base64.b64encode(key).decode() for key in (SECRET_KEY, b"n" * 32))
    monkeypatch.setenv("NOREN_SECRET_KEY", today)
    monkeypatch.setenv("NOREN_NEXT_SECRET_KEY", following)
    assert (await asyncio.to_thread(run, database, "add-secret-key"))[0] == 0
    assert len((await asyncio.to_thread(run, database, "list-secret-keys"))[1].split()) == 2
    monkeypatch.setenv("NOREN_SECRET_KEY", following)
    code, out, _ = await asyncio.to_thread(run, database, "retire-secret-keys")
    assert (code, make_key_id(SECRET_KEY).hex() in out) == (0, True)
    monkeypatch.setenv("NOREN_SECRET_KEY", today)
    assert "is not the key of this database" in (await asyncio.to_thread(run, database, "retire-secret-keys"))[2]


def test_without_a_database_it_says_so(run: Run) -> None:
    assert run("", "migrate")[::2] == (
        1,
        "noren: DATABASE_URL must be a PostgreSQL URL, such as postgresql://noren@db.internal/noren\n",
    )
    code, _, err = run("postgresql://127.0.0.1:1/nowhere", "migrate")
    assert (code, err.startswith("noren: ")) == (1, True)
