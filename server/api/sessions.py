"""Log-in and log-out of staff."""

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, post
from litestar.params import JSONBody

from kit.clock import utc_now
from kit.database import connect
from programs import staff_repository
from programs.passwords import verify_password
from server.api.fields import Body
from server.api.injected import ServicesGiven
from server.auth import Call
from server.problems import Problem
from server.tokens import SessionToken, write_token


class Credentials(Body, frozen=True):
    program: Annotated[str, msgspec.Meta(max_length=40, description="the program's code", examples=["kissa-sakura"])]
    email: Annotated[str, msgspec.Meta(max_length=320, examples=["owner@example.com"])]
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class OpenedSession(msgspec.Struct, frozen=True):
    token: str
    expires_at: datetime


class Sessions(Controller):
    path = "/v1/sessions"
    tags = ("Staff",)

    @post(summary="Log in with e-mail and password")
    async def log_in(self, data: JSONBody[Credentials], services: ServicesGiven) -> OpenedSession:
        account = f"{data.program}\n{data.email.lower()}"
        wait_s = services.login_throttle.wait_s(account, time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)
        async with connect(services.pool) as conn:
            login = await staff_repository.find_login(conn, data.program, data.email)
        # No connection is held while argon2 takes its time.
        if not await verify_password(login.password_hash if login else None, data.password) or login is None:
            raise Problem("login-failed", "Check the program's code, the e-mail address and the password.")
        async with connect(services.pool) as conn, conn.transaction():
            secret, expires_at = await staff_repository.open_session(conn, login.staff_id, utc_now())
        return OpenedSession(write_token(SessionToken(secret)), expires_at)

    @delete("/current", summary="Log out", status_code=204)
    async def log_out(self, request: Call, services: ServicesGiven) -> None:
        token = request.auth
        if isinstance(token, SessionToken):
            async with connect(services.pool) as conn:
                await staff_repository.close_session(conn, token.secret)
