"""How somebody of the staff gets a session: the API and the console ask the same."""

from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kit.clock import utc_now
from kit.database import connect, in_transaction
from kit.typed_text import clean_up
from programs import staff_repository
from programs.passwords import verify_password
from server.backoffice.log_in_gate import LogInGate
from server.backoffice.second_factor import OpenedLogIn, SecondFactorNeeded, open_or_challenge
from server.problems import Problem
from server.web.services import Services

LogInGateDependency: TypeAlias = NamedDependency[SkipValidation[LogInGate]]


async def log_in(
    services: Services,
    gate: LogInGate,
    program: str,
    email: str,
    password: str,
    network: str,
    known_device: str | None = None,
) -> OpenedLogIn | SecondFactorNeeded:
    """`known_device`: a browser that this account has signed in with before. Raises Problem."""
    email = clean_up(email).lower()
    async with gate.attempt(account_of(program, email), network, known_device) as attempt:
        async with connect(services.pool) as conn:
            login = await staff_repository.find_login(conn, program, email)
        # No connection is held while argon2 takes its time.
        attempt.is_right = await verify_password(login.password_hash if login else None, password)
    if not attempt.is_right or login is None:
        raise Problem("login-failed", "Check the program's code, the e-mail address and the password.")
    staff_id, now = login.staff_id, utc_now()
    return await in_transaction(services.pool, lambda conn: open_or_challenge(conn, staff_id, now))


def account_of(program: str, email: str) -> str:
    return f"{program}\n{email}"
