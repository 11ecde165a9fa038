"""What a program's LINE channel is used with, and how it and a LINE user id are kept. Pure.

A LINE user id is the same for all channels of a provider, and so means a person: it is looked up by a keyed hash.
"""

import base64
import hashlib
import hmac

import msgspec

from ids import ProgramId
from kit.sealing import Keyring

_USER, _CREDENTIALS = "line_user", "line_credentials"


class LineCredentials(msgspec.Struct, frozen=True):
    """Of a Messaging API channel. Neither is ever shown again."""

    channel_secret: str
    access_token: str


def seal_credentials(keyring: Keyring, program_id: ProgramId, credentials: LineCredentials) -> bytes:
    return keyring.seal(_CREDENTIALS, program_id.bytes, msgspec.json.encode(credentials))


def unseal_credentials(keyring: Keyring, program_id: ProgramId, sealed: bytes) -> LineCredentials:
    """Raises kit.sealing.Unsealable."""
    return msgspec.json.decode(keyring.unseal(_CREDENTIALS, program_id.bytes, sealed), type=LineCredentials)


def hash_user(keyring: Keyring, program_id: ProgramId, user_id: str) -> bytes:
    """32 bytes, other ones in each program."""
    return keyring.mac(_USER, program_id.bytes + user_id.encode())


def seal_user(keyring: Keyring, program_id: ProgramId, user_id: str) -> bytes:
    return keyring.seal(_USER, program_id.bytes, user_id.encode())


def unseal_user(keyring: Keyring, program_id: ProgramId, sealed: bytes) -> str:
    """Raises kit.sealing.Unsealable."""
    return keyring.unseal(_USER, program_id.bytes, sealed).decode()


def is_signed(channel_secret: str, body: bytes, signature: str) -> bool:
    """`signature`: the header X-Line-Signature, Base64 of an HMAC-SHA256 of the body's bytes as they came.

    The SDK's own check wants a text, so it decodes before it knows who wrote; and importing it takes 70 MB.
    """
    expected = base64.b64encode(hmac.digest(channel_secret.encode(), body, hashlib.sha256))
    return hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))
