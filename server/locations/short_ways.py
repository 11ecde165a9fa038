"""The uploads that come by the short way (server.runtime.short_way), answered as their routes answer them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from litestar.datastructures import State

from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.locations.uploads import encode
from server.problems import Problem
from server.runtime.short_way import Answer, ShortWays
from server.web.errors import MEDIA_TYPE, note_failure

Take: TypeAlias = Callable[[State, str | None, bytes], Awaitable[object]]

_JSON = b"content-type: application/json\r\n"
_TAKES: dict[str, Take] = {
    "/v1/locations": native_routes.take_short,
    "/v1/clients/transistorsoft": transistorsoft_routes.take_short,
    "/v1/clients/owntracks": owntracks_routes.take_short,
}


def make_short_ways(state: State) -> ShortWays:
    """`state`: the application's, which is filled before anybody asks."""
    return {route.encode(): partial(_answer, state, route, take) for route, take in _TAKES.items()}


async def _answer(state: State, route: str, take: Take, authorization: str | None, body: bytes) -> Answer:
    try:
        return Answer(200, _JSON, encode(await take(state, authorization, body)))
    except Exception as error:
        return _tell(note_failure(error, route))


def _tell(problem: Problem) -> Answer:
    headers = {"content-type": MEDIA_TYPE, **{name.lower(): value for name, value in problem.headers().items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return Answer(problem.status, head.encode(), problem.body())
