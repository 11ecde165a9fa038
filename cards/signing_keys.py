"""Which of a program's keys signs, and which are trusted, at a moment. Pure.

Keys follow one another: the newest whose time to sign has come signs. A new key waits before it signs, so that tills
that are seldom online have it before they meet it. A former key is trusted until its last certificate has run out.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.certificates import KEY_ID_BYTES, LIFE
from cards.rotating_codes import TrustedKey
from ids import ProgramId
from kit.sealing import Keyring

# How long a new key is published before it signs.
SIGNS_AFTER = timedelta(hours=24)
_PURPOSE = "card-signing-key"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """A program's key pair (Ed25519); the private half sealed under the installation's secret."""

    program_id: ProgramId
    key_id: bytes
    public_key: bytes
    sealed_private_key: bytes
    created_at: datetime
    signs_from: datetime
    revoked_at: datetime | None


def make_signing_key(
    keyring: Keyring, program_id: ProgramId, taken: Collection[bytes], now: datetime, signs_from: datetime
) -> SigningKey:
    """`taken` are the ids of the program's other keys."""
    key_id = secrets.token_bytes(KEY_ID_BYTES)
    while key_id in taken:
        key_id = secrets.token_bytes(KEY_ID_BYTES)
    private = Ed25519PrivateKey.generate()
    sealed = keyring.seal(_PURPOSE, program_id.bytes + key_id, private.private_bytes_raw())
    return SigningKey(
        program_id=program_id,
        key_id=key_id,
        public_key=private.public_key().public_bytes_raw(),
        sealed_private_key=sealed,
        created_at=now,
        signs_from=signs_from,
        revoked_at=None,
    )


def open_signing_key(keyring: Keyring, key: SigningKey) -> Ed25519PrivateKey:
    raw = keyring.unseal(_PURPOSE, key.program_id.bytes + key.key_id, key.sealed_private_key)
    return Ed25519PrivateKey.from_private_bytes(raw)


def current_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The one that signs."""
    ready = [key for key in keys if key.revoked_at is None and key.signs_from <= now]
    return max(ready, key=_order, default=None)


def trusted_until(key: SigningKey, keys: Sequence[SigningKey], now: datetime) -> datetime | None:
    """When tills may drop it: a certificate's life after its successor began or its revocation; None before."""
    successors = (each.signs_from for each in keys if _order(each) > _order(key) and each.revoked_at is None)
    replaced_at = min(successors, default=None)
    ends = [at for at in (replaced_at, key.revoked_at) if at is not None and at <= now]
    return min(ends) + LIFE if ends else None


def trusted_keys(keys: Sequence[SigningKey], now: datetime) -> dict[bytes, TrustedKey]:
    """By key id: what a till is given, and what the server judges by."""
    known = [(key, trusted_until(key, keys, now)) for key in keys]
    return {
        key.key_id: TrustedKey(key.public_key, key.revoked_at is not None)
        for key, until in known
        if until is None or until > now
    }


def _order(key: SigningKey) -> tuple[datetime, datetime, bytes]:
    return key.signs_from, key.created_at, key.key_id
