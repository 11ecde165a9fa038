"""The database goes away: the server says so at once, loses nothing that it acknowledged, and comes back by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from devtools.own_cluster import OwnCluster, own_cluster
from kit.clock import utc_now
from kit.database import open_pool
from tests.server.locations.test_kill import open_street
from tests.support.databases import SECRET_KEY
from tests.support.live import Live, ended, start, wait_until_ready
from tests.support.phones import Crowd, check_everything_happened_once, check_nothing_acknowledged_is_lost
from tests.support.shop import Shop, Shopper
from tests.support.waiting import until

AWAY_S = 5.0
BLOCKS = 40
PHONES = 12


@pytest.fixture(scope="module")
def cluster() -> Iterator[OwnCluster]:
    with own_cluster() as made:
        yield made


@dataclass(frozen=True)
class Scene:
    cluster: OwnCluster
    live: Live
    shop: Shop
    shoppers: list[Shopper]


@pytest_asyncio.fixture
async def scene(cluster: OwnCluster, tmp_path: Path) -> AsyncIterator[Scene]:
    """API and worker in one process, on a database that the test may break."""
    cluster.start()
    pool = await open_pool(cluster.dsn)
    await pool.execute("TRUNCATE programs CASCADE")
    shop = await open_street(pool, BLOCKS, utc_now())
    live = start(cluster.dsn, SECRET_KEY, tmp_path / "server.log", only="all")
    with ended(live):
        await wait_until_ready(live)
        yield Scene(cluster, live, shop, await shop.enrol(PHONES))
    pool.terminate()


async def test_sessions_that_are_cut_off_again_and_again_lose_nothing(scene: Scene) -> None:
    crowd, now = Crowd(), utc_now()
    walking = asyncio.create_task(crowd.walk(lambda: scene.live.url, scene.shoppers, BLOCKS, now, 0.01))
    cuts = 0
    for taken in range(20, PHONES * BLOCKS, 20):  # something comes through between two cuts, however slow the machine
        await crowd.has(taken)
        cuts += await scene.shop.pool.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await walking
    assert cuts > 10
    assert any(sent.status == 503 for sent in crowd.attempts)  # else nothing was cut off in the middle
    await check_everything_happened_once(scene.shop, crowd, scene.shoppers, utc_now())
    await check_all_is_sent(scene.shop)
    assert scene.live.process.is_running()


async def test_a_database_that_crashes_and_stays_away(scene: Scene) -> None:
    crowd, now = Crowd(), utc_now()
    walking = asyncio.create_task(crowd.walk(lambda: scene.live.url, scene.shoppers, BLOCKS, now, 0.02))
    await crowd.has(50)
    await scene.cluster.halt_wal_writer()
    await crowd.has(100)
    await asyncio.to_thread(scene.cluster.crash)
    came_back_at = time.monotonic() + AWAY_S
    await check_every_route_says_so(scene)
    await asyncio.sleep(came_back_at - time.monotonic())
    assert not walking.done()
    await asyncio.to_thread(scene.cluster.start)
    await check_nothing_acknowledged_is_lost(scene.shop, crowd)
    await walking
    await check_everything_happened_once(scene.shop, crowd, scene.shoppers, utc_now())
    await check_all_is_sent(scene.shop)
    async with scene.live.client() as client:
        assert (await client.get("/health/ready")).status_code == 200


async def check_every_route_says_so(scene: Scene) -> None:
    """Whoever asks while the database is away is told to come again, and nobody is kept waiting without end."""
    program = scene.shop.program.code
    joining = {"program": program, "platform": "ios", "consents": []}
    login = {"program": program, "email": "a@b.c", "password": "correct-horse"}
    async with scene.live.client(scene.shoppers[0].token) as client:
        answers = [
            await ask(client, "GET", "/health/ready"),
            await ask(client, "POST", "/v1/locations", {"fixes": []}),
            await ask(client, "GET", "/v1/me"),
            await ask(client, "PATCH", "/v1/me/device", {"locale": "ja"}),
            await ask(client, "POST", "/v1/members", joining),
            await ask(client, "POST", "/v1/sessions", login),
        ]
        assert (await client.get("/health/live")).status_code == 200
    slugs = [answer.json()["type"].removeprefix("urn:noren:problem:") for answer in answers]
    assert slugs == ["not-ready", *["unavailable"] * 5]
    for answer in answers:
        assert answer.status_code == 503, (answer.request.url.path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert 1 <= int(answer.headers["retry-after"]) <= 10


async def ask(client: httpx.AsyncClient, method: str, path: str, body: object = None) -> httpx.Response:
    return await client.request(method, path, json=body) if body is not None else await client.request(method, path)


async def check_all_is_sent(shop: Shop) -> None:
    """The worker, too, has come back; its sink takes everything."""

    async def are_sent() -> bool:
        # What was leased when the database broke off waits for its lease, which a test cannot.
        await shop.pool.execute("UPDATE outbox SET lease_until = now() WHERE lease_until > now() + interval '5 s'")
        return {row["state"] for row in await shop.pool.fetch("SELECT DISTINCT state FROM outbox")} == {"sent"}

    await until(are_sent)
