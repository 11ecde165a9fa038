"""How a handle's value becomes the stored hash: keyed, so that a stolen table cannot be guessed through. Pure."""

from typing import Literal

from kit.sealing import Keyring

# `own_number`: the program's own number of a member. `plastic_card`: of a card from before Noren; a member has several.
HandleKind = Literal["card_number", "push_token", "phone", "email", "own_number", "plastic_card"]


def hash_handle(keyring: Keyring, kind: HandleKind, value: str) -> bytes:
    return keyring.mac("handle", f"{kind}\n{value}".encode())
