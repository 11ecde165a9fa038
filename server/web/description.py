"""How the API describes itself: OpenAPI 3.1, read at /docs and committed as openapi/openapi.json."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
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
    SecurityScheme,
)
from litestar.static_files import create_static_files_router

from server.web.access import ROUTES
from server.web.examples import EXAMPLES

_DESCRIPTION = """
Send a bearer token with every request but those that anyone may make; each operation says whose.

A write may carry an `Idempotency-Key`: a repeated request with the same key gets the first answer and has no second
effect, for 24 hours. An upload of locations needs none: a repeated one changes nothing.

A request that cannot be answered gets `application/problem+json` (RFC 9457) with a stable `type` and a `detail` that
says what to do. After a 503 send the same request again, after `Retry-After`.

Lists are paged: pass `next_cursor` as `cursor` until it is null. Times are ISO 8601 with an offset, positions WGS 84.
"""

_PROBLEM = Schema(
    title="Problem",
    type=OpenAPIType.OBJECT,
    required=["type", "title", "status", "detail"],
    properties={
        "type": Schema(type=OpenAPIType.STRING, examples=["urn:noren:problem:not-found"]),
        "title": Schema(type=OpenAPIType.STRING),
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": Schema(type=OpenAPIType.STRING, description="what to do"),
    },
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
    ("POST", "/v1/locations"),
    ("POST", "/v1/clients/owntracks"),
    ("POST", "/v1/clients/transistorsoft"),
    ("POST", "/v1/me/card/google-wallet"),
    ("POST", "/v1/me/device/locate-token"),
    ("POST", "/v1/me/geofences/nearest"),
    # A proof is good once, and an erasure leaves no record.
    ("POST", "/v1/me/export"),
    ("POST", "/v1/me/erasure"),
    ("POST", "/v1/members/{member_id}/export"),
    ("POST", "/v1/sessions"),
    ("DELETE", "/v1/sessions/current"),
    ("POST", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"),
    ("DELETE", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"),
    ("POST", "/apple-wallet/v1/log"),
}

OPENAPI_CONFIG = OpenAPIConfig(
    title="Noren",
    version="1",
    summary="Member cards, geofences, and coupons that are issued exactly once",
    description=_DESCRIPTION,
    path="/docs",
    render_plugins=[
        # From a package of the registry and our own origin: the page works with no way out.
        SwaggerRenderPlugin(
            path="/",
            favicon="<link rel='icon' href='/docs/assets/favicon-32x32.png'>",
            js_url="/docs/assets/swagger-ui-bundle.js",
            css_url="/docs/assets/swagger-ui.css",
            standalone_preset_js_url="/docs/assets/swagger-ui-standalone-preset.js",
        )
    ],
    components=Components(
        security_schemes={
            "staff": SecurityScheme(type="http", scheme="bearer", description="nrns_…, of POST /v1/sessions"),
            "till": SecurityScheme(type="http", scheme="bearer", description="nrnt_…, of POST /v1/tills"),
            "device": SecurityScheme(type="http", scheme="bearer", description="nrnd_…, of POST /v1/members"),
            "locator": SecurityScheme(
                type="http", scheme="bearer", description="nrnl_…, of POST /v1/me/device/locate-token, or nrnd_…"
            ),
            "apple_pass": SecurityScheme(
                type="apiKey",
                name="Authorization",
                security_scheme_in="header",
                description="ApplePass …, the authenticationToken of the pass",
            ),
            "operator": SecurityScheme(type="http", scheme="bearer", description="NOREN_METRICS_TOKEN"),
        }
    ),
)


def make_assets_router() -> Router:
    spec = find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("swagger-ui-py")
    static = Path(spec.origin).parent / "static"
    return create_static_files_router(path="/docs/assets", directories=[static], include_in_schema=False)


def complete_description(app: Litestar, paths: Mapping[str, PathItem], schemas: Mapping[str, Schema]) -> None:
    """Add what Litestar cannot know: who may call, the problems, the keys, and the paths of ASGI handlers."""
    openapi = app.openapi_schema
    openapi.paths = {**(openapi.paths or {}), **paths}
    openapi.components.schemas.update(schemas)
    openapi.components.schemas["Problem"] = _PROBLEM
    _name_times_of_day(list(openapi.components.schemas.values()))
    for path, item in openapi.paths.items():
        for method in ("get", "post", "put", "patch", "delete"):
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                _complete(operation, method.upper(), path)


def _complete(operation: Operation, method: str, path: str) -> None:
    roles = ROUTES[method, path]
    schemes = {
        "owner": "staff", "store_manager": "staff", "device_in_batch": "locator", "merged_device": "device",
        "blocked_device": "device",
    }  # fmt: skip
    names = sorted({schemes.get(role, role) for role in roles} - {"anyone"})
    operation.security = [{name: []} for name in names]
    who = ", ".join(
        sorted(role.replace("device_in_batch", "device") for role in roles - {"merged_device", "blocked_device"})
    )
    operation.description = (
        f"{operation.description}\n\nCallers: {who}." if operation.description else f"Callers: {who}."
    )
    operation.parameters = sorted(operation.parameters or [], key=lambda each: _place_in_path(each, path)) or None
    if method != "GET" and (method, path) not in _WITHOUT_KEY:
        operation.parameters = [*(operation.parameters or []), _IDEMPOTENCY_KEY]
    if isinstance(operation.request_body, RequestBody):
        for media in operation.request_body.content.values():
            media.example = media.example or EXAMPLES[method, path]
    content = {"application/problem+json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))}
    responses = {status: answer for status, answer in (operation.responses or {}).items() if not status.startswith("4")}
    for status, answer in responses.items():
        if status == "204" and isinstance(answer, OpenAPIResponse):  # Litestar gives it a body of JSON null
            answer.content = None
    operation.responses = responses | {"default": OpenAPIResponse(description="A problem", content=content)}


def _place_in_path(parameter: Parameter | Reference, path: str) -> int:
    """Litestar has those that only a guard reads in any order; what stands elsewhere keeps its order behind them."""
    if isinstance(parameter, Parameter) and parameter.param_in == "path":
        return path.find(f"{{{parameter.name}}}")
    return len(path)


def _name_times_of_day(schema: object) -> None:
    """Litestar calls a time of day a duration. OpenAPI's format registry has `time-local` for one without an offset."""
    if isinstance(schema, Schema):
        if schema.format == OpenAPIFormat.DURATION:
            schema.format = cast("OpenAPIFormat", "time-local")
        parts = (schema.properties, schema.additional_properties, schema.items, schema.prefix_items, schema.one_of)
        _name_times_of_day(parts)
    elif isinstance(schema, Mapping):
        _name_times_of_day(list(schema.values()))
    elif isinstance(schema, list | tuple):
        for part in schema:
            _name_times_of_day(part)
