"""How a handle's value becomes the stored hash: keyed, so that a stolen table cannot be guessed through. Pure."""

from kit.sealing import Keyring
from members.handles_repository import HandleKind


def hash_handle(keyring: Keyring, kind: HandleKind, value: str) -> bytes:
    return keyring.mac("handle", f"{kind}\n{value}".encode())
