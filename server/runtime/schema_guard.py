"""A server runs only on the schema that its code was written for."""

import asyncpg

from kit.database import DatabaseUnavailable
from migrations import head_revision


class OutdatedSchema(RuntimeError):
    """Says what the database has, what the code needs and the command that mends it."""


async def check_schema(database_url: str) -> None:
    """Raises OutdatedSchema, or DatabaseUnavailable where nothing answers at that URL."""
    try:
        conn = await asyncpg.connect(database_url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise DatabaseUnavailable(f"the database of DATABASE_URL does not answer: {error}") from error
    try:
        found = await conn.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        found = None
    finally:
        await conn.close()
    needed = head_revision()
    if found != needed:
        raise OutdatedSchema(
            f"the database's schema is at {found or 'nothing'}, this version of Noren needs {needed}: "
            "run './run admin migrate' with the same DATABASE_URL"
        )
