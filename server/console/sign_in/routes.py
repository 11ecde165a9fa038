"""In to the console, and out of it."""

import time
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post

from kit.database import connect
from kit.typed_text import clean_up
from programs.staff_repository import close_session
from server.backoffice.log_in import LogInGateDependency, account_of, log_in
from server.backoffice.second_factor import OpenedLogIn, SecondFactorNeeded
from server.console.form_values import read_field
from server.console.formats import write_wait
from server.console.let_in import HOME, SIGN_IN, is_own_path
from server.console.sessions import find_console_session, make_cookie, make_empty_cookie, read_secret
from server.console.sign_in.cookies import (
    make_device_cookie,
    make_empty_step_cookie,
    make_step_cookie,
    read_known_device,
)
from server.console.sign_in.words import SIGN_IN_WORDS
from server.faces.languages import language_of
from server.faces.pages import PageRequest, lead_to, origin_of, show_page
from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.networks import network_of
from server.web.services import Services

SECOND_STEP = f"{SIGN_IN}/second-factor"
# What the problems of a log-in say on the page; any other is a page of its own.
_SAID = {"login-failed": "login_failed", "too-many-attempts": "too_many"}
_TOLD = ("ended", "signed_out", "step_ended", "link_ended", "password_set")


class SignInController(Controller):
    path = SIGN_IN

    @get()
    async def show_sign_in(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        if await find_console_session(services, read_secret(request, origin_of(request))) is not None:
            return lead_to(HOME)
        told = next((name for name in _TOLD if name in request.query_params), None)
        return _page(request, {"to": request.query_params.get("to", "")}, told=told)

    @post(status_code=200)
    async def sign_in(
        self, request: PageRequest, services: ServicesDependency, log_in_gate: LogInGateDependency
    ) -> Response[Any]:
        """Nobody has a session yet, so no token of one: the browser's word on where the form comes from guards it."""
        typed = {name: await read_field(request, name, 500) for name in ("program", "email", "to")}
        program, password = typed["program"].strip(), await read_field(request, "password", 1000)
        account = account_of(program, clean_up(typed["email"]).lower())
        known = read_known_device(request, services.keyring, account)
        try:
            done = await log_in(services, log_in_gate, program, typed["email"], password, network_of(request), known)
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            status = 422 if problem.slug == "login-failed" else problem.status
            wait = wait_of(request, problem)
            return _page(request, typed, error=_SAID[problem.slug], wait=wait, status=status, headers=problem.headers())
        cookies = [] if known is not None else [make_device_cookie(request, services.keyring, account)]
        return go_on(request, done, typed["to"], cookies)


class SignOutController(Controller):
    path = "/console/sign-out"

    @post(status_code=303)
    async def sign_out(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        async with connect(services.pool) as conn:
            await close_session(conn, request.auth)
        return lead_to(f"{SIGN_IN}?signed_out=1", [make_empty_cookie(origin_of(request))])


def go_on(request: PageRequest, done: OpenedLogIn | SecondFactorNeeded, to: str, cookies: list[Any]) -> Response[None]:
    """To where one wanted to be, or to the second step."""
    if isinstance(done, SecondFactorNeeded):
        query = f"?{urlencode({'to': to})}" if is_own_path(to) else ""
        return lead_to(SECOND_STEP + query, [*cookies, make_step_cookie(request, done.challenge)])
    return enter(request, done, to, cookies)


def enter(request: PageRequest, opened: OpenedLogIn, to: str, cookies: list[Any]) -> Response[None]:
    """With a session that is new: none that the browser had before becomes somebody's."""
    session = make_cookie(origin_of(request), opened.secret, opened.expires_at)
    return lead_to(to if is_own_path(to) else HOME, [session, *cookies, make_empty_step_cookie(request)])


def wait_of(request: PageRequest, problem: Problem) -> str:
    """How long it asks one to wait, in words; empty where it does not."""
    return write_wait(problem.retry_after_s, language_of(request)) if problem.retry_after_s else ""


def brake(request: PageRequest, services: Services) -> None:
    """For what somebody without a session may have made: three hundred a minute and network. Raises Problem."""
    wait_s = services.reset_throttle.wait_s(network_of(request), time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)


def _page(
    request: PageRequest,
    typed: dict[str, str],
    *,
    error: str | None = None,
    wait: str = "",
    told: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """The password is not kept: everything else that was typed is."""
    shown = {name: typed.get(name, "") for name in ("program", "email", "to")}
    # A problem of the API asks for a bearer token; a page does not.
    kept = {name: value for name, value in (headers or {}).items() if name == "Retry-After"}
    return show_page(
        request,
        "console/sign_in/password.html",
        SIGN_IN_WORDS,
        status=status,
        headers=kept,
        typed=shown,
        error=error,
        wait=wait,
        told=told,
    )
