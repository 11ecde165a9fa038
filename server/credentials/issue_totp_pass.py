"""`issue_totp_pass`: a new secret for one wallet, which is answered only once; the member's former pass of the
kind is revoked."""

from base64 import b32encode
from datetime import datetime
from uuid import UUID

import msgspec

from cards import card_keys_repository, totp_passes_repository
from cards.rotating_codes import STEP_S
from cards.totp import DIGITS, PassKind, TotpPass, new_totp_secret, seal_totp_secret, totp_prefix
from ids import MemberId, ProgramId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from server.problems import not_found


class IssuedTotpPass(msgspec.Struct, frozen=True, kw_only=True):
    """A pass whose codes are `prefix` and then the digits of RFC 6238: HMAC-SHA1 over `secret`, T0 = 0."""

    pass_id: UUID
    """The id of the pass."""
    prefix: str
    """What stands before the digits of every code."""
    secret: str
    """The shared secret in Base32. It is sent only in this answer: store it."""
    digits: int
    """How many digits a code has."""
    step_s: int
    """After so many seconds comes the next code."""


async def issue_totp_pass(
    conn: Connection, keyring: Keyring, member_id: MemberId, program_id: ProgramId, kind: PassKind, now: datetime
) -> IssuedTotpPass:
    if await card_keys_repository.lock_card(conn, member_id) is None:
        raise not_found("card")
    pass_id, secret = new_id(), new_totp_secret()
    sealed = seal_totp_secret(keyring, member_id, pass_id, secret)
    await totp_passes_repository.create_totp_pass(
        conn,
        TotpPass(
            member_id=member_id, id=pass_id, program_id=program_id, kind=kind, sealed_secret=sealed, created_at=now
        ),
    )
    return IssuedTotpPass(
        pass_id=pass_id,
        prefix=totp_prefix(member_id, pass_id),
        secret=b32encode(secret).decode(),
        digits=DIGITS,
        step_s=STEP_S,
    )
