"""What the short ways (server.runtime.short_way) of routes share: who may call, what is told of it, and headers."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeAlias

from litestar.datastructures import State

from server.problems import Problem
from server.runtime.short_way import Answer, Plain, ShortWay, ShortWays
from server.web import idempotency
from server.web.auth import Principal, identify_caller
from server.web.errors import MEDIA_TYPE, note_failure
from server.web.request_log import telling
from server.web.services import Services

JSON = b"content-type: application/json\r\n"

# A route by the short way: what a caller who may call it has sent. Raises what the route raises.
Take: TypeAlias = Callable[[State, Principal, Plain, bytes], Awaitable[idempotency.Answer]]


def make_guarded(state: State, takes: Mapping[str, Take]) -> ShortWays:
    """For routes that the guard stands before. `state`: the application's, which is filled before anybody asks."""
    return {
        route.encode(): ShortWay(partial(_answer, state, route, take), needs_task=True) for route, take in takes.items()
    }


def tell_problem(problem: Problem) -> Answer:
    headers = {"content-type": MEDIA_TYPE, **{name.lower(): value for name, value in problem.headers().items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return Answer(problem.status, head.encode(), problem.body())


async def _answer(state: State, route: str, take: Take, plain: Plain, body: bytes) -> Answer:
    with telling("POST", route, plain.headers) as request:
        try:
            services: Services = state.services
            request.caller, _ = await identify_caller(services, "POST", route, plain.authorization)
            written = await take(state, request.caller, plain, body)
            answer = Answer(written.status, JSON, written.body)
        except Exception as error:
            answer = tell_problem(note_failure(error, route))
        request.status = answer.status
    return Answer(answer.status, b"%bx-request-id: %b\r\n" % (answer.head, request.id.encode()), answer.body)
