"""A server runs only on the schema that its code was written for."""

import asyncpg

from kit.database import Connection, DatabaseUnavailable
from kit.outages import describe_outage, is_outage
from migrations import head_revision

_PATIENCE_S = 5


class OutdatedSchema(RuntimeError):
    """Says what the database has, what the code needs and the command that mends it."""


async def check_schema(database_url: str) -> None:
    """Raises OutdatedSchema, or DatabaseUnavailable where nothing answers at that URL."""
    try:
        conn = await asyncpg.connect(database_url, timeout=_PATIENCE_S, command_timeout=_PATIENCE_S)
        try:
            misfit = await find_misfit(conn)
        finally:
            await conn.close(timeout=_PATIENCE_S)
    except Exception as error:
        if not is_outage(error, at_connect=True):
            raise
        described = describe_outage(error)
        raise DatabaseUnavailable(f"the database of DATABASE_URL does not answer: {described}") from error
    if misfit is not None:
        raise OutdatedSchema(misfit)


async def find_misfit(conn: Connection) -> str | None:
    """Why this code does not run on that schema, and what mends it; None where it does."""
    try:
        found = await conn.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        found = None
    needed = head_revision()
    if found == needed:
        return None
    return (
        f"the database's schema is at {found or 'nothing'}, this version of Noren needs {needed}: "
        "run './run admin migrate' with the same DATABASE_URL"
    )
