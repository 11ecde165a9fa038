"""A server runs only on the schema that its code was written for."""

import asyncpg

from kit.database import Connection, connect_alone
from migrations import head_revision


class OutdatedSchema(RuntimeError):
    """Says what the database has, what the code needs and the command that mends it."""


async def check_schema(database_url: str) -> None:
    """Raises OutdatedSchema, or DatabaseUnavailable where nothing answers at that URL."""
    async with connect_alone(database_url) as conn:
        misfit = await find_misfit(conn)
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
