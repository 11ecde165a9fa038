"""In to the console, and out of it."""

from typing import Any

from litestar import Controller, Response, get, post

from kit.database import connect
from programs.staff_repository import close_session
from server.backoffice.log_in import LogInGateDependency, log_in
from server.console.let_in import HOME, SIGN_IN, is_own_path, read_field
from server.console.sessions import find_console_session, make_cookie, make_empty_cookie, read_secret
from server.console.sign_in.words import SIGN_IN_WORDS
from server.faces.pages import PageRequest, lead_to, origin_of, show_page
from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.networks import network_of

# What the problems of a log-in say on the page; any other is a page of its own.
_SAID = {"login-failed": "login_failed", "too-many-attempts": "too_many"}


class SignInController(Controller):
    path = SIGN_IN

    @get()
    async def show_sign_in(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        if await find_console_session(services, read_secret(request, origin_of(request))) is not None:
            return lead_to(HOME)
        told = next((name for name in ("ended", "signed_out") if name in request.query_params), None)
        return _page(request, {"to": request.query_params.get("to", "")}, told=told)

    @post(status_code=200)
    async def sign_in(
        self, request: PageRequest, services: ServicesDependency, log_in_gate: LogInGateDependency
    ) -> Response[Any]:
        """Nobody has a session yet, so no token of one: the browser's word on where the form comes from guards it."""
        typed = {name: await read_field(request, name, 500) for name in ("program", "email", "to")}
        password = await read_field(request, "password", 1000)
        try:
            secret, expires_at = await log_in(
                services, log_in_gate, typed["program"].strip(), typed["email"], password, network_of(request)
            )
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            status = 422 if problem.slug == "login-failed" else problem.status
            return _page(request, typed, error=_SAID[problem.slug], status=status, headers=problem.headers())
        to = typed["to"] if is_own_path(typed["to"]) else HOME
        return lead_to(to, [make_cookie(origin_of(request), secret, expires_at)])


class SignOutController(Controller):
    path = "/console/sign-out"

    @post(status_code=303)
    async def sign_out(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        async with connect(services.pool) as conn:
            await close_session(conn, request.auth)
        return lead_to(f"{SIGN_IN}?signed_out=1", [make_empty_cookie(origin_of(request))])


def _page(
    request: PageRequest,
    typed: dict[str, str],
    *,
    error: str | None = None,
    told: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """The password is not kept: everything else that was typed is."""
    shown = {name: typed.get(name, "") for name in ("program", "email", "to")}
    # A problem of the API asks for a bearer token; a page does not.
    kept = {name: value for name, value in (headers or {}).items() if name == "Retry-After"}
    return show_page(
        request, "console/sign_in.html", SIGN_IN_WORDS, status=status, headers=kept, typed=shown, error=error, told=told
    )
