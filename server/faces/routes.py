"""How the faces' routes are put together: who may ask, where, and what an error looks like."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler, Dependencies, Middleware

from server.faces.assets import FOREVER, read_assets
from server.faces.encodings import takes
from server.faces.fetch_rules import may_ask
from server.faces.headers import COMMON
from server.faces.hosts import API, PREFIXES
from server.faces.pages import PageRequest, faces_of, find_face, lead_to, origin_of, show_page
from server.problems import Problem, not_found
from server.web.errors import answer_problem, to_problem

_TOLD = (400, 403, 404, 429, 503)
# What htmx asked for would be looked for in the error's page in vain, and an empty place would be all that is seen.
IN_PLACE = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML", "HX-Push-Url": "false"}


def require_own_host(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Litestar guard of everything that is not of `/v1`: each Host serves its own. Raises Problem."""
    if not connection.app.state.faces.serves(connection.headers.get("host", ""), connection.scope["path"]):
        raise not_found("path")


def require_own_pages(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Litestar guard of pages. Raises Problem."""
    request: PageRequest = Request(connection.scope)
    if not may_ask(str(connection.scope.get("method")), connection.headers, origin_of(request)):
        raise Problem("forbidden", "Open the page itself, and do it there.")


def show_error(request: PageRequest, error: Exception) -> Response[Any]:
    """As a page, where somebody looks for one: also at a path that no route has."""
    is_api = request.scope["path"].startswith(API)
    if is_api or not faces_of(request).of_host(request.headers.get("host", "")):
        return answer_problem(request, error)
    problem = to_problem(error)
    if problem.status >= 500:
        answer_problem(request, error)  # it is logged there
    status = problem.status if problem.status in _TOLD else 500 if problem.status >= 500 else 400
    headers = problem.headers() | (IN_PLACE if "hx-request" in request.headers else {})
    return show_page(request, "error.html", {}, status=problem.status, headers=headers, shown=str(status))


def make_face_router(
    handlers: Sequence[ControllerRouterHandler], dependencies: Dependencies, middleware: Sequence[Middleware]
) -> Router:
    """The pages of the faces that are served, beside the files that they share. Raises MissingPackages."""
    read_assets()  # what is missing is said at the start
    return Router(
        "/",
        route_handlers=[*handlers, show_first, show_licences, hand_out_asset],
        guards=[require_own_host, require_own_pages],
        exception_handlers={Exception: show_error, HTTPException: show_error},
        dependencies=dependencies,
        middleware=list(middleware),
        include_in_schema=False,
        request_max_body_size=20_000,
    )


@get("/")
async def show_first(request: PageRequest) -> Response[None]:
    """The Host alone: to the face's own beginning."""
    return lead_to(f"{PREFIXES[find_face(request)]}/")


@get("/licences")
async def show_licences(request: PageRequest) -> Response[str]:
    return show_page(request, "licences.html", {}, licences=read_assets().licences)


@get("/assets/{name:str}")
async def hand_out_asset(request: PageRequest, name: FromPath[str]) -> Response[bytes]:
    asset = read_assets().files.get(name)
    if asset is None:
        raise not_found("file")
    headers = {**COMMON, "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    accepted = request.headers.get("accept-encoding", "")
    for encoding, packed in asset.packed.items():
        if takes(encoding, accepted):
            return Response(packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": encoding})
    return Response(asset.content, media_type=asset.media_type, headers=headers)
