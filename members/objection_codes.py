"""The code by which a member objects to a transfer without a phone: sixteen characters in groups of four.

Pure but for the random source. It is long enough to be looked up by its hash and not to be guessed.
"""

import base64
import binascii
import secrets

from kit.typed_text import clean_up

_BYTES = 10


def new_objection_secret() -> bytes:
    return secrets.token_bytes(_BYTES)


def write_objection_code(secret: bytes) -> str:
    text = base64.b32encode(secret).decode()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def read_objection_code(typed: str) -> bytes | None:
    """Typed in any case, with or without hyphens and spaces; None if it is none."""
    text = "".join(char for char in clean_up(typed).upper() if char.isalnum())
    try:
        secret = base64.b32decode(text)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == _BYTES else None
