"""A chain at size: a seeded program in a database, with phones that hold card keys and tills of its stores."""

import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_bytes

import asyncpg

from bench.cards import QUERIES, CardPhones, found_phones
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.template_database import own_database
from ids import ProgramId
from kit.clock import utc_now
from kit.database import open_pool
from kit.sealing import Keyring
from server.runtime.progress import Progress
from server.seeding.run import CONNECTIONS, Seeding
from server.seeding.scale import Scale


@dataclass(frozen=True)
class Chain:
    """`members` and `visits` are what is there, whatever was asked for."""

    dsn: str
    connection: "asyncpg.Connection[asyncpg.Record]"
    program_id: ProgramId
    members: int
    visits: int
    phones: CardPhones


@asynccontextmanager
async def chain_at_size(
    server: DatabaseServer, database: str | None, scale: Scale, phones: int
) -> AsyncIterator[Chain]:
    """The largest program of `database`, which was seeded before, and stays; None: of one that is seeded now, and
    dropped at the end.
    """
    async with contextlib.AsyncExitStack() as stack:
        if database is None:
            database = await stack.enter_async_context(own_database(server))
            await _seed(database, scale)
        yield await stack.enter_async_context(_open_chain(database, phones))


@asynccontextmanager
async def _open_chain(dsn: str, phones: int) -> AsyncIterator[Chain]:
    connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC", "jit": "off"})
    try:
        size = await connection.fetchrow(QUERIES.read_size)
        if size is None:
            raise SetupError("nothing is seeded there")
        say(f"{size['member_count']:,} members, {size['visit_count']:,} visits; giving keys to {phones:,} phones")
        program_id = size["program_id"]
        held = await found_phones(connection, program_id, phones, utc_now())
        await connection.execute("ANALYZE card_keys")
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
            # What was just written would else be brought to disk during the first measurements.
            await connection.execute("CHECKPOINT")
        yield Chain(dsn, connection, program_id, size["member_count"], size["visit_count"], held)
    finally:
        await connection.close()


async def _seed(dsn: str, scale: Scale) -> None:
    say(f"seeding {scale.members:,} members and {scale.visits:,} visits")
    pool = await open_pool(dsn, max_size=CONNECTIONS)
    progress = Progress("members", scale.members, sys.stderr)
    try:
        # The secret is forgotten: no bench looks a card's number up.
        seeding = Seeding(pool, Keyring(token_bytes(32)), scale, tell=progress.tell, keep=lambda _: None)
        await seeding.run("seeded", utc_now())
    finally:
        await pool.close()
