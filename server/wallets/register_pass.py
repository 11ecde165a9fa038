"""`register_pass`, `unregister_pass`: a phone begins and ends to be notified when a pass changes."""

from datetime import datetime

from cards import apple_passes_repository
from cards.apple_registration import PassId
from cards.pass_tokens import hash_device_library_id, seal_push_token
from kit.database import Connection
from kit.sealing import Keyring
from server.problems import Problem
from server.runtime.store_places import StorePlaces
from server.wallets.read_passes import FoundPass, read_pass


async def register_pass(
    conn: Connection,
    keyring: Keyring,
    stores: StorePlaces,
    pass_id: PassId,
    device_library_id: str,
    push_token: str,
    now: datetime,
) -> bool:
    """Whether the registration is new. Raises Problem for a pass that has ended."""
    found = await _read_live(conn, stores, pass_id, now)
    await apple_passes_repository.ensure_locked_pass(conn, pass_id, found.program_id, found.fingerprint, now)
    # Read again: we may have waited for an erasure, after which nothing may be written.
    await _read_live(conn, stores, pass_id, now)
    device_library_hash = hash_device_library_id(keyring, device_library_id)
    sealed = seal_push_token(keyring, pass_id, device_library_hash, push_token)
    return await apple_passes_repository.register(conn, pass_id, device_library_hash, sealed, now)


async def _read_live(conn: Connection, stores: StorePlaces, pass_id: PassId, now: datetime) -> FoundPass:
    found = await read_pass(conn, stores, pass_id, now)
    if found.face.member is None:
        raise Problem("unauthenticated", "The pass has ended; remove it from the wallet.")
    return found


async def unregister_pass(conn: Connection, keyring: Keyring, pass_id: PassId, device_library_id: str) -> None:
    await apple_passes_repository.unregister(conn, pass_id, hash_device_library_id(keyring, device_library_id))
