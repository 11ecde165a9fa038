"""A pooler between us and PostgreSQL (PgBouncer in transaction mode): two statements of ours may run in two sessions.

So nothing may be kept in a session but what each of them has by itself: prepared statements, which the pooler must
prepare anew where it has to, and settings, which are the role's own (docs/scale-out.md, ADR 0126).
"""

from collections.abc import Mapping

import asyncpg

from kit.sessions import Connection

STATEMENT_TIMEOUT_S = 15
# What a session of ours is to have beside its time zone and name, which a pooler passes on.
ROLE_SETTINGS: Mapping[str, str] = {
    "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "jit": "off",
}
_TRIES = 20
_WHICH_SESSION = "SELECT pg_backend_pid()"


def refuses_settings(error: asyncpg.PostgresError) -> bool:
    """At the beginning of a session: a pooler has no session to set them in."""
    return isinstance(error, asyncpg.ProtocolViolationError) and "startup parameter" in str(error)


async def stands_between(conn: Connection) -> bool:
    """A pooler tells its clients an id of its own where PostgreSQL tells its process."""
    pid: int = await conn.fetchval(_WHICH_SESSION)
    return pid != conn.get_server_pid()


async def find_missing_settings(conn: Connection) -> list[str]:
    """Which of `ROLE_SETTINGS` a session that a pooler lends does not have."""
    given = {name: await conn.fetchval("SELECT current_setting($1)", name) for name in ROLE_SETTINGS}
    return [name for name, value in ROLE_SETTINGS.items() if given[name] != value]


async def set_role_settings(conn: Connection) -> None:
    """For this role in this database, from each session's beginning. Any role may set its own."""
    place = await conn.fetchval("SELECT quote_ident(current_database())")
    for name, value in ROLE_SETTINGS.items():
        await conn.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {place} SET {name} = '{value}'")


async def keeps_statements(asking: Connection, holding: Connection) -> bool:
    """Whether a statement is known in whichever session it is run, by running one in another than it was prepared in.

    `holding` takes that one for the while. Where each client keeps its session, none is ever run in another.
    """
    try:
        statement = await asking.prepare(_WHICH_SESSION)
        prepared_in = await statement.fetchval()
        for _ in range(_TRIES):
            async with holding.transaction():
                await holding.fetchval(_WHICH_SESSION)
                if await statement.fetchval() != prepared_in:
                    return True
    except (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError):
        return False
    return True
