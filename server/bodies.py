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
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem("unsupported-media-type", "Send the body as application/json.")
    if "data" in request.route_handler.parsed_fn_signature.parameters and not await _read_body(request):
        raise Problem("invalid-request", "Send a JSON body; /docs says what it holds.")


async def _read_body(request: Request[Any, Any, State]) -> bytes:
    try:
        return await request.body()
    except InternalServerException as error:  # Litestar's word for a caller who hung up
        raise Problem("invalid-request", "Send the whole body.") from error
