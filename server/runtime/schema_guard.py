"""A server runs only on a schema that serves its code: the one that it was written for, or a later one that still does
(docs/upgrading.md).
"""

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
        served = {row["revision"] for row in await conn.fetch("SELECT revision FROM served_revisions")}
    except asyncpg.UndefinedTableError:
        served = set()
    needed = head_revision()
    if needed in served:
        return None
    # Revisions are numbered, all with as many digits.
    if served and needed < min(served):
        return (
            f"the database's schema serves {', '.join(sorted(served))}, this version of Noren is at {needed} "
            "and too old for it: start a newer version"
        )
    return (
        f"the database's schema serves {', '.join(sorted(served)) or 'nothing'}, this version of Noren needs {needed}: "
        "run './run admin migrate' with the same DATABASE_URL"
    )
