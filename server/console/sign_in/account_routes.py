"""One's own account: password, second factors, sessions."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post

from kit.clock import utc_now
from kit.database import Connection, connect
from kit.ids import to_text
from programs import factors_repository, passkeys_repository, staff_repository
from programs.passwords import MIN_LENGTH, hash_password, verify_password
from programs.staff_repository import Session
from server.backoffice.passkeys import begin_registration, finish_registration, read_credential_id
from server.backoffice.reset_password import tell_password_change
from server.backoffice.set_up_authenticator import begin_authenticator, confirm_authenticator, renew_recovery_codes
from server.console.form_values import read_field
from server.console.frame import find_frame, lead_on, show_in_frame
from server.console.let_in import ACCOUNT
from server.console.sessions import make_cookie
from server.console.sign_in.account_words import ACCOUNT_WORDS
from server.console.sign_in.cookies import make_step_cookie, read_step
from server.console.sign_in.pictures import draw_qr
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest, origin_of
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from server.web.writes import write

_MOST_PASSWORD = 1000
_MOST_NAME = 60


class AccountController(Controller):
    path = ACCOUNT

    @get()
    async def show_account(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        return await show_account(request, staff, services)

    @post("/password", status_code=303)
    async def change_password(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """All sessions end, and a new one begins here."""
        new = await read_field(request, "new", _MOST_PASSWORD)
        if len(new) < MIN_LENGTH:
            return await show_account(request, staff, services, password_error="password_short")
        if not await is_own_password(request, staff, services):
            return await show_account(request, staff, services, password_error="password_wrong")
        new_hash = await hash_password(new)

        async def work(conn: Connection, now: datetime) -> None:
            await staff_repository.set_password_hash(conn, staff.program_id, staff.staff_id, new_hash)
            await tell_password_change(conn, services, staff.program_id, staff.staff_id, now)

        await change_own(request, services, staff, work)
        async with connect(services.pool) as conn:
            secret, expires_at = await staff_repository.open_session(conn, staff.staff_id, utc_now())
        led = lead_on(request, ACCOUNT, "password_changed")
        led.cookies.append(make_cookie(origin_of(request), secret, expires_at))
        return led


class AuthenticatorController(Controller):
    path = f"{ACCOUNT}/authenticator"

    @get()
    async def show_authenticator(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        return await _show_authenticator(request, staff, services)

    @post(status_code=200)
    async def confirm(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        typed = await read_field(request, "code", 100)

        async def work(conn: Connection, now: datetime) -> list[str]:
            return await confirm_authenticator(conn, services.keyring, staff.staff_id, typed, now)

        _brake(services, staff)
        try:
            codes = await change_own(request, services, staff, work)
        except Problem as problem:
            if problem.slug != "second-factor-wrong":
                raise
            return await _show_authenticator(request, staff, services, error="code_wrong")
        return await _show_codes(request, staff, services, codes)

    @post("/remove", status_code=303)
    async def remove(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        if not await is_own_password(request, staff, services):
            return await show_account(request, staff, services, factor_error="password_wrong")

        async def work(conn: Connection, _: datetime) -> None:
            await factors_repository.delete_authenticator(conn, staff.staff_id)

        await change_own(request, services, staff, work)
        return lead_on(request, ACCOUNT, "authenticator_removed")

    @post("/recovery-codes", status_code=200)
    async def renew_codes(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        if not await is_own_password(request, staff, services):
            return await show_account(request, staff, services, factor_error="password_wrong")

        async def work(conn: Connection, _: datetime) -> list[str]:
            return await renew_recovery_codes(conn, services.keyring, staff.staff_id)

        return await _show_codes(request, staff, services, await change_own(request, services, staff, work))


class PasskeyController(Controller):
    path = f"{ACCOUNT}/passkeys"

    @get("/new")
    async def show_new_passkey(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        return await _show_new_passkey(request, staff, services)

    @post("/new", status_code=303)
    async def add_passkey(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        answer, name = await read_field(request, "answer", 20_000), await read_field(request, "name", _MOST_NAME)
        secret = read_step(request) or b""

        async def work(conn: Connection, now: datetime) -> None:
            origin = origin_of(request)
            await finish_registration(conn, origin, staff.staff_id, secret, answer, name.strip() or "Passkey", now)

        try:
            await change_own(request, services, staff, work)
        except Problem as problem:
            if problem.slug not in ("invalid-request", "second-factor-expired"):
                raise
            return await _show_new_passkey(request, staff, services, error="passkey_unusable")
        return lead_on(request, ACCOUNT, "passkey_added")

    @post("/remove", status_code=303)
    async def remove_passkey(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        credential_id = read_credential_id(await read_field(request, "passkey", 2000))
        if not await is_own_password(request, staff, services):
            return await show_account(request, staff, services, factor_error="password_wrong")

        async def work(conn: Connection, _: datetime) -> None:
            await passkeys_repository.delete_passkey(conn, staff.staff_id, credential_id)

        await change_own(request, services, staff, work)
        return lead_on(request, ACCOUNT, "passkey_removed")


async def change_own(
    request: PageRequest, services: Services, staff: Session, work: Callable[[Connection, datetime], Awaitable[Any]]
) -> Any:
    """What the work returns; in the audit trail it stands with the person."""
    made: list[Any] = []

    async def run(conn: Connection, now: datetime) -> None:
        made.append(await work(conn, now))

    await write(request, services, run, is_keyed=False, target=str(staff.staff_id))
    return made[-1]


async def is_own_password(request: PageRequest, staff: Session, services: Services) -> bool:
    """As the form's `password` says: a session that lies open is not enough to change how one gets in."""
    _brake(services, staff)
    async with connect(services.pool) as conn:
        password_hash = await staff_repository.find_password_hash(conn, staff.program_id, staff.staff_id)
    return await verify_password(password_hash, await read_field(request, "password", _MOST_PASSWORD))


