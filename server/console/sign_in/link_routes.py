"""Whoever comes by a link: invited, with a sign-in link of the operator's, or because a password is lost."""

from typing import Any

from litestar import Controller, Response, get, post

from kit.clock import utc_now
from kit.database import connect, in_transaction
from kit.typed_text import clean_up
from programs import programs_repository
from programs.password_resets_repository import find_password_reset
from programs.passwords import MIN_LENGTH, hash_password
from server.backoffice.reset_password import read_reset_token, send_reset, use_reset
from server.backoffice.staff_links import accept_invitation, find_link, follow_sign_in_link
from server.console.form_values import read_field
from server.console.let_in import SIGN_IN
from server.console.sign_in.link_words import LINK_WORDS
from server.console.sign_in.routes import brake, go_on
from server.faces.pages import PageRequest, lead_to, show_page
from server.problems import Problem
from server.web.dependencies import ServicesDependency

ENDED = f"{SIGN_IN}?link_ended=1"


class SignInLinkController(Controller):
    path = "/console/link"

    @get()
    async def show_link(self, request: PageRequest) -> Response[str]:
        """It is followed by a button: what reads links in messages beforehand uses none up."""
        return _page(request, "link")

    @post(status_code=200)
    async def follow_link(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        brake(request, services)
        try:
            done = await follow_sign_in_link(services, await read_field(request, "token", 200))
        except Problem:
            return lead_to(ENDED)
        return go_on(request, done, "", [])


class InvitationController(Controller):
    path = "/console/invitation"

    @get()
    async def show_invitation(self, request: PageRequest) -> Response[str]:
        return _page(request, "invitation")

    @post(status_code=200)
    async def accept(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        brake(request, services)
        token, password = await read_field(request, "token", 200), await read_field(request, "new", 1000)
        if await find_link(services, "invitation", token) is None:
            return lead_to(ENDED)
        if len(password) < MIN_LENGTH:
            return _page(request, "invitation", token=token, error="password_short")
        try:
            done = await accept_invitation(services, token, password)
        except Problem:
            return lead_to(ENDED)
        return go_on(request, done, "/console/account", [])


class LostPasswordController(Controller):
    path = "/console/password"

    @get()
    async def show_lost(self, request: PageRequest) -> Response[str]:
        return _page(request, "lost")

    @post(status_code=200)
    async def ask(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        """The same answer and the same work whether there is such an account or not."""
        brake(request, services)
        code, email = await read_field(request, "program", 40), await read_field(request, "email", 320)
        if "email" not in services.channels:
            return _page(request, "lost", error="no_mail")

        async def work(conn: Any) -> None:
            program = await programs_repository.find_program_by_code(conn, code.strip())
            if program is not None:
                await send_reset(conn, services.keyring, program, clean_up(email).lower(), utc_now())

        await in_transaction(services.pool, work)
        return lead_to("/console/password/new?sent=1")

    @get("/new")
    async def show_new(self, request: PageRequest) -> Response[str]:
        return _page(request, "reset", told="reset_sent" if "sent" in request.query_params else None)

    @post("/new", status_code=200)
    async def set_new(self, request: PageRequest, services: ServicesDependency) -> Response[Any]:
        brake(request, services)
        token, password = await read_field(request, "token", 200), await read_field(request, "new", 1000)
        if len(password) < MIN_LENGTH:
            return _page(request, "reset", token=token, error="password_short")
        try:
            token_hash = read_reset_token(token)
            async with connect(services.pool) as conn:
                reset = await find_password_reset(conn, token_hash, utc_now())
            if reset is None:
                return _page(request, "reset", token=token, error="reset_expired")
            password_hash = await hash_password(password)
            await in_transaction(
                services.pool, lambda conn: use_reset(conn, services, token_hash, reset, password_hash, utc_now())
            )
        except Problem:
            return _page(request, "reset", token=token, error="reset_expired")
        return lead_to(f"{SIGN_IN}?password_set=1")


def _page(
    request: PageRequest, kind: str, *, token: str = "", error: str | None = None, told: str | None = None
) -> Response[str]:
    return show_page(
        request,
        f"console/sign_in/{kind}.html",
        LINK_WORDS,
        status=200 if error is None else 422,
        token=token,
        error=error,
        told=told,
        least=MIN_LENGTH,
    )
