"""A scene that took hundreds of requests to set, on a copy of its database and in another application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Generic, TypeVar, cast

from devtools import template_database
from devtools.database_server import DatabaseServer, drop_database
from tests.support.callers import Caller
from tests.support.world import World, open_world

T = TypeVar("T")


@dataclass(frozen=True)
class Scene(Generic[T]):
    """`name` is the database where it was set, which nobody is connected to; `settings` the application's."""

    server: DatabaseServer
    name: str
    settings: dict[str, Any]
    cast: T

    @asynccontextmanager
    async def copied(self) -> AsyncIterator[T]:
        """Everybody in it as they were, with nothing that was done since."""
        name = await template_database.clone(self.server, self.name)
        async with open_world(self.server.url(name), **self.settings) as world:
            yield moved(self.cast, world)
        await drop_database(self.server, name)


def moved(value: T, world: World) -> T:
    """The same, but whoever calls calls this application."""
    return cast("T", _moved(value, world))


def _moved(value: Any, world: World) -> Any:
    if isinstance(value, World):
        return world
    if isinstance(value, Caller):
        return replace(value, http=world.http)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _moved(getattr(value, field.name), world) for field in fields(value)})
    if isinstance(value, tuple):
        parts = [_moved(part, world) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value
