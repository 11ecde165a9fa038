"""Making partitions ahead, and dropping old ones whole."""

import contextlib
from datetime import datetime

import asyncpg

from kit.database import Connection
from kit.partitions import Partitioning
from kit.sql import load_queries

QUERIES = load_queries(__file__, "partitions.sql")


async def maintain_partitions(conn: Connection, parts: Partitioning, now: datetime, keep_since: datetime) -> None:
    """Make the coming partitions, and drop those whose every row is of a day before that of `keep_since`.

    Where nobody kept house for long, the default partition has caught rows; their days then get no partition of their
    own, and they are deleted row by row.
    """
    present = {row["name"] for row in await conn.fetch(QUERIES.list_partitions, parts.table)}
    for first_day in parts.wanted_days(now.date()):
        name, (start, end) = parts.name_of(first_day), parts.bounds(first_day)
        if name not in present:
            ddl = await conn.fetchval(QUERIES.create_partition, name, parts.table, start, end)
            with contextlib.suppress(asyncpg.CheckViolationError):
                async with conn.transaction():
                    await conn.execute(ddl)
    for name in parts.outdated_names(present, keep_since.date()):
        await conn.execute(await conn.fetchval(QUERIES.drop_partition, name))
    await conn.execute(await conn.fetchval(QUERIES.empty_default_partition, parts.table, parts.column, keep_since))
