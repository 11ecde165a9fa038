"""The installation's root secret: every key is derived from it. The database holds it sealed under NOREN_SECRET_KEY,
once under each key that may be started with ("envelope encryption": NIST SP 800-57 part 1, key wrapping).

So a wrong key is told at the start instead of writing what nobody finds again, and a new key costs one row
(docs/decisions/0034-the-root-secret-is-sealed-under-the-operators-key.md).
"""

import secrets
from datetime import datetime

from kit.database import Connection, Pool, connect_alone, in_transaction
from kit.sealing import Keyring, Unsealable
from kit.sql import load_queries

QUERIES = load_queries(__file__, "root_secrets.sql")

_PURPOSE = "root-secret"
_ROOT_BYTES = 32


class WrongSecretKey(RuntimeError):
    """Says which key the database wants, by the id that `./run admin list-secret-keys` tells."""


async def open_keyring(pool: Pool, secret_key: bytes, now: datetime) -> Keyring:
    """The keys of this database; the first start makes its root. Raises WrongSecretKey, DatabaseUnavailable."""

    return Keyring(await in_transaction(pool, lambda conn: _read_root(conn, secret_key, now)))


async def check_secret_key(database_url: str, secret_key: bytes, now: datetime) -> None:
    """Before anything else is started. Raises WrongSecretKey, DatabaseUnavailable."""
    async with connect_alone(database_url) as conn, conn.transaction():
        await _read_root(conn, secret_key, now)


async def find_wrong_key(conn: Connection, secret_key: bytes) -> str | None:
    """Why no server may start with that key any more; None where one may."""
    try:
        await _require_root(conn, secret_key)
    except WrongSecretKey as error:
        return str(error)
    return None


async def add_secret_key(conn: Connection, secret_key: bytes, next_key: bytes, now: datetime) -> str:
    """From here on a server may start with either. Returns the next key's id. Raises WrongSecretKey."""
    await keep_root(conn, await _require_root(conn, secret_key), next_key, now)
    return make_key_id(next_key).hex()


async def drop_other_secret_keys(conn: Connection, secret_key: bytes) -> list[str]:
    """From here on no server starts with another key than this. Returns the ids that went. Raises WrongSecretKey."""
    await _require_root(conn, secret_key)
    dropped = await conn.fetch(QUERIES.drop_other_keys, make_key_id(secret_key))
    return [row["key_id"].hex() for row in dropped]


async def list_secret_keys(conn: Connection) -> list[str]:
    """The ids of the keys that a server may start with, the oldest first."""
    return [row["key_id"].hex() for row in await conn.fetch(QUERIES.list_key_ids)]


async def keep_root(conn: Connection, root: bytes, secret_key: bytes, now: datetime) -> None:
    """Seal the root under one more key. The same key twice changes nothing."""
    key_id = make_key_id(secret_key)
    await conn.execute(QUERIES.add_sealed_root, key_id, Keyring(secret_key).seal(_PURPOSE, key_id, root), now)


def make_key_id(secret_key: bytes) -> bytes:
    """8 bytes that tell keys apart and tell nothing of the key."""
    return Keyring(secret_key).mac("secret-key-id", b"")[:8]


async def _read_root(conn: Connection, secret_key: bytes, now: datetime) -> bytes:
    found = await _find_root(conn, secret_key)
    if found is not None:
        return found
    await conn.execute(QUERIES.lock_root_secrets)
    if await list_secret_keys(conn):
        return await _require_root(conn, secret_key)  # somebody may have made it while we waited, with this very key
    root = secrets.token_bytes(_ROOT_BYTES)
    await keep_root(conn, root, secret_key, now)
    return root


async def _require_root(conn: Connection, secret_key: bytes) -> bytes:
    """Raises WrongSecretKey."""
    root = await _find_root(conn, secret_key)
    if root is None:
        wanted = " or ".join(await list_secret_keys(conn)) or "none yet: start the server once"
        raise WrongSecretKey(
            f"NOREN_SECRET_KEY is not the key of this database: it has the id {make_key_id(secret_key).hex()}, "
            f"the database wants {wanted}. Nothing was changed"
        )
    return root


async def _find_root(conn: Connection, secret_key: bytes) -> bytes | None:
    key_id = make_key_id(secret_key)
    sealed = await conn.fetchval(QUERIES.find_sealed_root, key_id)
    try:
        return None if sealed is None else Keyring(secret_key).unseal(_PURPOSE, key_id, sealed)
    except Unsealable:
        raise WrongSecretKey(
            f"the row of the key {key_id.hex()} in root_secrets was changed and cannot be opened: restore that table"
        ) from None
