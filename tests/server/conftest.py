"""Two grounds for tests of the server.

`world`: one running application, for tests of the API; a test makes programs of its own, which no other test can see.
`shop`: a program in a database of the test's own, for tests of the flows.
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio
from pytest_asyncio import is_async_test

from devtools import chromium, template_database
from devtools.browsing import open_browser
from devtools.database_server import DatabaseServer, drop_database
from devtools.google_wallet_double import GoogleWalletDouble
from devtools.line_double import LineDouble
from devtools.twilio_double import TwilioDouble
from kit import apart
from kit.database import Pool, open_pool
from tests.support.databases import keep_known_root
from tests.support.faces import ServedFaces, serve_faces
from tests.support.google import settings_of
from tests.support.lent_worlds import lend_world
from tests.support.pretended_shards import pretend_shards
from tests.support.shop import Shop, open_shop
from tests.support.stage import Stage, set_stage
from tests.support.visitors import Visitor, open_visitor
from tests.support.world import Chain, World

if TYPE_CHECKING:
    from playwright.async_api import Browser

SPAWN = apart._spawn


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The application lives in the session's loop, so its tests run there too."""
    for item in items:
        if is_async_test(item) and {"world", "faces"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(autouse=True)
def _work_at_hand() -> Iterator[None]:
    """What runs apart runs in a thread: a process of its own takes half a second to start. See `truly_apart`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "_spawn", apart.answer)
        yield


@pytest.fixture
def truly_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test in which heavy work runs in a process of its own, as it does in the server."""
    monkeypatch.setattr(apart, "_spawn", SPAWN)


@pytest.fixture
def pretended_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a flow that concerns several members: what a cluster takes of one shard only is sent so."""
    pretend_shards(monkeypatch)


@pytest.fixture(scope="session")
def google() -> Iterator[GoogleWalletDouble]:
    with GoogleWalletDouble() as double:
        yield double


@pytest.fixture(scope="session")
def google_settings(google: GoogleWalletDouble, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return settings_of(google, tmp_path_factory.mktemp("google"))


@pytest.fixture(scope="session")
def line() -> Iterator[LineDouble]:
    with LineDouble() as double:
        yield double


@pytest.fixture(scope="session")
def twilio() -> Iterator[TwilioDouble]:
    with TwilioDouble() as double:
        yield double


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(
    database_server: DatabaseServer, template: str, google_settings: dict[str, Any], line: LineDouble
) -> AsyncIterator[World]:
    name = await template_database.clone(database_server, template)
    connection = await asyncpg.connect(database_server.url(name))
    await keep_known_root(connection)
    await connection.close()
    async with lend_world(database_server.url(name), line_endpoint=line.endpoint, **google_settings) as world:
        yield world
    await drop_database(database_server, name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def faces(database_server: DatabaseServer, template: str) -> AsyncIterator[ServedFaces]:
    """An application that serves the faces too, each on a Host of its own, on a real socket."""
    name = await template_database.clone(database_server, template)
    connection = await asyncpg.connect(database_server.url(name))
    await keep_known_root(connection)
    await connection.close()
    async with serve_faces(database_server.url(name)) as served:
        yield served
    await drop_database(database_server, name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """One a worker. Each test has a window of its own: no cookie and no file of another test's."""
    if chromium.find() is None:
        pytest.skip(f"no Chromium here: install chromium, or set {chromium.SETTING}")
    # A map is drawn by WebGL: without a graphics card by the processor.
    async with open_browser("--disable-gpu", "--enable-unsafe-swiftshader", is_shell_enough=True) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: "Browser") -> AsyncIterator[Visitor]:
    """Somebody with a browser. What its console complains of fails the test."""
    async with open_visitor(browser) as somebody:
        yield somebody


@pytest_asyncio.fixture(loop_scope="session")
async def chain(world: World) -> Chain:
    """A program with an owner who is logged in."""
    return await world.add_chain()


@pytest_asyncio.fixture(loop_scope="session")
async def rival(world: World) -> Chain:
    """Another program."""
    return await world.add_chain()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lasting_stage(world: World) -> Stage:
    """One for all tests that change nothing of it: to set a stage takes thirty requests."""
    return await set_stage(await world.add_chain())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rival_stage(world: World) -> Stage:
    """The same in another program."""
    return await set_stage(await world.add_chain())


@pytest_asyncio.fixture(loop_scope="session")
async def clean_google(world: World, google: GoogleWalletDouble) -> None:
    """A worker looks at the passes of all programs: none of another test's is left."""
    google.forget()
    await world.pool.execute("DELETE FROM google_passes")
    await world.pool.execute("DELETE FROM google_endings")


@pytest_asyncio.fixture(loop_scope="session")
async def clean_line(world: World, line: LineDouble) -> None:
    """A worker handles the events of all programs: none of another test's is left, nor what LINE knew."""
    line.forget()
    await world.pool.execute("DELETE FROM line_events")
    await world.pool.execute("DELETE FROM line_channels")


@pytest_asyncio.fixture
async def shop(pool: Pool) -> Shop:
    return await open_shop(pool, blocks=2)


@pytest_asyncio.fixture
async def race_pool(database: str) -> AsyncIterator[Pool]:
    """Connections enough for a race. Most are of two or three: what more there are open as they come."""
    opened = await open_pool(database, min_size=4, max_size=20)
    yield opened
    opened.terminate()
