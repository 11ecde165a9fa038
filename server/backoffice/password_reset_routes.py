"""A new password by e-mail, for staff who have lost theirs."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, post
from litestar.datastructures import State
from litestar.params import JSONBody

from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.typed_text import clean_up
from members.code_limits import RESEND_AFTER
from programs import programs_repository
from programs.password_resets_repository import RESET_LIFE, find_password_reset
from programs.passwords import hash_password
from server.backoffice.reset_password import read_reset_token, refuse_reset, send_reset, use_reset
from server.problems import Problem
from server.web.dependencies import ServicesDependency
from server.web.fields import Body, Password
from server.web.networks import network_of
from server.web.services import Services


class PasswordResetRequest(Body, frozen=True):
    """Whose password is lost."""

    program: Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["kissa-sakura"])]
    """The program's code."""
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320, examples=["owner@example.com"])]
    """The e-mail address under which an owner has added them."""


class RequestedPasswordReset(msgspec.Struct, frozen=True):
    """An e-mail is on its way, if there is such an account."""

    valid_for_s: int
    """How long its token is good, in seconds."""
    resend_after_s: int
    """After how many seconds another one can be asked for."""


class PasswordResetConfirmation(Body, frozen=True):
    """The token of the e-mail, and what the password shall be."""

    token: Annotated[str, msgspec.Meta(max_length=200, examples=["nrnp_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW8"])]
    """It is good once, for 30 minutes."""
    password: Password
    """The password from now on."""


class PasswordResetController(Controller):
    path = "/v1/password-resets"
    tags = ("Staff",)

    @post(
        operation_id="requestPasswordReset",
        summary="Have a token for a new password sent by e-mail",
        description="The answer is the same whether there is such an account or not. "
        "An address gets an e-mail a minute, and ten a day.",
        status_code=202,
    )
    async def request_password_reset(
        self, data: JSONBody[PasswordResetRequest], request: Request[Any, Any, State], services: ServicesDependency
    ) -> RequestedPasswordReset:
        if "email" not in services.channels:
            raise Problem(
                "channel-not-configured",
                "Ask an owner for a new password, or the operator: no e-mail can be sent (docs/running.md).",
            )
        _brake(services, request)
        email = clean_up(data.email).lower()

        async def work(conn: Connection) -> None:
            program = await programs_repository.find_program_by_code(conn, data.program)
            if program is not None:  # which programs there are is no secret
                await send_reset(conn, services.keyring, program, email, utc_now())

        await in_transaction(services.pool, work)
        return RequestedPasswordReset(int(RESET_LIFE.total_seconds()), int(RESEND_AFTER.total_seconds()))

    @post(
        "/confirmation",
        operation_id="confirmPasswordReset",
        summary="Set a new password by the token of the e-mail; all sessions end",
        status_code=204,
    )
    async def confirm_password_reset(
        self, data: JSONBody[PasswordResetConfirmation], request: Request[Any, Any, State], services: ServicesDependency
    ) -> None:
        _brake(services, request)
        token_hash = read_reset_token(data.token)
        async with connect(services.pool) as conn:
            reset = await find_password_reset(conn, token_hash, utc_now())
        if reset is None:  # argon2 works for nobody who has only guessed
            raise refuse_reset()
        password_hash, found = await hash_password(data.password), reset

        async def work(conn: Connection) -> None:
            await use_reset(conn, services, token_hash, found, password_hash, utc_now())

        await in_transaction(services.pool, work)


def _brake(services: Services, request: Request[Any, Any, State]) -> None:
    """Raises Problem after three hundred requests from one network within a minute."""
    network = network_of(request)
    wait_s = services.reset_throttle.wait_s(network, time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)
