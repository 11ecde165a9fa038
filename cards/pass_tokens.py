"""A pass's serial number and its token, by which a phone's wallet asks for the pass. Pure.

The token is derived, not stored: HMAC-SHA256 over the pass's id, under a key of the installation. Each pass.json must
carry it again, on every phone that the pass is on, so a hash of a random one would not do.
"""

import hmac
from uuid import UUID

from cards.apple_registration import PassId
from ids import DeviceId, MemberId
from kit.ids import from_text, to_text
from kit.sealing import Keyring

_SCHEME = "applepass"


def write_serial_number(pass_id: PassId) -> str:
    return to_text(pass_id[0].bytes + pass_id[1].bytes)


def read_serial_number(text: str) -> PassId | None:
    """None for what is not one of ours, as we write it."""
    try:
        raw = from_text(text)
    except ValueError:
        return None
    pass_id = (MemberId(UUID(bytes=raw[:16])), DeviceId(UUID(bytes=raw[16:]))) if len(raw) == 32 else None
    return pass_id if pass_id and write_serial_number(pass_id) == text else None


def make_pass_token(keyring: Keyring, pass_id: PassId) -> str:
    return to_text(keyring.mac("apple-pass-token", pass_id[0].bytes + pass_id[1].bytes))


def is_pass_token(keyring: Keyring, pass_id: PassId, header: str | None) -> bool:
    """Whether an Authorization header (`ApplePass <token>`) shows the token of that pass."""
    scheme, _, token = (header or "").partition(" ")
    return scheme.lower() == _SCHEME and hmac.compare_digest(token.encode(), make_pass_token(keyring, pass_id).encode())


def hash_device_library_id(keyring: Keyring, device_library_id: str) -> bytes:
    """Of what Apple calls a phone's library of passes."""
    return keyring.mac("apple-library", device_library_id.encode())


def seal_push_token(keyring: Keyring, pass_id: PassId, device_library_hash: bytes, push_token: str) -> bytes:
    return keyring.seal("apple-push-token", _context(pass_id, device_library_hash), push_token.encode())


def open_push_token(keyring: Keyring, pass_id: PassId, device_library_hash: bytes, sealed: bytes) -> str:
    return keyring.unseal("apple-push-token", _context(pass_id, device_library_hash), sealed).decode()


def _context(pass_id: PassId, device_library_hash: bytes) -> bytes:
    return pass_id[0].bytes + pass_id[1].bytes + device_library_hash
