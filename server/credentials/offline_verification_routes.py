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
from server.web.dependencies import ServicesDependency, TillDependency

Since = Annotated[
    int, QueryParameter(name="since", ge=0, le=2**53, description="`sequence` of the last answer; 0 for all")
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="the ETag of the last answer")]


class SigningKey(msgspec.Struct, frozen=True):
    """A key by which the program signs card certificates."""

    key_id: str
    """Two bytes in hex, as in the certificate's bytes 1 and 2."""
    public_key: str
    """Ed25519, 32 bytes in Base64url."""
    is_revoked: bool
    """True: refuse every certificate that it has signed."""


class RevokedSerial(msgspec.Struct, frozen=True):
    """A certificate that is good no more."""

    serial: str
    """The certificate's serial, 16 bytes in Base64url."""
    expires_at: datetime
    """Keep it until then; afterwards the certificate has expired anyway."""


class OfflineVerificationBundle(msgspec.Struct, frozen=True, kw_only=True):
    """What a till needs to verify cards while it is offline."""

    program_id: ProgramId
    """The till's program: refuse the cards of others."""
    step_s: int
    """For how many seconds a card shows a code."""
    skew_steps: int
    """How many steps a code may be early or late."""
    keys: list[SigningKey]
    """All keys that are good. They replace those that the till has."""
    revocations: list[RevokedSerial]
    """Those after `since`: add them to those that the till has. If `sequence` is below the `since` that was sent, they
    are all there are and replace them.
    """
    sequence: int
    """Send it as `since` the next time."""


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
    async def get_offline_verification_bundle(
        self, till: TillDependency, services: ServicesDependency, since: Since = 0, if_none_match: IfNoneMatch = None
    ) -> Response[OfflineVerificationBundle]:
        now = utc_now()
        async with connect(services.pool) as conn:
            keys = (await list_signing_keys(conn, [till.program_id]))[till.program_id]
            revocations = await list_revocations(conn, till.program_id, since, now)
        bundle = OfflineVerificationBundle(
            program_id=till.program_id,
            step_s=STEP_S,
            skew_steps=SKEW_STEPS,
            keys=[
                SigningKey(i.hex(), to_text(key.public_key), key.is_revoked)
                for i, key in trusted_keys(keys, now).items()
            ],
            revocations=[RevokedSerial(to_text(each.serial), each.expires_at) for each in revocations.listed],
            sequence=revocations.sequence,
        )
        body = msgspec.json.encode(bundle)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if if_none_match is not None and if_none_match.removeprefix("W/") == etag:
            return cast("Response[OfflineVerificationBundle]", Response(None, status_code=304, headers=headers))
        return cast(
            "Response[OfflineVerificationBundle]", Response(body, media_type="application/json", headers=headers)
        )
