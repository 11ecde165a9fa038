"""The faces on a real socket: `console.localhost` and its like lead to this machine in every browser."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from litestar import Litestar

from server.__main__ import DoorServer
from server.faces.hosts import FACES, Face
from tests.support.lent_worlds import lend_world
from tests.support.web_push import write_web_config
from tests.support.world import Chain, Person, World

PASSWORD = "a long enough one"


@dataclass(frozen=True)
class ServedFaces:
    world: World
    app: Litestar
    port: int

    def origin(self, face: Face) -> str:
        return _origin(face, self.port)

    def url(self, path: str) -> str:
        """Of a face's page."""
        face = next(face for face in FACES if path.startswith(f"/{face}"))
        return self.origin(face) + path

    async def get(self, path: str, **request: object) -> httpx.Response:
        return await self.call("GET", path, **request)

    async def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """As a page of the face itself does it."""
        own = {"Sec-Fetch-Site": "same-origin"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, data=form, headers=own)

    async def call(self, method: str, path: str, **request: object) -> httpx.Response:
        """No cookie is kept for the next."""
        answer = await self.world.http.request(method, self.url(path), **request)  # type: ignore[arg-type]
        self.world.http.cookies.clear()
        return answer

    async def add_owner(self, chain: Chain) -> Person:
        """Somebody who knows a password."""
        return await chain.add_person("owner", password=PASSWORD)

    async def sign_in(self, chain: Chain, person: Person, **changes: str) -> httpx.Response:
        form = {"program": chain.code, "email": person.email, "password": PASSWORD, "to": ""} | changes
        return await self.post("/console/sign-in", form)


def _origin(face: Face, port: int) -> str:
    return f"http://{face}.localhost:{port}"


@asynccontextmanager
async def serve_faces(database_url: str) -> AsyncIterator[ServedFaces]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        origins = {f"{face}_url": _origin(face, port) for face in FACES}
        async with lend_world(database_url, fcm_web_config=write_web_config(), **origins) as world:
            transport = cast("Any", world.http)._transport
            server = DoorServer(transport.app, transport.app.state.services.settings)
            serving = asyncio.create_task(server.serve([listening]))
            yield ServedFaces(world, transport.app, port)
            server.should_exit = True
            await serving
