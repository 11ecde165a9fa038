"""A migrated template database, made once a version of the migrations, and the clones that tests work on.

Cloning takes some 50 ms where migrating takes a second. Processes that want the template at the same time wait for
each other at an advisory lock; it gets its name only when it is finished, so a killed build is never cloned.
"""

import asyncio
import hashlib
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

import migrations
from devtools.database_server import DatabaseServer, create_database, drop_database, quoted

_TEMPLATE_LOCK = 0x74656D706C617465
_PREFIX = "noren_template_"
_CLONE_PREFIX = "noren_clone_"
_clone_numbers = itertools.count(1)


async def ensure_template(server: DatabaseServer) -> str:
    """The name of the migrated template, made if need be. On a private server older templates and dead clones go."""
    name = _PREFIX + _migrations_hash()
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(f"select pg_advisory_lock({_TEMPLATE_LOCK})")
        names = [row["datname"] for row in await connection.fetch("select datname from pg_database")]
        if server.is_private:
            for leftover in filter(_is_dead_clone, names):
                await drop_database(server, leftover)
        if name not in names:
            await _make_template(server, name, [old for old in names if old.startswith(_PREFIX)])
    finally:
        await connection.close()
    return name


async def _make_template(server: DatabaseServer, name: str, old_names: list[str]) -> None:
    for old in old_names if server.is_private else []:
        await drop_database(server, old)
    unfinished = f"{_PREFIX}unfinished"
    await drop_database(server, unfinished)
    dsn = await create_database(server, unfinished)
    await asyncio.to_thread(migrations.upgrade, dsn)
    connection = await asyncpg.connect(server.url())
    try:
        # Nobody may be connected to a database that is being cloned, autovacuum neither.
        await connection.execute(f"alter database {quoted(unfinished)} with allow_connections false")
        await connection.execute(f"alter database {quoted(unfinished)} rename to {quoted(name)}")
    finally:
        await connection.close()


async def clone(server: DatabaseServer, template: str) -> str:
    """Make a copy of the template and return its name, which tells whose it is."""
    name = f"{_CLONE_PREFIX}{os.getpid()}_{next(_clone_numbers)}"
    await drop_database(server, name)
    await create_database(server, name, template)
    return name


@asynccontextmanager
async def own_database(server: DatabaseServer) -> AsyncIterator[str]:
    """The DSN of a migrated, empty database that nobody else uses; dropped at the end."""
    name = await clone(server, await ensure_template(server))
    try:
        yield server.url(name)
    finally:
        await drop_database(server, name)


def _is_dead_clone(name: str) -> bool:
    if not name.startswith(_CLONE_PREFIX):
        return False
    return not Path("/proc", name.removeprefix(_CLONE_PREFIX).split("_")[0]).exists()


def _migrations_hash() -> str:
    digest = hashlib.sha256()
    root = Path(migrations.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
