"""A new password for somebody of the staff who has lost theirs, by a token that is sent to their address.

Whoever asks gets the same answer for an account that is there and for one that is not, after the same statements, so
that nobody can find out who works for a program. Several tokens of a person are good side by side: else whoever knows
the address could end the one that has just been asked for.
"""

from datetime import datetime, timedelta

from channels.deliveries_repository import queue_staff_message
from channels.staff_messages import write_password_change, write_password_reset
from ids import ProgramId, StaffId
from kit.database import Connection
from kit.ids import SECRET_BYTES, digest, from_text, new_secret, to_text
from kit.sealing import Keyring
from members.code_limits import staff_limit
from members.verifications_repository import count_code
from programs import password_resets_repository, programs_repository, staff_repository
from programs.audit_repository import record_audit
from programs.password_resets_repository import RESET_LIFE, PasswordReset
from programs.programs_repository import Program
from server.problems import Problem
from server.web.services import Services

# Told apart from other secrets by people and by scanners of leaked ones. It is no bearer token.
_PREFIX = "nrnp_"
_TOLD_WITHIN = timedelta(hours=24)


async def send_reset(conn: Connection, keyring: Keyring, program: Program, email: str, now: datetime) -> None:
    """`email` in its one form. An address gets one a minute and ten a day; what is beyond is dropped in silence."""
    address_hash = keyring.mac("staff-address", program.id.bytes + email.encode())
    if (await count_code(conn, program.id, staff_limit(address_hash), now)).wait:
        return
    login = await staff_repository.find_login(conn, program.code, email)
    staff_id = None if login is None else login.staff_id
    secret, minutes = new_secret(), int(RESET_LIFE.total_seconds() // 60)
    await password_resets_repository.create_password_reset(conn, digest(secret), staff_id, now)
    message = write_password_reset(email, program.default_locale, program.name, _PREFIX + to_text(secret), minutes)
    await queue_staff_message(conn, keyring, staff_id, program.id, message, now, now + RESET_LIFE)


def read_reset_token(text: str) -> bytes:
    """Its hash. Raises Problem."""
    try:
        secret = from_text(text.strip().removeprefix(_PREFIX))
    except ValueError:
        raise refuse_reset() from None
    if len(secret) != SECRET_BYTES:
        raise refuse_reset()
    return digest(secret)


async def use_reset(
    conn: Connection, services: Services, token_hash: bytes, reset: PasswordReset, password_hash: str, now: datetime
) -> None:
    """Raises Problem where somebody has used it meanwhile, or it has run out."""
    await staff_repository.lock_staff(conn, reset.staff_id)
    if not await password_resets_repository.use_password_reset(conn, token_hash, now):
        raise refuse_reset()
    if not await staff_repository.set_password_hash(conn, reset.program_id, reset.staff_id, password_hash):
        raise refuse_reset()
    await tell_password_change(conn, services, reset.program_id, reset.staff_id, now)
    await record_audit(
        conn,
        reset.program_id,
        actor=f"staff:{reset.staff_id}",
        action="POST /v1/password-resets/confirmation",
        target=str(reset.staff_id),
        now=now,
    )


async def tell_password_change(
    conn: Connection, services: Services, program_id: ProgramId, staff_id: StaffId, now: datetime
) -> None:
    """By e-mail, however it was changed. Where no mail can be sent, nobody is told."""
    if "email" not in services.channels:
        return
    account = await staff_repository.find_account(conn, program_id, staff_id)
    program = await programs_repository.find_program(conn, program_id)
    if account is None or program is None:
        return
    message = write_password_change(account.email, program.default_locale, program.name)
    await queue_staff_message(conn, services.keyring, account.id, program_id, message, now, now + _TOLD_WITHIN)


def refuse_reset() -> Problem:
    return Problem("password-reset-expired", "Ask for a new password once more, and use the newest e-mail.")
