"""A server on a real socket; for each test a shop with one door, and its phones."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from pytest_asyncio import is_async_test

from devtools import template_database
from devtools.database_server import DatabaseServer, drop_database
from devtools.plain_http import TRUSTS_NOBODY
from geo import geofences_repository
from geo.geofence import Circle, Fence
from ids import DeviceId, GeofenceId, ProgramId, StoreId
from kit.database import Pool
from kit.ids import new_id
from programs import programs_repository, stores_repository
from programs.store import Store
from server.__main__ import DoorServer
from server.app import create_app
from server.settings import Settings
from server.web.services import Services
from tests.support.waiting import until

DOOR = Circle(35.6896, 139.7006, 80.0)
_HERE = Path(__file__).parent
# The door in the recorded bodies; a test's own takes its place.
_DOOR_ID = b"01a20044-7a8a-7175-9221-fa6027398268"
_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The server lives in the session's loop, so its tests run there too."""
    for item in items:
        if is_async_test(item) and item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass(frozen=True)
class Server:
    services: Services
    http: httpx.AsyncClient


@dataclass(frozen=True)
class Shop:
    server: Server
    code: str
    program_id: ProgramId
    store_id: StoreId
    door_id: GeofenceId

    @property
    def http(self) -> httpx.AsyncClient:
        return self.server.http

    @property
    def pool(self) -> Pool:
        return self.server.services.pool

    def recorded(self, name: str) -> bytes:
        """The body of this name, under tests/server/locations/clients/bodies."""
        body = (_HERE / "bodies" / f"{name}.json").read_bytes().replace(_DOOR_ID, str(self.door_id).encode())
        return body.replace(_DOOR_ID[-6:], self.door_id.hex[-6:].encode())

    def changed(self, name: str, **changes: object) -> bytes:
        return json.dumps(json.loads(self.recorded(name)) | changes).encode()

    async def enrol(self, platform: str = "ios", *, location: bool = True) -> "Phone":
        consents = [{"purpose": "location", "granted": location, "text_version": "1"}]
        body = {"program": self.code, "platform": platform, "consents": consents}
        answer = await self.http.post("/v1/members", json=body)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["device_token"]
        shown = await self.http.post("/v1/me/device/locate-token", headers={"Authorization": f"Bearer {token}"})
        assert shown.status_code == 200, shown.text
        return Phone(self, DeviceId(UUID(answer.json()["device_id"])), token, shown.json()["locate_token"])

    async def add_fences(
        self, shapes: Sequence[Circle], ids: Sequence[GeofenceId] = (), name: str = "Door"
    ) -> list[GeofenceId]:
        ids = list(ids) or [GeofenceId(new_id()) for _ in shapes]
        async with self.pool.acquire() as conn, conn.transaction():
            version = await programs_repository.bump_fence_version(conn, self.program_id)
            for geofence_id, shape in zip(ids, shapes, strict=True):
                fence = Fence(geofence_id, self.program_id, self.store_id, name, shape, shape.radius_m)
                await geofences_repository.create_geofence(conn, fence, version, datetime.now(UTC))
        await self.server.services.keeper.refresh()
        return ids


@dataclass(frozen=True)
class Phone:
    shop: Shop
    device_id: DeviceId
    token: str
    locate_token: str

    async def call(self, method: str, path: str, *, token: str | None = None, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"} | request.pop("headers", {})
        return await self.shop.http.request(method, path, headers=headers, **request)

    async def transitions(self) -> list[tuple[str, datetime]]:
        """What the server made of the phone's fixes, in order."""
        rows = await self.shop.pool.fetch(
            "SELECT kind, event_at FROM transitions WHERE device_id = $1 ORDER BY event_at, id", self.device_id
        )
        return [(row["kind"], row["event_at"]) for row in rows]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(database_server: DatabaseServer, template: str) -> AsyncIterator[Server]:
    name = await template_database.clone(database_server, template)
    settings = Settings(database_url=database_server.url(name), secret_key=bytes(range(32)))
    app = create_app(settings)
    async with (
        _serve(app, settings) as url,
        httpx.AsyncClient(base_url=url, timeout=20, verify=TRUSTS_NOBODY, trust_env=False) as http,
    ):
        yield Server(app.state.services, http)
    await drop_database(database_server, name)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(server: Server) -> Shop:
    """A program of the test's own, with one store and its front door."""
    now, code = datetime.now(UTC), f"kissa-{next(_numbers)}"
    async with server.services.pool.acquire() as conn:
        program = await programs_repository.create_program(conn, code, "Kissa", "ja", now)
        store = Store(StoreId(new_id()), program.id, "shinjuku-1", "Shinjuku", "Asia/Tokyo", None, None, 4, now, None)
        version = await programs_repository.bump_campaign_version(conn, program.id)
        await stores_repository.create_store(conn, store, version)
    shop = Shop(server, code, program.id, store.id, GeofenceId(new_id()))
    await shop.add_fences([DOOR], [shop.door_id])
    return shop


@asynccontextmanager
async def _serve(app: Litestar, settings: Settings) -> AsyncIterator[str]:
    """As `./run serve` does it, on a real socket on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = DoorServer(app, settings)

    async def serve() -> None:
        async with app.lifespan():
            await server.serve([listening])

    serving = asyncio.create_task(serve())
    await until(lambda: server.started or serving.done())
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving
