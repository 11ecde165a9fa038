"""Bearer tokens: what they look like and what they carry. Pure.

    nrns_…  a staff session   secret 32 B
    nrnt_…  a till's key      till_id 16 B, secret 32 B
    nrnd_…  a device's token  member_id 16 B, device_id 16 B, secret 32 B

Base64url without padding. The ids route the look-up; only the secret proves anything, and only its SHA-256 is stored.
"""

from typing import TypeAlias
from uuid import UUID

import msgspec

from kit.ids import SECRET_BYTES, digest, from_text, to_text


class SessionToken(msgspec.Struct, frozen=True):
    secret: bytes


class TillKey(msgspec.Struct, frozen=True):
    till_id: UUID
    secret: bytes


class DeviceToken(msgspec.Struct, frozen=True):
    member_id: UUID
    device_id: UUID
    secret: bytes

    @property
    def secret_hash(self) -> bytes:
        return digest(self.secret)


Token: TypeAlias = SessionToken | TillKey | DeviceToken

_SESSION, _TILL, _DEVICE = "nrns_", "nrnt_", "nrnd_"


def write_token(token: Token) -> str:
    if isinstance(token, SessionToken):
        return _SESSION + to_text(token.secret)
    if isinstance(token, TillKey):
        return _TILL + to_text(token.till_id.bytes + token.secret)
    return _DEVICE + to_text(token.member_id.bytes + token.device_id.bytes + token.secret)


def read_bearer(header: str | None) -> Token | None:
    """The token of an Authorization header, None for anything that is not one of ours."""
    if header is None:
        return None
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        raw = from_text(text[5:])
    except ValueError:
        return None
    prefix = text[:5]
    if prefix == _SESSION and len(raw) == SECRET_BYTES:
        return SessionToken(raw)
    if prefix == _TILL and len(raw) == 16 + SECRET_BYTES:
        return TillKey(UUID(bytes=raw[:16]), raw[16:])
    if prefix == _DEVICE and len(raw) == 32 + SECRET_BYTES:
        return DeviceToken(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])
    return None
