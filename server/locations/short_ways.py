"""The uploads that come by the short way (server.runtime.short_way), answered as their routes answer them."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeAlias

from litestar.datastructures import State

from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.locations.uploads import encode
from server.runtime.short_way import Answer, Plain, ShortWay, ShortWays
from server.web.errors import note_failure
from server.web.short_ways import JSON, tell_problem

Take: TypeAlias = Callable[[State, str | None, bytes], Coroutine[Any, Any, object]]

_TAKES: dict[str, Take] = {
    "/v1/locations": native_routes.take_short,
    "/v1/clients/transistorsoft": transistorsoft_routes.take_short,
    "/v1/clients/owntracks": owntracks_routes.take_short,
}
# What they ask the database themselves, after their fixes were taken, needs a task.
_ASKING = frozenset({"/v1/clients/owntracks"})


def make_short_ways(state: State) -> ShortWays:
    """`state`: the application's, which is filled before anybody asks."""
    return {
        route.encode(): ShortWay(partial(_answer, state, route, take), needs_task=route in _ASKING)
        for route, take in _TAKES.items()
    }


async def _answer(state: State, route: str, take: Take, plain: Plain, body: bytes) -> Answer:
    try:
        return Answer(200, JSON, encode(await take(state, plain.authorization, body)))
    except Exception as error:
        return tell_problem(note_failure(error, route))
