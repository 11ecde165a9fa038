"""Tills: each cash register has a key of its own, bound to its store."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from ids import StoreId, TillId
from kit.database import Connection, connect
from kit.ids import new_id, new_secret
from kit.names import Name
from kit.pages import Page, make_page
from kit.sealing import Keyring
from programs import stores_repository, tills_repository
from programs.staff_repository import Session
from programs.tills_repository import Till
from server.credentials.sign_cards import ensure_signing_key
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.scoping import require_stores, scope_of
from server.web.tokens import TillKey, write_token
from server.web.writes import write


class NewTill(Body, frozen=True):
    """A till to add."""

    store_id: StoreId
    """The store where it stands."""
    name: Name
    """What the staff call it."""


class KeyedTill(msgspec.Struct, frozen=True):
    """The key is told this once and never again."""

    id: TillId
    """The till."""
    store_id: StoreId
    """The store where it stands."""
    name: str
    """What the staff call it."""
    key: str
    """Put it into the till: it is the till's bearer token, and is shown this once."""


class TillManagementController(Controller):
    path = "/v1/tills"
    tags = ("Tills",)

    @get(operation_id="listTills", summary="The tills that you may see")
    async def list_tills(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[Till]:
        async with connect(services.pool) as conn:
            rows = await tills_repository.list_tills(conn, staff.program_id, page, scope_of(staff))
        return make_page(rows, page, lambda till: till.id)

    @post(operation_id="createTill", summary="Register a till and get its key")
    async def create_till(
        self,
        data: JSONBody[NewTill],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[KeyedTill]:
        async def work(conn: Connection, now: datetime) -> KeyedTill:
            till, secret = await add_till(conn, services.keyring, staff, data.store_id, data.name, now)
            return _keyed(till, secret)

        return await write(request, services, work, status=201)

    @post(
        "/{till_id:uuid}/key",
        operation_id="replaceTillKey",
        summary="Give a till a new key; the old one stops at once",
        status_code=200,
    )
    async def replace_till_key(
        self, till_id: FromPath[TillId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[KeyedTill]:
        async def work(conn: Connection, _: datetime) -> KeyedTill:
            till, secret = await find_own_till(conn, staff, till_id), new_secret()
            if not await tills_repository.replace_till_key(conn, staff.program_id, till_id, secret):
                raise not_found("till")
            return _keyed(till, secret)

        return await write(request, services, work)

    @delete("/{till_id:uuid}", operation_id="revokeTill", summary="Revoke a till's key for good", status_code=204)
    async def revoke_till(
        self, till_id: FromPath[TillId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            await find_own_till(conn, staff, till_id)
            await tills_repository.revoke_till(conn, staff.program_id, till_id, now)

        return await write(request, services, work, status=204)


async def add_till(
    conn: Connection, keyring: Keyring, staff: Session, store_id: StoreId, name: str, now: datetime
) -> tuple[Till, bytes]:
    """With the secret of its key, which is not stored. Raises Problem."""
    require_stores(staff, [store_id])
    if not await stores_repository.are_own_stores(conn, staff.program_id, [store_id]):
        raise Problem("store-unknown", "Name an open store of your program in store_id.")
    till, secret = Till(TillId(new_id()), staff.program_id, store_id, name, now, None), new_secret()
    await tills_repository.create_till(conn, till, secret)
    # So that a till's first sync already brings the key that will sign.
    await ensure_signing_key(conn, keyring, staff.program_id, now)
    return till, secret


async def find_own_till(conn: Connection, staff: Session, till_id: TillId) -> Till:
    """Raises Problem where there is none, or it is of a store that they may not see."""
    till = await tills_repository.find_till(conn, staff.program_id, till_id)
    if till is None or till.revoked_at is not None:
        raise not_found("till")
    require_stores(staff, [till.store_id])
    return till


def _keyed(till: Till, secret: bytes) -> KeyedTill:
    return KeyedTill(till.id, till.store_id, till.name, write_token(TillKey(till.id, secret)))
