"""How the API describes itself: OpenAPI 3.1, read at /docs and committed as openapi/openapi.json."""

from importlib.util import find_spec
from pathlib import Path

from litestar import MediaType, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

_DESCRIPTION = """
Send a bearer token with every request but those that anyone may make; each operation says whose.

A write may carry an `Idempotency-Key`: a repeated request with the same key gets the first answer and has no second
effect, for 24 hours. An upload of locations needs none: a repeated one changes nothing.

A request that cannot be answered gets `application/problem+json` (RFC 9457) with a stable `type` and a `detail` that
says what to do. After a 503 send the same request again, after `Retry-After`.

A field or a query parameter that an operation does not know is refused.

Lists are paged: pass `next_cursor` as `cursor` until it is null. Times are ISO 8601 with an offset, positions WGS 84.
"""

PATH = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"

OPENAPI_CONFIG = OpenAPIConfig(
    title="Noren",
    version="1",
    summary="Member cards, geofences, and coupons that are issued exactly once",
    description=_DESCRIPTION,
    path="/docs/described",  # never served: only server.openapi makes an application that describes itself
    components=Components(
        security_schemes={
            "staff": SecurityScheme(type="http", scheme="bearer", description="nrns_…, of POST /v1/sessions"),
            "till": SecurityScheme(type="http", scheme="bearer", description="nrnt_…, of POST /v1/tills"),
            "device": SecurityScheme(type="http", scheme="bearer", description="nrnd_…, of POST /v1/members"),
            "locator": SecurityScheme(
                type="http", scheme="bearer", description="nrnl_…, of POST /v1/me/device/locate-token, or nrnd_…"
            ),
            "locator_password": SecurityScheme(
                type="http", scheme="basic", description="any user name; the password is a token as of `locator`"
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


# From a package of the registry and our own origin: the page works with no way out.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Noren</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/docs/openapi.json", dom_id: "#page", deepLinking: true})</script>
</body>
</html>
"""


def make_docs_router() -> Router:
    """The committed document and a page that shows it. To describe the API anew would take half a second a start."""
    document = PATH.read_bytes()

    @get("/", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
    def show() -> str:
        return _PAGE

    @get("/openapi.json", media_type=MediaType.JSON, include_in_schema=False, sync_to_thread=False)
    def hand_out() -> bytes:
        return document

    return Router("/docs", route_handlers=[show, hand_out, _make_assets_router()])


def _make_assets_router() -> Router:
    spec = find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("swagger-ui-py")
    static = Path(spec.origin).parent / "static"
    return create_static_files_router(path="/assets", directories=[static], include_in_schema=False)
