"""What a program's page of Facebook is used with, and how it and a person's id are kept. Pure."""

import hashlib
import hmac

import msgspec

from ids import ProgramId
from kit.sealing import Keyring

_USER, _CREDENTIALS = "messenger_user", "messenger_credentials"


class MessengerCredentials(msgspec.Struct, frozen=True):
    """Of a page and its app. `verify_token`: what Meta shows when the address of the webhook is entered. None is ever
    shown again.
    """

    app_secret: str
    access_token: str
    verify_token: str


def seal_credentials(keyring: Keyring, program_id: ProgramId, credentials: MessengerCredentials) -> bytes:
    return keyring.seal(_CREDENTIALS, program_id.bytes, msgspec.json.encode(credentials))


def unseal_credentials(keyring: Keyring, program_id: ProgramId, sealed: bytes) -> MessengerCredentials:
    """Raises kit.sealing.Unsealable."""
    return msgspec.json.decode(keyring.unseal(_CREDENTIALS, program_id.bytes, sealed), type=MessengerCredentials)


def hash_user(keyring: Keyring, program_id: ProgramId, user_id: str) -> bytes:
    """32 bytes, other ones in each program."""
    return keyring.mac(_USER, program_id.bytes + user_id.encode())


def seal_user(keyring: Keyring, program_id: ProgramId, user_id: str) -> bytes:
    return keyring.seal(_USER, program_id.bytes, user_id.encode())


def unseal_user(keyring: Keyring, program_id: ProgramId, sealed: bytes) -> str:
    """Raises kit.sealing.Unsealable."""
    return keyring.unseal(_USER, program_id.bytes, sealed).decode()


def is_signed(app_secret: str, body: bytes, signature: str) -> bool:
    """`signature`: the header X-Hub-Signature-256, `sha256=` and the HMAC-SHA256 of the body's bytes as they came."""
    expected = "sha256=" + hmac.digest(app_secret.encode(), body, hashlib.sha256).hex()
    return is_same(expected, signature)


def is_same(one: str, other: str) -> bool:
    """In a time that says nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
