"""Log-in and log-out of staff."""

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Request, Response, delete, post, put
from litestar.datastructures import State
from litestar.params import JSONBody

from kit.database import Connection, connect
from programs import staff_repository
from programs.passwords import hash_password, verify_password
from server.backoffice.log_in import LogInGateDependency, log_in
from server.backoffice.reset_password import tell_password_change
from server.backoffice.second_factor import (
    OpenedLogIn,
    SecondFactorNeeded,
    pass_second_factor,
    read_challenge,
    write_challenge,
)
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body, Password
from server.web.networks import network_of
from server.web.services import Services
from server.web.tokens import SessionToken, write_token
from server.web.writes import write


class Credentials(Body, frozen=True):
    """With what somebody of the staff logs in."""

    program: Annotated[str, msgspec.Meta(max_length=40, examples=["kissa-sakura"])]
    """The program's code."""
    email: Annotated[str, msgspec.Meta(max_length=320, examples=["owner@example.com"])]
    """The e-mail address under which an owner has added them."""
    password: Annotated[str, msgspec.Meta(max_length=1000)]
    """Their password."""


class SecondFactor(Body, frozen=True):
    """What the password alone does not show."""

    challenge: Annotated[
        str, msgspec.Meta(max_length=200, examples=["nrnf_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW8"])
    ]
    """As the problem `second-factor-required` brought it."""
    code: Annotated[str, msgspec.Meta(max_length=40, examples=["287082"])]
    """The six digits that the authenticator shows, or a recovery code."""


class OpenedSession(msgspec.Struct, frozen=True):
    """A session of somebody of the staff."""

    token: str
    """Send it as the bearer token. It is shown this once."""
    expires_at: datetime
    """Until when the token is good; then log in again."""


class PasswordChange(Body, frozen=True):
    """A new password for yourself."""

    current: Annotated[str, msgspec.Meta(max_length=1000)]
    """The password until now."""
    new: Password
    """The password from now on."""


class SessionController(Controller):
    path = "/v1/sessions"
    tags = ("Staff",)

    @post(operation_id="logIn", summary="Log in with e-mail and password")
    async def log_in(
        self,
        data: JSONBody[Credentials],
        request: Request[None, None, State],
        services: ServicesDependency,
        log_in_gate: LogInGateDependency,
    ) -> OpenedSession:
        """Whoever has a second factor gets `second-factor-required` with a challenge, and goes on with
        `POST /v1/sessions/second-factor`.
        """
        opened = await log_in(services, log_in_gate, data.program, data.email, data.password, network_of(request))
        if isinstance(opened, SecondFactorNeeded):
            raise Problem(
                "second-factor-required",
                "Send the challenge with a code of the authenticator to POST /v1/sessions/second-factor.",
                challenge=write_challenge(opened.challenge),
                methods=opened.methods,
            )
        return _view(opened)

    @post("/second-factor", operation_id="passSecondFactor", summary="Go on with a log-in by a second factor")
    async def pass_second_factor(
        self, data: JSONBody[SecondFactor], request: Request[None, None, State], services: ServicesDependency
    ) -> OpenedSession:
        """A challenge is good for five minutes and five attempts, a code once. Passkeys work in the console."""
        wait_s = services.reset_throttle.wait_s(network_of(request), time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)
        return _view(await pass_second_factor(services, read_challenge(data.challenge), data.code))

    @put(
        "/current/password",
        operation_id="changePassword",
        summary="Change your own password; log in again afterwards",
        status_code=204,
    )
    async def change_password(
        self, data: JSONBody[PasswordChange], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        _brake_guesses(services, str(staff.staff_id))
        async with connect(services.pool) as conn:
            password_hash = await staff_repository.find_password_hash(conn, staff.program_id, staff.staff_id)
        if not await verify_password(password_hash, data.current):
            raise Problem("login-failed", "Check the current password.")
        new_hash = await hash_password(data.new)

        async def work(conn: Connection, now: datetime) -> None:
            await staff_repository.set_password_hash(conn, staff.program_id, staff.staff_id, new_hash)
            await tell_password_change(conn, services, staff.program_id, staff.staff_id, now)

        return await write(request, services, work, status=204)

    @delete("/current", operation_id="logOut", summary="Log out", status_code=204)
    async def log_out(self, request: Call, services: ServicesDependency) -> None:
        token = request.auth
        if isinstance(token, SessionToken):
            async with connect(services.pool) as conn:
                await staff_repository.close_session(conn, token.secret)


def _view(opened: OpenedLogIn) -> OpenedSession:
    return OpenedSession(write_token(SessionToken(opened.secret)), opened.expires_at)


def _brake_guesses(services: Services, account: str) -> None:
    """Raises Problem after ten attempts at one account within five minutes."""
    wait_s = services.password_throttle.wait_s(account, time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)
