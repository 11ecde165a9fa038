"""Passwords of staff: argon2id (RFC 9106) with argon2-cffi's defaults. One verification takes about 0.1 s, so it
runs in a thread and never on a hot route."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
_HASHER = PasswordHasher()
# Verified against where there is no such person, so that the time taken does not tell who exists. Of something that
# nobody knows, and written down: a hash takes a tenth of a second, which every start of a server would pay.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$6YiIeJ3CAXiA4yhcpSSMYw$5GbAyksjqOj2honGzlmxbamqJk/f1XCk9VTjqfRAhjc"


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
