"""What a till needs to judge cards offline: public keys, and which serials are revoked."""

import hashlib
from datetime import datetime
from typing import Annotated, cast

import msgspec
from litestar import Controller, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from cards.card_keys_repository import list_revocations
from cards.rotating_codes import SKEW_STEPS, STEP_S
from cards.signing_keys import trusted_keys
from cards.signing_keys_repository import list_signing_keys
from ids import ProgramId
from kit.clock import utc_now
from kit.database import connect
from kit.ids import to_text
from server.web.injected import ServicesGiven, TillGiven

Since = Annotated[
    int, QueryParameter(name="since", ge=0, le=2**53, description="`sequence` of the last answer; 0 for all")
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="the ETag of the last answer")]


class KeyView(msgspec.Struct, frozen=True):
    """`key_id` is hex as in the certificate's bytes 1 and 2; `public_key` is Ed25519, 32 bytes in Base64url."""

    key_id: str
    public_key: str
    is_revoked: bool


class RevokedSerial(msgspec.Struct, frozen=True):
    """`serial` is Base64url of 16 bytes; after `expires_at` it needs no memory."""

    serial: str
    expires_at: datetime


class OfflineVerificationBundle(msgspec.Struct, frozen=True):
    """`keys` are all that are good; they replace what the till has. `revocations` are those after `since`: add them.

    Where `sequence` is below the `since` that was sent, the answer has all of them and replaces the till's.
    """

    program_id: ProgramId
    step_s: int
    skew_steps: int
    keys: list[KeyView]
    revocations: list[RevokedSerial]
    sequence: int


class OfflineVerificationController(Controller):
    path = "/v1/till"
    tags = ("Till",)

    @get(
        "/offline-verification",
        operation_id="getOfflineVerificationBundle",
        summary="What a till needs to judge cards offline",
        description="Answers 304 without a body where the ETag of If-None-Match still stands. The Date header is our"
        " clock: a till that corrects its own by it takes codes rightly.",
        responses={304: ResponseSpec(None, description="Nothing has changed", generate_examples=False)},
    )
    async def show(
        self, till: TillGiven, services: ServicesGiven, since: Since = 0, if_none_match: IfNoneMatch = None
    ) -> Response[OfflineVerificationBundle]:
        now = utc_now()
        async with connect(services.pool) as conn:
            keys = (await list_signing_keys(conn, [till.program_id]))[till.program_id]
            revocations = await list_revocations(conn, till.program_id, since, now)
        bundle = OfflineVerificationBundle(
            till.program_id,
            STEP_S,
            SKEW_STEPS,
            [KeyView(i.hex(), to_text(key.public_key), key.is_revoked) for i, key in trusted_keys(keys, now).items()],
            [RevokedSerial(to_text(each.serial), each.expires_at) for each in revocations.listed],
            revocations.sequence,
        )
        body = msgspec.json.encode(bundle)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if if_none_match is not None and if_none_match.removeprefix("W/") == etag:
            return cast("Response[OfflineVerificationBundle]", Response(None, status_code=304, headers=headers))
        return cast(
            "Response[OfflineVerificationBundle]", Response(body, media_type="application/json", headers=headers)
        )
