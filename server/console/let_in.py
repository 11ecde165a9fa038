"""Who is let in to the console's pages. Runs before each of them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.datastructures import Cookie

from kit.clock import utc_now
from kit.database import connect
from programs.staff_repository import find_person_of_session
from server.console.acts import name_act
from server.console.form_values import read_field
from server.console.frame import find_frame, show_in_frame
from server.console.page_access import PAGES
from server.console.sessions import (
    CSRF_FIELD,
    CSRF_HEADER,
    find_console_session,
    is_csrf_token,
    make_empty_cookie,
    read_secret,
)
from server.console.typed_before import is_small, keep_typed
from server.faces.pages import PageRequest, lead_to, origin_of
from server.faces.routes import IN_PLACE
from server.problems import Problem
from server.web.services import Services
from server.web.writes import ACT

SIGN_IN = "/console/sign-in"
HOME = "/console/overview"
ACCOUNT = "/console/account"
_FACTORLESS = ("/console/sign-out", ACCOUNT)
_MOST_PATH = 500


async def let_in(request: PageRequest) -> Response[Any] | None:
    """Sets `user` and `auth` of the request. Raises Problem; leads to the sign-in where there is no session, and says
    where the role does not open the page.
    """
    services: Services = request.app.state.services
    origin = origin_of(request)
    secret = read_secret(request, origin)
    session = await find_console_session(services, secret)
    if session is None or secret is None:
        kept = [] if secret is None else await _keep_typed(request, services, secret, origin)
        return _lead_to_sign_in(request, origin, kept, has_ended=secret is not None)
    if request.method != "GET" and not is_csrf_token(services.keyring, secret, await _shown_token(request)):
        raise Problem("forbidden", "Open the page anew, and send its form again.")
    request.scope["user"], request.scope["auth"] = session, secret
    template = request.scope["path_template"]
    request.scope["state"][ACT] = name_act(str(request.method), template, request.path_params)
    if session.lacks_factor and not request.scope["path"].startswith(_FACTORLESS):
        return lead_to(ACCOUNT)
    if session.role in PAGES[str(request.method), template]:
        return None
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, session)
    headers = IN_PLACE if "hx-request" in request.headers else {}
    return show_in_frame(request, frame, "console/not_yours.html", {}, status=403, headers=headers)


async def _shown_token(request: PageRequest) -> str:
    shown = request.headers.get(CSRF_HEADER)
    return shown if shown is not None else await read_field(request, CSRF_FIELD, 100)


async def _keep_typed(request: PageRequest, services: Services, secret: bytes, origin: str) -> list[Cookie]:
    """Of a form of ours whose session has expired."""
    page, now = _page_of(request, origin), utc_now()
    if request.method == "GET" or not is_own_path(page) or not is_small(request):
        return []
    if not is_csrf_token(services.keyring, secret, await _shown_token(request)):
        return []
    async with connect(services.pool) as conn:
        staff_id = await find_person_of_session(conn, secret)
    return [] if staff_id is None else await keep_typed(request, services.keyring, staff_id, page, now)


def _lead_to_sign_in(request: PageRequest, origin: str, kept: Sequence[Cookie], *, has_ended: bool) -> Response[None]:
    path = _page_of(request, origin)
    asked = {"ended": "1"} if has_ended else {}
    if is_own_path(path) and path != HOME:
        asked["to"] = path
    url = f"{SIGN_IN}?{urlencode(asked)}" if asked else SIGN_IN
    cookies = [make_empty_cookie(origin), *kept] if has_ended else []
    if "hx-request" in request.headers:  # htmx would swap the sign-in into a part of the page
        headers = {"HX-Redirect": url, "Cache-Control": "no-store"}
        return Response(None, status_code=200, headers=headers, cookies=cookies)
    return lead_to(url, cookies)


def _page_of(request: PageRequest, origin: str) -> str:
    """Where they were: of what a page has sent, that page (ours send the Referer)."""
    if request.method == "GET":
        query: bytes = request.scope["query_string"]
        path: str = request.scope["path"]
        return path + (f"?{query.decode('latin-1')}" if query else "")
    came_from = request.headers.get("referer", "")
    return came_from.removeprefix(origin) if came_from.startswith(f"{origin}/") else ""


def is_own_path(path: str) -> bool:
    """Whether to lead there after the sign-in: a page of the console, whatever stands in a link."""
    plain = path.isascii() and path.isprintable() and not set(path) & set("\\ ")
    return plain and path.startswith("/console/") and not path.startswith(SIGN_IN) and len(path) <= _MOST_PATH
