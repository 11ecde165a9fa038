"""The code of a wallet's pass and of a till that reads short codes only: TOTP (RFC 6238). Pure.

    N1T + base32(member_id 16 B, pass_id 16 B) + 8 digits, 63 characters

Each pass has its own secret, which the wallet and the server share; our tables hold it sealed. So only the server can
verify a code: a till that held the secrets could make codes.
"""

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
import pyotp

from cards.rotating_codes import SKEW_STEPS, STEP_S, step_of
from ids import MemberId, ProgramId
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

# Google Wallet shows HMAC-SHA1 (`TOTP_SHA1`), with at most eight digits.
DIGITS = 8
_SECRET_BYTES = 20
_PREFIX = "N1T"
_ID_CHARACTERS = 52
_PURPOSE = "totp"

PassKind = Literal["app", "google_wallet"]


class TotpPass(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    id: UUID
    program_id: ProgramId
    kind: PassKind
    sealed_secret: bytes
    created_at: datetime


class TotpCode(msgspec.Struct, frozen=True):
    member_id: MemberId
    pass_id: UUID
    digits: str


def new_totp_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def seal_totp_secret(keyring: Keyring, member_id: MemberId, pass_id: UUID, secret: bytes) -> bytes:
    return keyring.seal(_PURPOSE, member_id.bytes + pass_id.bytes, secret)


def open_totp_secret(keyring: Keyring, member_id: MemberId, pass_id: UUID, sealed: bytes) -> bytes:
    return keyring.unseal(_PURPOSE, member_id.bytes + pass_id.bytes, sealed)


def totp_prefix(member_id: MemberId, pass_id: UUID) -> str:
    """What stands before the digits of every code of the pass."""
    return _PREFIX + b32encode(member_id.bytes + pass_id.bytes).rstrip(b"=").decode()


def totp_digits(secret: bytes, step: int) -> str:
    totp = pyotp.TOTP(b32encode(secret).decode(), digits=DIGITS, interval=STEP_S)
    return totp.generate_otp(step)


def read_totp_code(text: str) -> TotpCode | None:
    body = clean_scanned(text).upper()
    ids, digits = body[len(_PREFIX) : len(_PREFIX) + _ID_CHARACTERS], body[len(_PREFIX) + _ID_CHARACTERS :]
    if not body.startswith(_PREFIX) or len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        raw = b32decode(ids + "====")
    except ValueError:
        return None
    code = TotpCode(MemberId(UUID(bytes=raw[:16])), UUID(bytes=raw[16:]), digits) if len(raw) == 32 else None
    # The last character carries unused bits: only the spelling that we write is taken.
    return code if code and totp_prefix(code.member_id, code.pass_id) == _PREFIX + ids else None


def find_totp_step(secret: bytes, digits: str, now: datetime) -> int | None:
    """The step that the digits belong to, of those that the skew allows; None: an old code, or a guess."""
    around = range(step_of(now) - SKEW_STEPS, step_of(now) + SKEW_STEPS + 1)
    return next((step for step in around if hmac.compare_digest(totp_digits(secret, step), digits)), None)
