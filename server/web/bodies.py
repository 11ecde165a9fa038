"""What a body must be before a handler reads it."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException

from server.problems import Problem

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


async def require_json(request: Request[Any, Any, State]) -> None:
    """Raises Problem for a body that says it is something else, and for half of one or none where one is needed."""
    if request.method not in _WITH_BODY:
        return
    content_type = request.headers.get("content-type", "application/json")
    taken = request.route_handler.opt.get("media_types", ("application/json",))
    if media_type_of(content_type) not in taken:
        raise Problem("unsupported-media-type", f"Send the body as {' or '.join(taken)}.")
    if "data" in request.route_handler.parsed_fn_signature.parameters and not await read_body(request):
        raise Problem("invalid-request", "Send a JSON body; /docs says what it holds.")


def media_type_of(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


async def read_body(request: Request[Any, Any, State]) -> bytes:
    try:
        return await request.body()
    except InternalServerException as error:  # Litestar's word for a caller who hung up
        raise Problem("invalid-request", "Send the whole body.") from error
