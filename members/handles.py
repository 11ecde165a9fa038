"""How a handle's value becomes the stored hash: keyed, so that a stolen table cannot be guessed through. Pure."""

from typing import Literal

from kit.sealing import Keyring

HandleKind = Literal["card_number", "push_token", "phone", "email"]


def hash_handle(keyring: Keyring, kind: HandleKind, value: str) -> bytes:
    return keyring.mac("handle", f"{kind}\n{value}".encode())
