"""Passwords of staff: argon2id (RFC 9106) with 19 MiB, two passes and one lane, the least that OWASP's Password Storage
Cheat Sheet asks for. argon2-cffi's defaults (64 MiB, four lanes) cost six times as much of the CPU: with them a
hundred guesses at once kept the owner waiting for seconds. One is made at a time, in a thread of its own that yields to
whatever else there is to do.
"""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
_HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# Verified against where there is no such person, so that the time taken does not tell who exists. Of something that
# nobody knows, and written down: every start of a server would pay for making one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$D5rQrB0JXVLkW7ufT3Zquw$lqkllgphmOMgrEgpSsF0kEh6uxmgjbZqLW5/nvF+hVQ"


# Beside requests that are being answered it gets a quarter of a CPU; alone, all that it wants.
_NICENESS = 5


def _yield_to_others() -> None:
    """argon2's own threads, which this one starts, take its niceness over (Linux)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2", initializer=_yield_to_others)


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _HASHER.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """False for a wrong password and for nobody (None), after the same time."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
