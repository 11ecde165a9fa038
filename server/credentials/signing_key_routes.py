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
from server.web.injected import ServicesGiven, SessionGiven
from server.web.writes import write


class CardSigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting` until `signs_from`, then `signing`; `trusted` after the next one began, until `trusted_until`."""

    id: str
    state: Literal["waiting", "signing", "trusted", "past", "revoked"]
    public_key: str
    created_at: datetime
    signs_from: datetime
    trusted_until: datetime | None


class SigningKeys(msgspec.Struct, frozen=True):
    """The newest first."""

    items: list[CardSigningKey]


class CardKeys(Controller):
    path = "/v1/card-keys"
    tags = ("Program",)

    @get(operation_id="listSigningKeys", summary="The keys that sign the members' certificates")
    async def list_all(self, staff: SessionGiven, services: ServicesGiven) -> SigningKeys:
        now = utc_now()
        async with connect(services.pool) as conn:
            keys = (await list_signing_keys(conn, [staff.program_id]))[staff.program_id]
        return SigningKeys([_view(key, keys, now) for key in reversed(keys)])

    @post(
        operation_id="createSigningKey",
        summary="Make the next key: it signs after a day, when every till knows it",
        status_code=201,
    )
    async def rotate(self, request: Call, staff: SessionGiven, services: ServicesGiven) -> Response[CardSigningKey]:
        async def work(conn: Connection, now: datetime) -> CardSigningKey:
            key = await add_signing_key(conn, services.keyring, staff.program_id, now)
            return _view(key, (await list_signing_keys(conn, [staff.program_id]))[staff.program_id], now)

        return await write(request, services, work, status=201)

    @delete(
        "/{key_id:str}",
        operation_id="revokeSigningKey",
        summary="Revoke a key that fell into wrong hands",
        status_code=204,
    )
    async def revoke(
        self, key_id: FromPath[str], request: Call, staff: SessionGiven, services: ServicesGiven
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
