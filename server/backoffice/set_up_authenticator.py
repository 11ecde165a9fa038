"""An authenticator app for somebody of the staff: a secret, a code that shows that the app has it, recovery codes."""

from datetime import datetime

import msgspec

from ids import StaffId
from kit.database import Connection
from kit.sealing import Keyring
from programs import factors_repository, programs_repository, staff_repository
from programs.one_time_codes import (
    find_step,
    is_authenticator_code,
    new_authenticator_secret,
    new_recovery_codes,
    read_code,
    write_authenticator_uri,
)
from programs.staff_repository import Session
from server.backoffice.second_factor import hash_recovery_code, seal_secret, unseal_secret
from server.problems import Problem, not_found


class BegunAuthenticator(msgspec.Struct, frozen=True):
    """What the app is to read: `uri` off a QR, or `secret` typed."""

    secret: str
    uri: str


async def begin_authenticator(
    conn: Connection, keyring: Keyring, staff: Session, now: datetime
) -> BegunAuthenticator | None:
    """The same until it is confirmed; None where one is confirmed already."""
    person = await staff_repository.find_staff(conn, staff.program_id, staff.staff_id)
    program = await programs_repository.find_program(conn, staff.program_id)
    if person is None or program is None:
        raise not_found("person")
    await staff_repository.lock_staff(conn, staff.staff_id)
    found = await factors_repository.find_authenticator(conn, staff.staff_id)
    if found is not None and found.confirmed_at is not None:
        return None
    if found is None:
        secret = new_authenticator_secret()
        sealed = seal_secret(keyring, staff.staff_id, secret)
        await factors_repository.upsert_authenticator(conn, staff.staff_id, sealed, now)
    else:
        secret = unseal_secret(keyring, staff.staff_id, found.sealed_secret)
    return BegunAuthenticator(secret, write_authenticator_uri(secret, person.email, program.name))


async def confirm_authenticator(
    conn: Connection, keyring: Keyring, staff_id: StaffId, typed: str, now: datetime
) -> list[str]:
    """The recovery codes, which are shown this once. Raises Problem."""
    await staff_repository.lock_staff(conn, staff_id)
    found, code = await factors_repository.find_authenticator(conn, staff_id), read_code(typed)
    if found is None or found.confirmed_at is not None or not is_authenticator_code(code):
        raise _wrong()
    step = find_step(unseal_secret(keyring, staff_id, found.sealed_secret), code, now)
    if step is None or not await factors_repository.confirm_authenticator(conn, staff_id, step, now):
        raise _wrong()
    return await renew_recovery_codes(conn, keyring, staff_id)


async def renew_recovery_codes(conn: Connection, keyring: Keyring, staff_id: StaffId) -> list[str]:
    """Those from before are good no more."""
    codes = new_recovery_codes()
    hashes = [hash_recovery_code(keyring, staff_id, read_code(code)) for code in codes]
    await factors_repository.set_recovery_codes(conn, staff_id, hashes)
    return codes


def _wrong() -> Problem:
    return Problem("second-factor-wrong", "Type the code that the app shows now.")
