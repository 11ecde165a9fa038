"""What the pages are measured on: a chain at size, a server with the three faces, and an owner who may sign in."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from bench.chain import Chain, chain_at_size
from bench.contenders import Contender, Served, serving_with
from devtools.apt import SetupError
from devtools.database_server import DatabaseServer
from devtools.plain_http import TRUSTS_NOBODY
from ids import StaffId
from kit.clock import utc_now
from kit.ids import new_id
from kit.sql import load_queries
from programs import staff_repository
from programs.passwords import hash_password
from programs.programs_repository import bump_fence_version
from programs.staff_repository import StaffMember
from server.faces.hosts import FACES, Face
from server.seeding.scale import Scale

QUERIES = load_queries(__file__, "ground.sql")
FACES_SERVER = Contender("faces", "Noren with its pages", "server")


@dataclass(frozen=True)
class Ground:
    """`session`: an owner's cookie of the console."""

    chain: Chain
    code: str
    served: Served
    session: str

    def origin(self, face: Face) -> str:
        return _origin(face, self.served.port)

    def url(self, face: Face, path: str) -> str:
        return self.origin(face) + path

    def open_console(self) -> httpx.AsyncClient:
        """Signed in, over a connection that stays."""
        return _client(self.served.port, "console", {"Cookie": self.session})

    def open_api(self) -> httpx.AsyncClient:
        """As the same owner: the cookie holds the secret of a session as the API has it."""
        token = f"nrns_{self.session.partition('=')[2]}"
        return _client(self.served.port, "console", {"Authorization": f"Bearer {token}"})


def _origin(face: Face, port: int) -> str:
    return f"http://{face}.localhost:{port}"


def _client(port: int, face: Face, headers: dict[str, str]) -> httpx.AsyncClient:
    own = {"Host": f"{face}.localhost:{port}", "Accept-Language": "ja"} | headers
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=own, verify=TRUSTS_NOBODY, trust_env=False, timeout=60.0
    )


@asynccontextmanager
async def open_ground(server: DatabaseServer, database: str | None, scale: Scale, phones: int) -> AsyncIterator[Ground]:
    """Raises SetupError."""
    async with chain_at_size(server, database, scale, phones) as chain:
        code = await _furnish(chain)
        email, password = f"{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(12)
        await _add_owner(chain, email, password)
        with serving_with(FACES_SERVER, chain.dsn, _origins) as served:
            session = await _sign_in(served.port, code, email, password)
            yield Ground(chain, code, served, session)


def _origins(port: int) -> dict[str, str]:
    return {f"NOREN_{face.upper()}_URL": _origin(face, port) for face in FACES}


async def _furnish(chain: Chain) -> str:
    """A fence around each store. Returns the program's code."""
    async with chain.connection.transaction():
        version = await bump_fence_version(chain.connection, chain.program_id)
        await chain.connection.execute(QUERIES.insert_circles, chain.program_id, version, utc_now())
    await chain.connection.execute("VACUUM ANALYZE geofences")
    code: str = await chain.connection.fetchval(QUERIES.read_code, chain.program_id)
    return code


async def _add_owner(chain: Chain, email: str, password: str) -> None:
    owner = StaffMember(StaffId(new_id()), chain.program_id, email, "Owner", "owner", [], utc_now(), None)
    await staff_repository.create_staff(chain.connection, owner, await hash_password(password))


async def _sign_in(port: int, code: str, email: str, password: str) -> str:
    form = {"program": code, "email": email, "password": password, "to": ""}
    async with _client(port, "console", {"Sec-Fetch-Site": "same-origin"}) as http:
        answer = await http.post("/console/sign-in", data=form)
    if answer.status_code != 303:
        raise SetupError(f"the console lets its owner not in: {answer.status_code}")
    return answer.headers["set-cookie"].partition(";")[0]