def _brake(services: Services, staff: Session) -> None:
    """Raises Problem after ten guesses within five minutes."""
    wait_s = services.password_throttle.wait_s(str(staff.staff_id), time.monotonic())
    if wait_s:
        raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)


async def show_account(
    request: PageRequest,
    staff: Session,
    services: Services,
    *,
    password_error: str | None = None,
    factor_error: str | None = None,
) -> Response[str]:
    now = utc_now()
    async with connect(services.pool) as conn:
        viewing = await open_viewing(conn, request, services, staff)
        values: dict[str, Any] = {
            "factors": await factors_repository.find_factors(conn, staff.staff_id),
            "passkeys": [
                (to_text(each.credential_id), each)
                for each in await passkeys_repository.list_passkeys(conn, staff.staff_id)
            ],
            "sessions": [
                (to_text(each.name), each)
                for each in await staff_repository.list_sessions(conn, staff.staff_id, request.auth, now)
            ],
        }
    status = 200 if password_error is None and factor_error is None else 422
    return viewing.show(
        "console/sign_in/account.html",
        ACCOUNT_WORDS,
        status=status,
        must_add=staff.lacks_factor,
        least=MIN_LENGTH,
        password_error=password_error,
        factor_error=factor_error,
        **values,
    )


async def _show_authenticator(
    request: PageRequest, staff: Session, services: Services, *, error: str | None = None
) -> Response[Any]:
    """The secret stays the same while it is not confirmed, so that a reload does not change the QR."""

    async def work(conn: Connection) -> Any:
        return await find_frame(conn, request, services, staff), await begin_authenticator(
            conn, services.keyring, staff, utc_now()
        )

    async with connect(services.pool) as conn, conn.transaction():
        frame, begun = await work(conn)
    if begun is None:
        return lead_on(request, ACCOUNT, "authenticator_there")
    return show_in_frame(
        request,
        frame,
        "console/sign_in/authenticator.html",
        ACCOUNT_WORDS,
        status=200 if error is None else 422,
        secret=begun.secret,
        qr=draw_qr(begun.uri),
        error=error,
    )


async def _show_codes(request: PageRequest, staff: Session, services: Services, codes: list[str]) -> Response[str]:
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
    return show_in_frame(request, frame, "console/sign_in/recovery_codes.html", ACCOUNT_WORDS, codes=codes)


async def _show_new_passkey(
    request: PageRequest, staff: Session, services: Services, *, error: str | None = None
) -> Response[str]:
    async with connect(services.pool) as conn:
        frame = await find_frame(conn, request, services, staff)
        options, secret = await begin_registration(conn, origin_of(request), frame.person, utc_now())
    page = show_in_frame(
        request,
        frame,
        "console/sign_in/new_passkey.html",
        ACCOUNT_WORDS,
        status=200 if error is None else 422,
        options=options,
        error=error,
    )
    page.cookies.append(make_step_cookie(request, secret))
    return page
