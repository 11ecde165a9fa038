"""What a body must be before a handler reads it: the one decoder of all JSON bodies.

Only location clients, whose programs are other people's, and tills that report offline scans have readers of their own
(server.locations, server.check_ins.offline_records).
"""

from collections.abc import Collection
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import InternalServerException

from kit.decode_faults import explain
from server.problems import Problem

# Some hundred times what most bodies have. A route whose body may be larger says so (`request_max_body_size`).
MAX_BODY_BYTES = 200_000
# With a bill of 500 lines, or the ids of ten thousand stores.
MAX_LONG_BODY_BYTES = 1_000_000
_JSON = "application/json"
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


async def require_json(request: Request[Any, Any, State]) -> None:
    """Raises Problem for a body that is something else than it should be, and for half of one or none.

    The body is decoded here, strictly and to the type that the handler asks for: the first thing that does not belong
    ends it. Litestar would make objects of the whole body first, whatever they are, which holds the loop for 40 ms a
    megabyte; and it would take "300", "3e2" and "null" for numbers and an epoch number for a time.
    """
    if request.method not in _WITH_BODY:
        return
    require_plain(request.headers.get("content-encoding"))
    require_media_type(request.headers.get("content-type"), request.route_handler.opt.get("media_types", (_JSON,)))
    asked = request.route_handler.parsed_fn_signature.parameters.get("data")
    if asked is None:
        return
    body = decode_body(await read_body(request), asked.annotation)
    request._connection_state.json = body  # noqa: SLF001 - where Litestar looks for it


def decode_body(body: bytes, asked: Any) -> Any:
    """Raises what `decode_json` does, and Problem where there is none."""
    if not body:
        raise Problem("invalid-request", "Send a JSON body; /docs says what it holds.")
    return decode_json(body, asked)


def decode_json(body: bytes, asked: Any) -> Any:
    """Raises Problem, and what `to_problem` knows of bodies: UnicodeDecodeError, RecursionError."""
    try:
        return msgspec.json.decode(body, type=asked)
    except msgspec.DecodeError as error:
        raise Problem("invalid-request", f"Correct this and send it again: {explain(error, asked)}.") from error


def require_plain(content_encoding: str | None) -> None:
    """No body is inflated here: a megabyte of zeros comes in a kilobyte. Raises Problem."""
    if content_encoding is not None and content_encoding.strip().lower() not in ("", "identity"):
        raise Problem("encoding-unsupported", "Send the body as it is, without Content-Encoding.")


def require_media_type(content_type: str | None, taken: Collection[str] = (_JSON,)) -> None:
    """Raises Problem. Who says nothing sends JSON."""
    if media_type_of(_JSON if content_type is None else content_type) not in taken:
        raise Problem("unsupported-media-type", f"Send the body as {' or '.join(taken)}.")


def media_type_of(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


async def read_body(request: Request[Any, Any, State]) -> bytes:
    try:
        return await request.body()
    except InternalServerException as error:  # Litestar's word for a caller who hung up
        raise Problem("invalid-request", "Send the whole body.") from error
