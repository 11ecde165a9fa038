"""Bearer tokens: what they look like and what they carry. Pure.

    nrns_…  a staff session   secret 32 B
    nrnt_…  a till's key      till_id 16 B, secret 32 B
    nrnd_…  a device's token  member_id 16 B, device_id 16 B, secret 32 B
    nrnl_…  a locate token    the same; it may upload locations and nothing else (server.web.locate_tokens)

Base64url without padding. The ids route the look-up; only the secret proves anything, and only its SHA-256 is stored.
"""

from base64 import b64decode
from typing import TypeAlias

import msgspec

from ids import DeviceId, MemberId, TillId
from kit.ids import SECRET_BYTES, digest, from_text, id_of, to_text


class SessionToken(msgspec.Struct, frozen=True):
    secret: bytes


class TillKey(msgspec.Struct, frozen=True):
    till_id: TillId
    secret: bytes


class DeviceToken(msgspec.Struct, frozen=True):
    member_id: MemberId
    device_id: DeviceId
    secret: bytes

    @property
    def secret_hash(self) -> bytes:
        return digest(self.secret)


class LocateToken(msgspec.Struct, frozen=True):
    member_id: MemberId
    device_id: DeviceId
    secret: bytes

    @property
    def secret_hash(self) -> bytes:
        return digest(self.secret)


Token: TypeAlias = SessionToken | TillKey | DeviceToken | LocateToken

_SESSION, _TILL, _DEVICE, _LOCATE = "nrns_", "nrnt_", "nrnd_", "nrnl_"


def write_token(token: Token) -> str:
    if isinstance(token, SessionToken):
        return _SESSION + to_text(token.secret)
    if isinstance(token, TillKey):
        return _TILL + to_text(token.till_id.bytes + token.secret)
    prefix = _DEVICE if isinstance(token, DeviceToken) else _LOCATE
    return prefix + to_text(token.member_id.bytes + token.device_id.bytes + token.secret)


def read_bearer(header: str | None) -> Token | None:
    """The token of an Authorization header, None for anything that is not one of ours."""
    scheme, _, text = (header or "").partition(" ")
    return _read_token(text) if scheme.lower() == "bearer" else None


def read_basic(header: str | None) -> Token | None:
    """The token that stands as the password of HTTP Basic (RFC 7617); the user's name says nothing."""
    scheme, _, text = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return _read_token(b64decode(text).partition(b":")[2].decode("ascii"))
    except ValueError:
        return None


def _read_token(text: str) -> Token | None:
    try:
        raw = from_text(text[5:])
    except ValueError:
        return None
    prefix = text[:5]
    if prefix == _SESSION and len(raw) == SECRET_BYTES:
        return SessionToken(raw)
    if prefix == _TILL and len(raw) == 16 + SECRET_BYTES:
        return TillKey(TillId(id_of(raw[:16])), raw[16:])
    if prefix in (_DEVICE, _LOCATE) and len(raw) == 32 + SECRET_BYTES:
        kind = DeviceToken if prefix == _DEVICE else LocateToken
        return kind(MemberId(id_of(raw[:16])), DeviceId(id_of(raw[16:32])), raw[32:])
    return None
