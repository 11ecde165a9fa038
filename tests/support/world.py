"""Builders over HTTP: a running application, programs in it, and everybody who may call it."""

import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID

import httpx
import msgspec
import structlog
from litestar import Litestar
from msgspec.structs import force_setattr
from msgspec.structs import replace as replace_fields

from cards.pass_tokens import make_pass_token, write_serial_number
from devtools.apple_authority import write_files
from devtools.card.phone import IssuedCertificate, ReferencePhone
from ids import (
    CampaignId,
    DeviceId,
    GeofenceId,
    MemberId,
    ProgramId,
    StaffId,
    StoreId,
    TillId,
)
from kit.clock import utc_now
from kit.database import Pool
from kit.ids import new_id
from kit.sealing import Keyring
from programs import programs_repository, staff_repository
from programs.passwords import hash_password
from programs.staff_repository import Role, StaffMember
from server.app import create_app
from server.settings import Settings
from server.web.services import Services
from server.web.tokens import SessionToken, write_token
from tests.support.callers import Caller
from tests.support.databases import SECRET_KEY
from tests.support.samples import (
    AWAY,
    DOOR,
    POINT_RULES,
    Json,
    campaign_body,
    fix,
    geofence_body,
    member_body,
    store_body,
)

# Whoever needs a world needs its callers and bodies.
__all__ = [
    "AWAY",
    "DOOR",
    "POINT_RULES",
    "Caller",
    "Json",
    "campaign_body",
    "fix",
    "geofence_body",
    "member_body",
    "store_body",
]

# Argon2 takes a tenth of a second: only those who log in have a password.
_NO_PASSWORD = "no password"
_numbers = count(1)
APPLE_FILES = write_files()
MAIL_REPORT_KEY = "0123456789abcdef" * 4
_SET_UP: dict[str, Any] = {
    "message_sink": Path(tempfile.gettempdir()) / "noren-test-messages",
    "public_url": "https://noren.example",
    "mail_report_key": MAIL_REPORT_KEY,
    "apple_pass_certificate": APPLE_FILES.certificate,
    "apple_pass_key": APPLE_FILES.key,
    "apple_wwdr_certificate": APPLE_FILES.intermediate,
}


@dataclass(frozen=True)
class Member:
    """`app` is their phone."""

    app: Caller
    id: MemberId
    device_id: DeviceId
    card_number: str

    @property
    def wallet(self) -> Caller:
        """A phone's wallet that holds their pass."""
        token = make_pass_token(Keyring(SECRET_KEY), (self.id, self.device_id))
        return Caller(self.app.http, token, "ApplePass")

    @property
    def pass_serial(self) -> str:
        return write_serial_number((self.id, self.device_id))

    async def take_card(self) -> ReferencePhone:
        """Put the card on the phone, with a new key."""
        phone = ReferencePhone(self.id, self.device_id)
        answer = await self.app.post("/v1/me/card/key", phone.registration())
        assert answer.status_code == 201, answer.text
        phone.accept(msgspec.json.decode(answer.content, type=IssuedCertificate))
        return phone


@dataclass(frozen=True)
class Person:
    """Somebody of the staff with an open session."""

    session: Caller
    id: StaffId
    email: str


@dataclass(frozen=True)
class Till:
    at: Caller
    id: TillId
    store_id: StoreId


@dataclass(frozen=True)
class World:
    """A running application as its callers see it, and its database."""

    http: httpx.AsyncClient
    pool: Pool

    @property
    def anyone(self) -> Caller:
        return Caller(self.http)

    def caller(self, token: str) -> Caller:
        return Caller(self.http, token)

    async def add_chain(self) -> "Chain":
        code = f"chain-{next(_numbers)}"
        async with self.pool.acquire() as conn:
            program = await programs_repository.create_program(conn, code, "Kissa Sakura", "ja", utc_now())
        chain = Chain(self, program.id, code, self.anyone)
        owner = await chain.add_person("owner")
        return replace(chain, owner=owner.session)

    async def fingerprint(self) -> list[tuple[object, ...]]:
        """Changes with every row that is written or removed anywhere, but for what processes tell of themselves."""
        tables = await self.pool.fetch(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename NOT IN ('spatial_ref_sys', 'pulses')"
        )
        each = (
            f"SELECT '{row['tablename']}', count(*), max(xmin::text::bigint) FROM {row['tablename']}" for row in tables
        )
        return sorted(tuple(row) for row in await self.pool.fetch(" UNION ALL ".join(each)))

    async def count(self, table: str, program_id: ProgramId) -> int:
        """Rows of the program in a table that names its program."""
        found: int = await self.pool.fetchval(f"SELECT count(*) FROM {table} WHERE program_id = $1", program_id)
        return found


