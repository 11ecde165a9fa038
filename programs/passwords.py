"""Passwords of staff: argon2id (RFC 9106) with argon2-cffi's defaults. One verification takes about 0.1 s, so it
runs in a thread and never on a hot route."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
_HASHER = PasswordHasher()
# Verified against where there is no such person, so that the time taken does not tell who exists.
_NOBODY = _HASHER.hash("nobody has this password")


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_HASHER.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """False for a wrong password and for nobody (None), after the same time."""
    return await asyncio.to_thread(_verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
