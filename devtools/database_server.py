"""A PostgreSQL server with rights to make databases on it, and the making and dropping of them."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg


@dataclass(frozen=True)
class DatabaseServer:
    """Our private cluster, or the server that DATABASE_URL names."""

    main_url: str
    is_private: bool

    def url(self, name: str | None = None) -> str:
        """The DSN of a database on this server; without a name, of the one that is there from the start."""
        if name is None:
            return self.main_url
        return urlunsplit(urlsplit(self.main_url)._replace(path="/" + quote(name, safe="")))


async def create_database(server: DatabaseServer, name: str, template: str | None = None) -> str:
    """Make a database, as a copy of `template` if one is named (nobody may be connected to it); return its DSN.

    Raises asyncpg.DuplicateDatabaseError.
    """
    source = f" template {quoted(template)}" if template else ""
    await run_statement(server, f"create database {quoted(name)}{source}")
    return server.url(name)


async def drop_database(server: DatabaseServer, name: str) -> None:
    """Drop a database with whoever is connected to it; one that is not there is dropped already."""
    await run_statement(server, f"drop database if exists {quoted(name)} with (force)")


async def run_statement(server: DatabaseServer, statement: str) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def quoted(identifier: str) -> str:
    """An identifier as SQL; names of databases cannot be bound as parameters."""
    return '"' + identifier.replace('"', '""') + '"'
