"""The program's keys that sign its members' certificates."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from cards.signing_keys import SigningKey, current_key, trusted_until
from cards.signing_keys_repository import list_signing_keys
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.ids import to_text
from server.credentials.sign_cards import add_signing_key, revoke_signing_key
from server.problems import not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.writes import write


class CardSigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with which the program signs its members' certificates."""

    id: str
    """Two bytes in hexadecimal, as certificates name the key."""
    state: Literal["waiting", "signing", "trusted", "past", "revoked"]
    """`waiting` until `signs_from`, then `signing`; `trusted` after the next key began to sign; `past` in the end."""
    public_key: str
    """Ed25519, 32 bytes as Base64url."""
    created_at: datetime
    """When it was made."""
    signs_from: datetime
    """When it begins to sign: a day after it was made, so that every till knows it by then."""
    trusted_until: datetime | None
    """Until when its certificates are accepted; null: it has no successor yet."""


class CardSigningKeys(msgspec.Struct, frozen=True):
    """All signing keys of the program."""

    items: list[CardSigningKey]
    """The newest first."""


class SigningKeyController(Controller):
    path = "/v1/card-keys"
    tags = ("Program",)

    @get(operation_id="listSigningKeys", summary="The keys that sign the members' certificates")
    async def list_signing_keys(self, staff: SessionDependency, services: ServicesDependency) -> CardSigningKeys:
        now = utc_now()
        async with connect(services.pool) as conn:
            keys = (await list_signing_keys(conn, [staff.program_id]))[staff.program_id]
        return CardSigningKeys([_view(key, keys, now) for key in reversed(keys)])

    @post(
        operation_id="createSigningKey",
        summary="Make the next key: it signs after a day, when every till knows it",
        status_code=201,
    )
    async def create_signing_key(
        self, request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[CardSigningKey]:
        async def work(conn: Connection, now: datetime) -> CardSigningKey:
            key = await add_signing_key(conn, services.keyring, staff.program_id, now)
            return _view(key, (await list_signing_keys(conn, [staff.program_id]))[staff.program_id], now)

        return await write(request, services, work, status=201)

    @delete(
        "/{key_id:str}",
        operation_id="revokeSigningKey",
        summary="Revoke a key that has leaked",
        status_code=204,
    )
    async def revoke_signing_key(
        self, key_id: FromPath[str], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        """Every card that it signed is refused until its phone has fetched a new certificate."""

        async def work(conn: Connection, now: datetime) -> None:
            await revoke_signing_key(conn, services.keyring, staff.program_id, _read_id(key_id), now)

        return await write(request, services, work, status=204)


def _view(key: SigningKey, keys: list[SigningKey], now: datetime) -> CardSigningKey:
    until = trusted_until(key, keys, now)
    state: Literal["waiting", "signing", "trusted", "past", "revoked"]
    if key.revoked_at is not None:
        state = "revoked"
    elif until is not None:
        state = "trusted" if until > now else "past"
    else:
        state = "signing" if key == current_key(keys, now) else "waiting"
    return CardSigningKey(
        id=key.key_id.hex(),
        state=state,
        public_key=to_text(key.public_key),
        created_at=key.created_at,
        signs_from=key.signs_from,
        trusted_until=until,
    )


def _read_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise not_found("signing key") from None
