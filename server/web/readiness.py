"""Whether this process can do its work now, and what keeps it from that, in words for who operates it."""

import asyncio
from collections.abc import Iterator
from typing import Literal

import msgspec

from kit.database import Connection, DatabaseUnavailable, connect
from kit.outages import describe_outage, is_outage
from server.runtime.root_secret import find_wrong_key
from server.runtime.schema_guard import find_misfit
from server.web.services import Services

# A load balancer gives a probe a few seconds, and a frozen database never answers.
PATIENCE_S = 3.0

Part = Literal["database", "schema", "key", "catalogue", "shutdown"]


class Failing(msgspec.Struct, frozen=True):
    part: Part
    reason: str


async def find_failing(services: Services) -> list[Failing]:
    """Each part that fails; nothing where the process is ready."""
    if services.leaving.has_begun:
        return [Failing("shutdown", "the process was told to end, and answers what still comes")]
    return [*await _ask_database(services), *_look_at_catalogue(services)]


async def _ask_database(services: Services) -> list[Failing]:
    try:
        async with asyncio.timeout(PATIENCE_S), connect(services.pool) as conn:
            barred, misfit = await _find_what_bars_writing(conn), await _find_misfit(conn)
            if misfit is None:  # another schema may have no such table
                misfit = await _find_wrong_key(conn, services.settings.secret_key)
            if barred is not None:
                await services.pool.expire_connections()  # a session stays as it began
            return [part for part in (barred, misfit) if part]
    except Exception as error:
        if not (isinstance(error, DatabaseUnavailable) or is_outage(error)):
            raise
        return [Failing("database", f"the database does not answer: {describe_outage(error.__cause__ or error)}")]


async def _find_what_bars_writing(conn: Connection) -> Failing | None:
    """A standby and a read-only database answer what is read, so nobody would see it until the first write."""
    row = await conn.fetchrow(
        "SELECT pg_is_in_recovery() AS is_standby, current_setting('transaction_read_only') = 'on' AS is_read_only"
    )
    assert row is not None
    if row["is_standby"]:
        return Failing("database", "the database is a standby and takes no writes: point DATABASE_URL at the primary")
    if row["is_read_only"]:
        return Failing("database", "the database takes no writes: default_transaction_read_only is on")
    return None


async def _find_misfit(conn: Connection) -> Failing | None:
    misfit = await find_misfit(conn)
    return None if misfit is None else Failing("schema", misfit)


async def _find_wrong_key(conn: Connection, secret_key: bytes) -> Failing | None:
    """A key that was dropped while this process ran: it would not start again."""
    wrong = await find_wrong_key(conn, secret_key)
    return None if wrong is None else Failing("key", wrong)


def _look_at_catalogue(services: Services) -> Iterator[Failing]:
    age_s, longest_s = services.keeper.age_s, services.settings.ready_catalogue_age_s
    if age_s > longest_s:
        yield Failing(
            "catalogue",
            f"geofences, stores and campaigns were last read {age_s:.0f} s ago; "
            f"NOREN_READY_CATALOGUE_AGE_S allows {longest_s} s",
        )
