"""What a database must have before its schema can be made, told in one line each instead of a traceback."""

import asyncpg

_LEAST_POSTGRESQL = 150000


class CannotMigrate(RuntimeError):
    """Says what is missing and the statement that mends it."""


async def check_prerequisites(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raises CannotMigrate."""
    (found,) = await conn.fetch(
        """
        SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS version_text,
               current_user AS who, quote_ident(current_user) AS quoted_who, quote_ident(current_database()) AS place,
               pg_is_in_recovery() AS is_standby, has_schema_privilege('public', 'CREATE') AS may_create,
               EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis') AS offers_postgis
        """
    )
    if found["version"] < _LEAST_POSTGRESQL:
        raise CannotMigrate(f"PostgreSQL {found['version_text']} is too old: Noren needs 15 or newer")
    if found["is_standby"]:
        raise CannotMigrate("this database is a standby, which only reads: give DATABASE_URL of the primary")
    if not found["offers_postgis"]:
        raise CannotMigrate(
            "PostGIS is not installed beside this PostgreSQL: install it there "
            "(on Debian and Ubuntu with 'apt-get install postgresql-postgis')"
        )
    if not found["may_create"]:
        raise CannotMigrate(
            f"{found['who']} may not create tables: let the database's owner run "
            f"'GRANT CREATE ON SCHEMA public TO {found['quoted_who']}' in the database {found['place']}"
        )
    try:
        # Asked by doing it: some clouds let a role add it that is no superuser.
        await conn.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except asyncpg.InsufficientPrivilegeError:
        raise CannotMigrate(
            f"the database has no PostGIS yet, and {found['who']} may not add it: "
            f"let a superuser run 'CREATE EXTENSION postgis' in the database {found['place']} once"
        ) from None