@dataclass(frozen=True)
class Chain:
    """A program, seen by its owner."""

    world: World
    id: ProgramId
    code: str
    owner: Caller

    async def add_person(self, role: Role, *store_ids: StoreId, password: str | None = None) -> Person:
        password_hash = _NO_PASSWORD if password is None else await hash_password(password)
        email = f"{role}-{next(_numbers)}@example.com"
        person = StaffMember(StaffId(new_id()), self.id, email, "Sato Hana", role, list(store_ids), utc_now(), None)
        async with self.world.pool.acquire() as conn:
            await staff_repository.create_staff(conn, person, password_hash)
        return Person(await self.open_session(person.id), person.id, email)

    async def open_session(self, staff_id: StaffId) -> Caller:
        async with self.world.pool.acquire() as conn:
            secret, _ = await staff_repository.open_session(conn, staff_id, utc_now())
        return self.world.caller(write_token(SessionToken(secret)))

    async def add_store(self, **changes: Any) -> StoreId:
        return StoreId(UUID(made(await self.owner.post("/v1/stores", store_body(**changes)))["id"]))

    async def add_geofence(self, store_id: StoreId, **changes: Any) -> GeofenceId:
        return GeofenceId(UUID(made(await self.owner.post("/v1/geofences", geofence_body(store_id, **changes)))["id"]))

    async def add_campaign(self, **changes: Any) -> CampaignId:
        return CampaignId(UUID(made(await self.owner.post("/v1/campaigns", campaign_body(**changes)))["id"]))

    async def add_till(self, store_id: StoreId) -> Till:
        new = made(await self.owner.post("/v1/tills", {"store_id": str(store_id), "name": "Register 1"}))
        return Till(self.world.caller(new["key"]), TillId(UUID(new["id"])), store_id)

    async def enrol(self, **changes: Any) -> Member:
        new = made(await self.world.anyone.post("/v1/members", member_body(self.code, **changes)))
        app = self.world.caller(new["device_token"])
        return Member(app, MemberId(UUID(new["member_id"])), DeviceId(UUID(new["device_id"])), new["card"]["number"])


@asynccontextmanager
async def open_world(database_url: str, *, client_address: str = "127.0.0.1", **changes: Any) -> AsyncIterator[World]:
    # The logger keeps the stdout that it was made with; pytest closes the one that it lends to a test.
    with redirect_stdout(sys.__stdout__):
        made_for = _take_application(Settings(database_url=database_url, secret_key=SECRET_KEY, **(_SET_UP | changes)))
    structlog.configure(cache_logger_on_first_use=False)
    app = made_for.app
    # A broken handler answers 500 as it would on a socket, instead of raising in the test.
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False, client=(client_address, 50_000))
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://noren.test") as http:
        services: Services = app.state.services
        yield World(http, services.pool)
    _idle.append(made_for)


class _MadeFor(NamedTuple):
    """`app` reads these very `settings` whenever its lifespan begins."""

    settings: Settings
    app: Litestar


# To make one takes as long as a hundred requests. What it holds, its lifespan opens and closes: one that has served
# a test serves the next, on another database.
_idle: list[_MadeFor] = []


def _take_application(settings: Settings) -> _MadeFor:
    for idle in _idle:
        if replace_fields(idle.settings, database_url=settings.database_url) == settings:
            _idle.remove(idle)
            force_setattr(idle.settings, "database_url", settings.database_url)
            assert idle.app.logging_config is not None
            idle.app.logging_config.configure()
            return idle
    return _MadeFor(settings, create_app(settings))


def made(response: httpx.Response) -> Json:
    assert response.status_code == 201, response.text
    answer: Json = response.json()
    return answer
