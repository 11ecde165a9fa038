"""A real PostGIS for the tests: `database` is a migrated, empty database of a test's own, `pool` a pool on it."""

import fcntl
import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from hypothesis import settings

from devtools import template_database
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from devtools.testing import GATE, pass_gate
from kit import database as kit_database
from kit.database import Pool, open_pool
from programs import passwords
from tests.support.databases import CleanDatabases
from tests.support.lasting_loop import run_in_lasting_loop
from tests.support.lasting_sessions import sessions_last
from tests.support.waiting import PATIENCE_S

# A failure prints the blob that repeats it. Shared machines are too uneven for a deadline an example.
settings.register_profile("noren", print_blob=True, deadline=None, max_examples=40)
settings.load_profile("noren")

# Most tests of the API log somebody in, and argon2id at full strength takes a tenth of a second of two CPUs each time.
# What a hash is made with in production: tests/programs/test_passwords.py.
PRODUCTION_HASHER = passwords._HASHER
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

COLLECTED_LAST = "visits"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is collected is garbage: to look through it again and again took a tenth of the time."""
    gc.disable()
    try:
        with _compiling_once():
            return (yield)
    finally:
        gc.enable()


@contextmanager
def _compiling_once() -> Iterator[None]:
    """In a fresh clone one worker compiles the tests, and the others wait for what it leaves: it costs more than to run
    most of them.
    """
    is_compiled = any((ROOT / "tests" / COLLECTED_LAST / "__pycache__").glob("*-pytest-*.pyc"))
    if is_compiled or "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    lock = os.open(ROOT / "tests", os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Half a million objects live as long as the tests do: the collector leaves them out, as it does in the server."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    if gate := os.environ.pop(GATE, None):
        pass_gate(gate)


# What pytest-asyncio runs tests with. Its own hook for such loops would end what lasts a session with each test.
_of_a_test = pytest.fixture(run_in_lasting_loop, name="_function_scoped_runner")
_of_the_session = pytest.fixture(run_in_lasting_loop, name="_session_scoped_runner", scope="session")


@pytest.fixture(scope="session", autouse=True)
def _lasting_sessions() -> Iterator[None]:
    with sessions_last():
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient_pools() -> Iterator[None]:
    """On a busy machine fifty racers may well wait longer for a connection than a server's callers should."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit_database, "ACQUIRE_TIMEOUT_S", PATIENCE_S)
        yield


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    with private_database("test") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(database_server: DatabaseServer) -> str:
    """The name of the migrated template database."""
    return await template_database.ensure_template(database_server)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def clean_databases(database_server: DatabaseServer, template: str) -> AsyncIterator[CleanDatabases]:
    databases = CleanDatabases(database_server, template)
    yield databases
    await databases.drop_all()


@pytest_asyncio.fixture
async def database(clean_databases: CleanDatabases) -> AsyncIterator[str]:
    """The DSN of a migrated, empty database of this test's own."""
    async with clean_databases.lend() as dsn:
        yield dsn


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database)
    yield opened
    opened.terminate()
