"""What Litestar cannot know of an operation: its callers, its problems, its examples, its bodies as we read them."""

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, NamedTuple, cast, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
)
from litestar.response import Stream
from litestar.routes import HTTPRoute

from server.description.examples import Example
from server.description.problem_document import Problem
from server.description.schemas import BodySchemas, make_schemas
from server.problems import PROBLEMS, TYPE_PREFIX
from server.web.access import ROUTES

_FILE = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_PROBLEMS = OpenAPIResponse(
    description="A problem (RFC 9457); docs/problems.md says what to do about each type",
    content={"application/problem+json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))},
)
_IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    required=False,
    description="1 to 200 printable ASCII characters, new for every new request",
    schema=Schema(type=OpenAPIType.STRING, max_length=200),
)
# Writes that take no Idempotency-Key: most change nothing that a repetition would change again.
_WITHOUT_KEY = {
    ("POST", "/v1/sessions/second-factor"),
    ("POST", "/v1/locations"),
    ("POST", "/v1/clients/owntracks"),
    ("POST", "/v1/clients/transistorsoft"),
    ("POST", "/v1/me/card/google-wallet"),
    ("POST", "/v1/me/device/locate-token"),
    ("POST", "/v1/me/geofences/nearest"),
    ("POST", "/v1/members/search"),
    ("POST", "/v1/stores/nearest"),
    ("POST", "/v1/me/stores/nearest"),
    ("POST", "/v1/coupons/quote"),
    # A proof is good once, and an erasure leaves no record.
    ("POST", "/v1/me/export"),
    ("POST", "/v1/me/erasure"),
    ("POST", "/v1/members/{member_id}/export"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/line-sign-ins"),
    ("POST", "/line/v1/webhooks/{program_id}"),
    ("POST", "/messenger/v1/webhooks/{program_id}"),
    ("DELETE", "/v1/sessions/current"),
    ("POST", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"),
    ("DELETE", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"),
    ("POST", "/apple-wallet/v1/log"),
    ("POST", "/mail/unsubscribe/{token}"),
    ("POST", "/mail/opt-in/{token}"),
    ("POST", "/mail/v1/reports"),
    ("POST", "/v1/suppressions/search"),
}


class Bodies(NamedTuple):
    """An operation with the types of its bodies; None where there is none, or a file.

    `file_type` is the media type of an answer that is a file, such as a picture.
    """

    method: str
    path: str
    operation: Operation
    request: Any
    answer: Any
    file_type: str | None = None
    status: int = 200


def describe_asgi(path: str, operation: Operation, request: Any, answer: Any) -> Bodies:
    """An ASGI handler (they take POST only), of which Litestar describes nothing."""
    operation.request_body = RequestBody(content={"application/json": OpenAPIMediaType()}, required=True)
    operation.responses = {"200": OpenAPIResponse(description="What became of them")}
    return Bodies("POST", path, operation, request, answer)


def complete_description(
    app: Litestar, of_asgi: Iterable[Bodies], examples: Mapping[str, Example], of_files: Iterable[type]
) -> None:
    """Complete the application's OpenAPI document.

    `examples` are by operation id. `of_files`: what an operation itself refers to, because its body is a file.
    """
    openapi = app.openapi_schema
    described = [*_find_bodies(app), *of_asgi]
    openapi.paths = {**(openapi.paths or {}), **{each.path: PathItem(post=each.operation) for each in of_asgi}}
    schemas = make_schemas(
        [*of_files, *(each.request for each in described if each.request is not None)],
        [Problem, *(each.answer for each in described if each.answer is not None)],
    )
    schemas.components["Problem"]["properties"]["type"]["enum"] = [TYPE_PREFIX + slug for slug in PROBLEMS]
    openapi.components.schemas = cast("dict[str, Schema]", schemas.components)
    for each in described:
        _describe_access(each)
        _describe_bodies(each, schemas, examples.get(str(each.operation.operation_id), Example()))


def _find_bodies(app: Litestar) -> Iterable[Bodies]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            item = (app.openapi_schema.paths or {}).get(route.path_format)
            operation: Operation | None = getattr(item, method.lower(), None)
            if operation is not None:
                yield _of_handler(method, route.path_format, operation, handler)


def _of_handler(method: str, path: str, operation: Operation, handler: HTTPRouteHandler) -> Bodies:
    data, answer = handler.parsed_data_field, handler.parsed_return_field.annotation
    request = handler.opt.get("body", data and data.annotation)
    if "body" in handler.opt:  # the handler itself reads it
        operation.request_body = RequestBody(content={"application/json": OpenAPIMediaType()}, required=True)
    if get_origin(answer) is Response:
        (answer,) = get_args(answer)
    file_type = str(handler.media_type) if answer in (bytes, str, Stream) else None
    if file_type is not None or answer is NoneType:
        answer = None
    return Bodies(method, path, operation, request, answer, file_type, handler.status_code)


def _describe_bodies(each: Bodies, schemas: BodySchemas, example: Example) -> None:
    operation = each.operation
    if isinstance(operation.request_body, RequestBody):
        for media in operation.request_body.content.values():
            media.example = media.example or _to_json(example.request)
            if each.request is not None:
                media.schema = cast("Schema", schemas.of_type[each.request])
    responses = {status: found for status, found in (operation.responses or {}).items() if not status.startswith("4")}
    answer = responses[str(each.status)]
    if isinstance(answer, OpenAPIResponse):
        if each.answer is not None:
            schema = cast("Schema", schemas.of_type[each.answer])
            answer.content = {"application/json": OpenAPIMediaType(schema=schema, example=_to_json(example.answer))}
        elif each.file_type is None:
            answer.content = None  # Litestar gives it a body of JSON null
        elif each.file_type:  # else the operation itself describes it
            answer.content = {each.file_type: OpenAPIMediaType(schema=_FILE)}
    operation.responses = responses | {"default": _PROBLEMS}


def _to_json(example: object) -> object:
    """As bytes that go into the document untouched: Litestar leaves out each null of a mapping."""
    return None if example is None else msgspec.Raw(msgspec.json.encode(example))


def _describe_access(each: Bodies) -> None:
    operation, route = each.operation, (each.method, each.path)
    roles = ROUTES[route]
    schemes = {
        "owner": "staff", "store_manager": "staff", "marketer": "staff", "analyst": "staff",
        "device_in_batch": "locator", "merged_device": "device", "blocked_device": "device",
    }  # fmt: skip
    names = sorted({schemes.get(role, role) for role in roles} - {"anyone"})
    operation.security = operation.security or [{name: []} for name in names]
    who = ", ".join(
        sorted(role.replace("device_in_batch", "device") for role in roles - {"merged_device", "blocked_device"})
    )
    operation.description = (
        f"{operation.description}\n\nCallers: {who}." if operation.description else f"Callers: {who}."
    )
    for parameter in operation.parameters or []:
        _simplify(parameter)
    operation.parameters = sorted(operation.parameters or [], key=lambda part: _place_in_path(part, each.path)) or None
    if each.method != "GET" and route not in _WITHOUT_KEY:
        operation.parameters = [*(operation.parameters or []), _IDEMPOTENCY_KEY]


def _place_in_path(parameter: Parameter | Reference, path: str) -> int:
    """Litestar has those that only a guard reads in any order; what stands elsewhere keeps its order behind them."""
    if isinstance(parameter, Parameter) and parameter.param_in == "path":
        return path.find(f"{{{parameter.name}}}")
    return len(path)


def _simplify(parameter: Parameter | Reference) -> None:
    """One that may be left out is never null, and its description stands once."""
    if not isinstance(parameter, Parameter) or not isinstance(parameter.schema, Schema):
        return
    options = [each for each in parameter.schema.one_of or [] if isinstance(each, Schema)]
    present = [each for each in options if each.type != OpenAPIType.NULL]
    if len(present) == 1:
        parameter.schema = present[0]
    parameter.schema.description = None
