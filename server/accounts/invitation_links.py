"""Links by which one person joins, once: their tokens and addresses. Pure."""

import re
import secrets
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from kit.ids import digest

# Until a program has set its join_url: for development.
OWN_SCHEME = "noren://join"
TOKEN_PATTERN = "^[A-Za-z0-9_-]{22}(?!\n)$"
_TOKEN = re.compile(TOKEN_PATTERN)


def new_invitation_token() -> str:
    """128 random bits in 22 characters: each character of a text message counts."""
    return urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def hash_invitation_token(token: str) -> bytes:
    return digest(token.encode())


def is_invitation_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def write_invitation_url(join_url: str | None, token: str) -> str:
    base = join_url or OWN_SCHEME
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'i': token})}"
