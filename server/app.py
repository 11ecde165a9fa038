"""The application: every route, with who may call it, what it needs and how it fails."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.types import Dependencies, Middleware

from kit.pages import PageRequest, parse_page
from server.console.page_access import PAGES
from server.description.document import make_docs_router
from server.faces.hosts import Faces, face_of, is_of_faces
from server.faces.routes import make_face_router, require_own_host, show_error
from server.faces.served import read_faces
from server.problems import Problem
from server.route_handlers import PAGE_HANDLERS, ROUTE_HANDLERS, UPLOADS
from server.runtime.app_check import HEADER as APP_CHECK_HEADER
from server.runtime.leaving import Leaving
from server.runtime.logs import make_log_config
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.services import open_services
from server.settings import Settings
from server.web.access import OPEN_PREFIXES, ROUTES
from server.web.auth import authorize
from server.web.bodies import MAX_BODY_BYTES, require_json
from server.web.errors import EXCEPTION_HANDLERS
from server.web.fields import Cursor, FromDay, Limit, ToDay
from server.web.query_parameters import find_known_parameters, require_known_parameters
from server.web.request_log import tell_requests
from visits.visit import Days

# What `open_services` makes for single features, as their routes ask for it.
OF_FEATURES = ("enrolling", "redeeming", "reporting", "scanning", "log_in_gate", "live_transitions")
CALLERS = ("staff", "till", "device", "pass_id")


def create_app(
    settings: Settings,
    keeper: SnapshotKeeper | None = None,
    leaving: Leaving | None = None,
    *,
    openapi_config: OpenAPIConfig | None = None,
) -> Litestar:
    """The ASGI application. Its lifespan opens the database and refuses an outdated schema.

    `keeper`, `leaving`: see `server.services.open_services`. `openapi_config`: only `server.openapi` has
    Litestar describe the routes; what is served at /docs is the committed document.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_services(settings, keeper, leaving) as opened:
            app.state.update({"services": opened.services, **opened.of_features})
            yield

    provided = {name: _provide(name) for name in ("services", *OF_FEATURES)}
    provided |= {name: _provide_caller() for name in CALLERS}
    faces = read_faces(settings)
    own_host = [require_own_host] if faces.origins else []
    counted: list[Middleware] = [tell_requests]
    guarded = _Guarded(
        "/",
        route_handlers=ROUTE_HANDLERS,
        guards=[*own_host, authorize],
        dependencies={
            **provided,
            "page": Provide(_page, sync_to_thread=False),
            "days": Provide(_days, sync_to_thread=False),
        },
        before_request=_check_request,
        middleware=counted,
    )
    docs = _Guarded("/", route_handlers=[make_docs_router()], guards=own_host)
    app = Litestar(
        [guarded, *UPLOADS, docs, *_make_pages(faces, provided, counted)],
        lifespan=[lifespan],
        exception_handlers={**EXCEPTION_HANDLERS, **({NotFoundException: show_error} if faces.origins else {})},
        openapi_config=openapi_config,
        cors_config=_allow_web_apps(settings),
        logging_config=make_log_config(settings),
        request_max_body_size=MAX_BODY_BYTES,
    )
    _require_access_rules(app)
    app.state.faces = faces
    app.state.known_parameters = find_known_parameters(app)
    return app


def _make_pages(faces: Faces, provided: Dependencies, middleware: Sequence[Middleware]) -> list[Router]:
    """Raises MissingPackages."""
    if not faces.origins:
        return []
    handlers = [handler for face in faces.origins for handler in PAGE_HANDLERS[face]]
    return [make_face_router(handlers, provided, middleware)]


class _Guarded(Router):
    """Made for one application, so it is registered as it is: to copy all its handlers was a fifth of a start."""

    def __deepcopy__(self, memo: dict[int, object]) -> "_Guarded":
        return self


async def _check_request(request: Request[Any, Any, State]) -> None:
    require_known_parameters(request)
    await require_json(request)


def _allow_web_apps(settings: Settings) -> CORSConfig | None:
    """Pages show tokens, never cookies, so no credentials of the browser's are asked for."""
    if settings.web_origins is None:
        return None
    return CORSConfig(
        allow_origins=[origin.strip() for origin in settings.web_origins.split(",")],
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "authorization",
            "content-type",
            "idempotency-key",
            "if-none-match",
            "traceparent",
            "x-request-id",
            APP_CHECK_HEADER,
        ],
        expose_headers=["ETag", "Retry-After", "WWW-Authenticate", "Content-Disposition", "X-Request-Id"],
        max_age=7200,
    )


def _provide(name: str) -> Provide:
    def give(state: State) -> object:
        return state[name]

    return Provide(give, sync_to_thread=False)


def _provide_caller() -> Provide:
    """Whom the guard let in; the route's roles say which kind that is. Litestar wants a function for each name."""

    def give(request: Request[Any, Any, State]) -> object:
        return request.user

    return Provide(give, sync_to_thread=False)


def _page(cursor: Cursor = None, limit: Limit = 50) -> PageRequest:
    return parse_page(cursor, limit)


def _days(from_day: FromDay = None, to_day: ToDay = None) -> Days:
    if from_day is not None and to_day is not None and to_day < from_day:
        raise Problem("invalid-request", "Give a to_day that is not before from_day.")
    return Days(from_day, to_day)


def _require_access_rules(app: Litestar) -> None:
    """A route without a rule, or a rule without a route, is a mistake that must not start."""
    served = {
        (method, route.path_format)
        for route in app.routes
        for method in (getattr(route, "methods", None) or {"POST"})  # our ASGI handlers take POST only
        if method != "OPTIONS" and not route.path_format.startswith(OPEN_PREFIXES)
    }
    _require_same("server/web/access.py", ROUTES, {each for each in served if not is_of_faces(each[1])})
    pages = {each for each in served if face_of(each[1]) == "console"}  # the other faces' guards know no roles
    if pages:
        _require_same("server/console/page_access.py", PAGES, pages)


def _require_same(table: str, rules: Collection[tuple[str, str]], served: set[tuple[str, str]]) -> None:
    if served != set(rules):
        raise RuntimeError(f"{table} and the routes differ: {sorted(served ^ set(rules))}")
