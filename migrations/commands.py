"""Alembic without an alembic.ini: the dsn is an argument, the schema is `migrations.schema`.

These calls are synchronous (Alembic is); from a coroutine run them in a thread.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.prerequisites import check_prerequisites

R = TypeVar("R")

_HERE = Path(__file__).parent
# Two commands that migrate one database at the same time wait for each other here.
_MIGRATION_LOCK = 0x6E6F72656E
# The role may have a time-out of its own, for requests (`kit.pooler`).
_WITHOUT_HASTE = "SET LOCAL statement_timeout = 0"


def upgrade(dsn: str, revision: str = "head") -> None:
    """See `migrations.upgrade`."""

    def work(connection: Connection) -> None:
        connection.execute(text(_WITHOUT_HASTE))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        command.upgrade(_config(connection), revision)

    asyncio.run(_prepare(dsn))
    _on_connection(dsn, work)


def downgrade(dsn: str, revision: str) -> None:
    """See `migrations.downgrade`."""
    _on_connection(dsn, lambda connection: command.downgrade(_config(connection), revision))


def check(dsn: str) -> None:
    """See `migrations.check`."""
    _on_connection(dsn, lambda connection: command.check(_config(connection)))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def _prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(_WITHOUT_HASTE)
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            await check_prerequisites(connection)
    finally:
        await connection.close()


def _on_connection(dsn: str, work: Callable[[Connection], R]) -> R:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(dsn)

    async def run() -> R:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return asyncio.run(run())
