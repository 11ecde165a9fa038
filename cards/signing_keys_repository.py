"""The keys with which programs sign their members' certificates."""

from collections.abc import Collection
from datetime import datetime

from cards.signing_keys import SigningKey
from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "signing_keys.sql")


async def list_signing_keys(conn: Connection, program_ids: Collection[ProgramId]) -> dict[ProgramId, list[SigningKey]]:
    """By program, the oldest first; all that there ever were."""
    keys: dict[ProgramId, list[SigningKey]] = {program_id: [] for program_id in program_ids}
    for row in await conn.fetch(QUERIES.list_signing_keys, list(keys)):
        keys[row["program_id"]].append(SigningKey(**row))
    return keys


async def create_signing_key(conn: Connection, key: SigningKey) -> None:
    await conn.execute(
        *QUERIES.insert_signing_key(
            program_id=key.program_id,
            key_id=key.key_id,
            public_key=key.public_key,
            sealed_private_key=key.sealed_private_key,
            created_at=key.created_at,
            signs_from=key.signs_from,
        )
    )


async def revoke_signing_key(conn: Connection, program_id: ProgramId, key_id: bytes, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.revoke_signing_key, program_id, key_id, now) is not None
