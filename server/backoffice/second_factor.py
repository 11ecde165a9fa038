"""The second step of a log-in: a code of an authenticator, or a recovery code.

Whoever has shown the right password gets a challenge, which is good for five minutes and five attempts; a person has
twenty wrong ones an hour over all challenges. Attempts of one person are judged one after the other, each is counted
before it is judged, and what was right once is not right again.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ids import StaffId
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from kit.ids import SECRET_BYTES, digest, from_text, new_secret, to_text
from kit.sealing import Keyring
from programs import factors_repository, staff_repository
from programs.factors_repository import Factors
from programs.one_time_codes import find_step, is_authenticator_code, read_code
from programs.staff_repository import SessionMethod
from server.problems import CommittedRefusal, Problem
from server.web.services import Services

FactorMethod = Literal["authenticator", "recovery_code", "passkey"]
_MOST_FAILURES_AN_HOUR = 20
_PREFIX = "nrnf_"


class OpenedLogIn(msgspec.Struct, frozen=True):
    """A session. `staff_id`: whose."""

    secret: bytes
    expires_at: datetime
    staff_id: StaffId


class SecondFactorNeeded(msgspec.Struct, frozen=True):
    """The password was right; `challenge` is the secret of the next step."""

    challenge: bytes
    methods: Sequence[FactorMethod]


async def open_or_challenge(
    conn: Connection, staff_id: StaffId, now: datetime, method: SessionMethod = "password"
) -> OpenedLogIn | SecondFactorNeeded:
    """For who has shown their password, or what stands for it (`method`)."""
    factors = await factors_repository.find_factors(conn, staff_id)
    if not factors.are_there:
        return OpenedLogIn(*await staff_repository.open_session(conn, staff_id, now, method), staff_id)
    challenge = await factors_repository.create_challenge(conn, staff_id, "second_factor", new_secret(), now)
    return SecondFactorNeeded(challenge, methods_of(factors))


def methods_of(factors: Factors) -> list[FactorMethod]:
    codes: list[FactorMethod] = ["authenticator"] if factors.has_authenticator else []
    recovery: list[FactorMethod] = ["recovery_code"] if factors.recovery_codes else []
    passkeys: list[FactorMethod] = ["passkey"] if factors.passkeys else []
    return [*codes, *passkeys, *recovery]


async def pass_second_factor(services: Services, challenge: bytes, typed: str) -> OpenedLogIn:
    """Raises Problem."""
    now = utc_now()

    async def work(conn: Connection) -> OpenedLogIn | CommittedRefusal:
        begun = await factors_repository.find_challenge(conn, challenge, "second_factor", now)
        if begun is None or begun.staff_id is None:
            raise challenge_expired()
        staff_id = begun.staff_id
        await staff_repository.lock_staff(conn, staff_id)
        failures, until = await factors_repository.count_failures_of(conn, staff_id, now)
        if failures >= _MOST_FAILURES_AN_HOUR:
            wait_s = math.ceil((until - now).total_seconds())
            raise Problem("too-many-attempts", f"Try again in {wait_s} s, or use a passkey.", retry_after_s=wait_s)
        if not await factors_repository.count_attempt(conn, challenge, now):
            raise challenge_expired()
        method = await _judge(conn, services.keyring, staff_id, read_code(typed), now)
        if method is None:
            return CommittedRefusal(Problem("second-factor-wrong", "Type the code that the app shows now."))
        await factors_repository.use_challenge(conn, challenge, now)
        return OpenedLogIn(*await staff_repository.open_session(conn, staff_id, now, method), staff_id)

    done = await in_transaction(services.pool, work)
    if isinstance(done, CommittedRefusal):
        raise done.problem
    return done


async def _judge(
    conn: Connection, keyring: Keyring, staff_id: StaffId, code: str, now: datetime
) -> SessionMethod | None:
    if not is_authenticator_code(code):
        is_right = await factors_repository.use_recovery_code(
            conn, staff_id, hash_recovery_code(keyring, staff_id, code)
        )
        return "recovery_code" if is_right else None
    authenticator = await factors_repository.find_authenticator(conn, staff_id)
    if authenticator is None or authenticator.confirmed_at is None:
        return None
    step = find_step(unseal_secret(keyring, staff_id, authenticator.sealed_secret), code, now)
    is_right = step is not None and await factors_repository.use_authenticator_step(conn, staff_id, step)
    return "code" if is_right else None


def seal_secret(keyring: Keyring, staff_id: StaffId, secret: str) -> bytes:
    return keyring.seal("staff authenticator", staff_id.bytes, secret.encode())


def unseal_secret(keyring: Keyring, staff_id: StaffId, sealed: bytes) -> str:
    return keyring.unseal("staff authenticator", staff_id.bytes, sealed).decode()


def hash_recovery_code(keyring: Keyring, staff_id: StaffId, code: str) -> bytes:
    """`code`: in its one form (`read_code`)."""
    return keyring.mac("staff recovery code", staff_id.bytes + digest(code.encode()))


def write_challenge(secret: bytes) -> str:
    return _PREFIX + to_text(secret)


def read_challenge(text: str) -> bytes:
    """Raises Problem."""
    try:
        secret = from_text(text.strip().removeprefix(_PREFIX))
    except ValueError:
        raise challenge_expired() from None
    if len(secret) != SECRET_BYTES:
        raise challenge_expired()
    return secret


def challenge_expired() -> Problem:
    return Problem("second-factor-expired", "Log in with the password once more, and then with a new code.")
