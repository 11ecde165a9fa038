"""The second step of a sign-in, and the sign-in by a passkey alone."""

from typing import Any

from litestar import Controller, Response, get, post

from kit.clock import utc_now
from kit.database import connect, in_transaction
from programs import factors_repository
from server.backoffice.passkeys import begin_sign_in, find_step_options, pass_with_passkey
from server.backoffice.second_factor import pass_second_factor
from server.console.form_values import read_field
from server.console.let_in import SIGN_IN
from server.console.sign_in.cookies import make_step_cookie, read_step
from server.console.sign_in.routes import SECOND_STEP, brake, enter, wait_of
from server.console.sign_in.words import SIGN_IN_WORDS
from server.faces.pages import PageRequest, lead_to, origin_of, show_page
from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.services import Services

PASSKEY = f"{SIGN_IN}/passkey"
_ANSWER_LENGTH = 10_000
_SAID = {"second-factor-wrong": "factor_wrong", "too-many-attempts": "factor_too_many"}


class SecondStepController(Controller):
    path = SECOND_STEP

    @get()
    async def show_step(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        return await _show_step(request, services, request.query_params.get("to", ""))

    @post(status_code=200)
    async def take_step(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        """By a code, or by the answer of a passkey."""
        brake(request, services)
        challenge, to = read_step(request), await read_field(request, "to", 500)
        answer = await read_field(request, "answer", _ANSWER_LENGTH)
        if challenge is None:
            return lead_to(f"{SIGN_IN}?step_ended=1")
        try:
            if answer:
                opened = await pass_with_passkey(services, origin_of(request), challenge, answer, "second_factor")
            else:
                opened = await pass_second_factor(services, challenge, await read_field(request, "code", 100))
        except Problem as problem:
            if problem.slug not in _SAID:
                return lead_to(f"{SIGN_IN}?step_ended=1")
            wait = wait_of(request, problem)
            return await _show_step(request, services, to, error=_SAID[problem.slug], wait=wait)
        return enter(request, opened, to, [])


class PasskeySignInController(Controller):
    path = PASSKEY

    @get()
    async def show_passkey(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        return await _show_passkey(request, services, request.query_params.get("to", ""))

    @post(status_code=200)
    async def take_passkey(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        brake(request, services)
        challenge, to = read_step(request), await read_field(request, "to", 500)
        answer = await read_field(request, "answer", _ANSWER_LENGTH)
        try:
            if challenge is None:
                raise Problem("second-factor-expired", "Begin anew.")
            opened = await pass_with_passkey(services, origin_of(request), challenge, answer, "passkey_sign_in")
        except Problem as problem:
            error = "passkey_expired" if problem.slug == "second-factor-expired" else "passkey_wrong"
            return await _show_passkey(request, services, to, error=error)
        return enter(request, opened, to, [])


async def _show_step(
    request: PageRequest, services: Services, to: str, *, error: str | None = None, wait: str = ""
) -> Response[Any]:
    challenge, now = read_step(request), utc_now()
    if challenge is None:
        return lead_to(f"{SIGN_IN}?step_ended=1")
    async with connect(services.pool) as conn:
        begun = await factors_repository.find_challenge(conn, challenge, "second_factor", now)
        if begun is None or begun.staff_id is None:
            return lead_to(f"{SIGN_IN}?step_ended=1")
        factors = await factors_repository.find_factors(conn, begun.staff_id)
        options = await find_step_options(conn, origin_of(request), challenge, now)
    return show_page(
        request,
        "console/sign_in/second_factor.html",
        SIGN_IN_WORDS,
        status=200 if error is None else 422,
        factors=factors,
        options=options,
        to=to,
        error=error,
        wait=wait,
    )


async def _show_passkey(
    request: PageRequest, services: Services, to: str, *, error: str | None = None
) -> Response[Any]:
    """Each time with a challenge of its own."""
    brake(request, services)
    options, challenge = await in_transaction(
        services.pool, lambda conn: begin_sign_in(conn, origin_of(request), utc_now())
    )
    return show_page(
        request,
        "console/sign_in/passkey.html",
        SIGN_IN_WORDS,
        status=200 if error is None else 422,
        cookies=[make_step_cookie(request, challenge)],
        options=options,
        to=to,
        error=error,
    )
