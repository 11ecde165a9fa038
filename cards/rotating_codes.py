"""The rotating code of a card: certificate, time step and the phone's signature, as digits. Pure.

    certificate 118 B, step 4 B, signature 64 B: 186 bytes, 452 digits, a QR of version 10-M

Anybody with the program's public keys can verify it, offline and without a secret (docs/card-code.md). A till and the
server judge by the same function.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from cards.certificates import (
    CERTIFICATE_BYTES,
    SIGNATURE_BYTES,
    Certificate,
    is_signed_by,
    is_signed_by_phone,
    read_certificate,
)
from cards.digits import count_digits, read_digits, write_digits
from kit.scanned_text import clean_scanned

STEP_S = 30
# Clocks of phones and tills differ: the step before and the step after are taken too.
SKEW_STEPS = 1
CODE_BYTES = CERTIFICATE_BYTES + 4 + SIGNATURE_BYTES
CODE_DIGITS = count_digits(CODE_BYTES)

_SIGNED = b"noren-card-code-1\0"

# Why a code is not taken. `old` and `early` are by more than the skew: a picture of a code, or a clock that is wrong.
Refusal = Literal["forged", "foreign_program", "expired", "old", "early", "revoked", "replayed"]


class RotatingCode(msgspec.Struct, frozen=True):
    certificate: Certificate
    step: int
    signature: bytes


class TrustedKey(msgspec.Struct, frozen=True):
    """A program's public key (Ed25519, 32 bytes). A revoked one is kept: its certificates are `revoked`."""

    public_key: bytes
    is_revoked: bool


def step_of(at: datetime) -> int:
    """The number of whole steps since 1970-01-01 UTC, as RFC 6238 counts them."""
    return int(at.timestamp()) // STEP_S


def message_to_sign(certificate: bytes, step: int) -> bytes:
    return _SIGNED + certificate + step.to_bytes(4)


def write_code(certificate: bytes, step: int, signature: bytes) -> str:
    """`signature` is the phone's over `message_to_sign`: ECDSA with SHA-256, r and s."""
    return write_digits(certificate + step.to_bytes(4) + signature)


def read_code(text: str) -> RotatingCode | None:
    """None for what was never a card's code. Says nothing of the signatures."""
    raw = read_digits(clean_scanned(text), CODE_BYTES)
    certificate = None if raw is None else read_certificate(raw[:CERTIFICATE_BYTES])
    if raw is None or certificate is None:
        return None
    step_end = CERTIFICATE_BYTES + 4
    return RotatingCode(certificate, int.from_bytes(raw[CERTIFICATE_BYTES:step_end]), raw[step_end:])


def judge_code(
    code: RotatingCode,
    keys: Mapping[bytes, TrustedKey],
    at: datetime,
    *,
    is_known: bool = False,
    expanded_key: bytes | None = None,
) -> Refusal | None:
    """Why the code is not good at that moment; None if it is. `keys` are one program's, by key id.

    `is_known`: its certificate is one that we have signed, byte for byte: that signature need not be judged again.
    `expanded_key`: the phone's key as it was registered (`is_signed_by_phone`).
    Revoked serials and used steps are for the caller to check.
    """
    key = keys.get(code.certificate.key_id)
    if key is None:
        return "foreign_program"
    if not is_known and not is_signed_by(code.certificate, key.public_key):
        return "forged"
    message = message_to_sign(code.certificate.to_bytes(), code.step)
    if not is_signed_by_phone(code.certificate.public_key, message, code.signature, expanded_key):
        return "forged"
    if key.is_revoked:
        return "revoked"
    if at >= code.certificate.expires_at:
        return "expired"
    return judge_step(code.step, at)


def judge_step(step: int, at: datetime) -> Refusal | None:
    ahead = step - step_of(at)
    if ahead < -SKEW_STEPS:
        return "old"
    return "early" if ahead > SKEW_STEPS else None


def off_by(code: RotatingCode, at: datetime) -> timedelta:
    """How far the code's step is ahead of the clock (negative: behind), for what a till shows."""
    return timedelta(seconds=(code.step - step_of(at)) * STEP_S)
