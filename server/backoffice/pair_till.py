"""A device becomes a till by a code that staff show it as a QR: good once, for five minutes.

The till's key never stands on a screen. It is made when the code is taken, and the former key stops working with that,
not before: a code that nobody takes changes nothing (docs/decisions/0094).
"""

from datetime import datetime, timedelta
from uuid import UUID

from ids import TillId
from kit.database import Connection
from kit.ids import SECRET_BYTES, from_text, new_secret, to_text
from programs import programs_repository, tills_repository
from programs.audit_repository import record_audit
from programs.staff_repository import Session
from programs.tills_repository import TillPairing
from server.backoffice.till_routes import find_own_till
from server.problems import Problem, not_found
from server.web.tokens import TillKey, write_token

PAIRING_LIFE = timedelta(minutes=5)
# Told apart from other secrets by people and by scanners of leaked ones. It is no bearer token.
_PREFIX = "nrnc_"


async def issue_pairing_code(conn: Connection, staff: Session, till_id: TillId, now: datetime) -> tuple[str, str]:
    """The code, and the code of the program in whose till page it is used. Raises Problem."""
    till, secret = await find_own_till(conn, staff, till_id), new_secret()
    program = await programs_repository.find_program(conn, till.program_id)
    expires_at = now + PAIRING_LIFE
    is_set = await tills_repository.set_pairing_code(conn, till.program_id, till_id, secret, expires_at)
    if program is None or not is_set:
        raise not_found("till")
    return _PREFIX + to_text(till_id.bytes + secret), program.code


def write_pairing_link(origin: str, program_code: str, code: str) -> str:
    """`origin`: of the till's pages. What stands behind # reaches no server, and so no log."""
    return f"{origin}/till/{program_code}/#pair={code}"


async def pair_till(conn: Connection, program_code: str, text: str, now: datetime) -> tuple[TillPairing, str]:
    """The till, and its new key. Raises Problem."""
    read = _read_code(text)
    secret = new_secret()
    paired = None
    if read is not None:
        paired = await tills_repository.take_pairing_code(conn, program_code, *read, secret, now)
    if paired is None:
        raise Problem("pairing-code-expired", "Have a new code shown on the console's page of tills, and scan that.")
    await record_audit(
        conn,
        paired.program_id,
        actor=f"till:{paired.id}",
        action="POST /v1/till-pairings",
        target=str(paired.id),
        now=now,
    )
    return paired, write_token(TillKey(paired.id, secret))


def _read_code(text: str) -> tuple[TillId, bytes] | None:
    try:
        raw = from_text(text.strip().removeprefix(_PREFIX))
    except ValueError:
        return None
    if len(raw) != 16 + SECRET_BYTES:
        return None
    return TillId(UUID(bytes=raw[:16])), raw[16:]
