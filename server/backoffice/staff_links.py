"""Links for somebody of the staff: an invitation by e-mail, and a sign-in link that the operator makes.

The secret stands behind `#`, which a browser sends to nobody: no log, no Referer has it. The page puts it into
its form.
"""

from datetime import datetime

from channels.deliveries_repository import queue_staff_message
from channels.staff_messages import write_invitation
from ids import StaffId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.ids import SECRET_BYTES, from_text, to_text
from programs import staff_links_repository, staff_repository
from programs.audit_repository import record_audit
from programs.passwords import hash_password
from programs.programs_repository import Program
from programs.staff_links_repository import LINK_LIVES, LinkPurpose, StaffLink
from programs.staff_repository import StaffMember
from server.backoffice.second_factor import OpenedLogIn, SecondFactorNeeded, open_or_challenge
from server.problems import Problem
from server.web.services import Services

INVITATION_PATH, SIGN_IN_PATH = "/console/invitation", "/console/link"
_PREFIXES: dict[LinkPurpose, str] = {"invitation": "nrni_", "sign_in": "nrnk_"}


async def send_invitation(conn: Connection, services: Services, program: Program, person: StaffMember) -> None:
    """The one that was sent before is good no more. Raises Problem where no e-mail can be sent, or nobody reads it."""
    origin, now = services.settings.console_url, utc_now()
    if origin is None or "email" not in services.channels:
        raise Problem(
            "channel-not-configured",
            "Ask the operator for e-mail and NOREN_CONSOLE_URL (docs/running.md).",
        )
    secret = await staff_links_repository.create_staff_link(conn, person.id, "invitation", now)
    link = f"{origin}{INVITATION_PATH}#{write_link_token('invitation', secret)}"
    life = LINK_LIVES["invitation"]
    message = write_invitation(person.email, program.default_locale, program.name, link, life.days)
    await queue_staff_message(conn, services.keyring, person.id, program.id, message, now, now + life)


async def issue_sign_in_link(conn: Connection, origin: str, staff_id: StaffId, now: datetime) -> str:
    """Good once, for five minutes; the one before ends. For the operator: whoever opens it signs in as that person."""
    secret = await staff_links_repository.create_staff_link(conn, staff_id, "sign_in", now)
    return f"{origin}{SIGN_IN_PATH}#{write_link_token('sign_in', secret)}"


async def find_link(services: Services, purpose: LinkPurpose, token: str) -> StaffLink | None:
    secret = read_link_token(purpose, token)
    if secret is None:
        return None
    async with connect(services.pool) as conn:
        return await staff_links_repository.find_staff_link(conn, secret, purpose, utc_now())


async def follow_sign_in_link(services: Services, token: str) -> OpenedLogIn | SecondFactorNeeded:
    """It stands for the password, not for a second factor. Raises Problem."""
    secret, now = read_link_token("sign_in", token), utc_now()

    async def work(conn: Connection) -> OpenedLogIn | SecondFactorNeeded:
        found = None
        if secret is not None:
            found = await staff_links_repository.find_staff_link(conn, secret, "sign_in", now)
        if (
            secret is None
            or found is None
            or not await staff_links_repository.use_staff_link(conn, secret, "sign_in", now)
        ):
            raise link_ended()
        await _record(conn, found, SIGN_IN_PATH, now)
        return await open_or_challenge(conn, found.staff_id, now, "link")

    return await in_transaction(services.pool, work)


async def accept_invitation(services: Services, token: str, password: str) -> OpenedLogIn | SecondFactorNeeded:
    """Set the first password and sign in. Raises Problem."""
    secret = read_link_token("invitation", token)
    if secret is None or await find_link(services, "invitation", token) is None:  # argon2 works for no guess
        raise link_ended()
    password_hash, now = await hash_password(password), utc_now()

    async def work(conn: Connection) -> OpenedLogIn | SecondFactorNeeded:
        found = await staff_links_repository.find_staff_link(conn, secret, "invitation", now)
        if found is None:
            raise link_ended()
        await staff_repository.lock_staff(conn, found.staff_id)
        if not await staff_links_repository.use_staff_link(conn, secret, "invitation", now):
            raise link_ended()
        await staff_repository.set_password_hash(conn, found.program_id, found.staff_id, password_hash)
        await _record(conn, found, INVITATION_PATH, now)
        return await open_or_challenge(conn, found.staff_id, now)

    return await in_transaction(services.pool, work)


async def _record(conn: Connection, link: StaffLink, path: str, now: datetime) -> None:
    actor, target = f"staff:{link.staff_id}", str(link.staff_id)
    await record_audit(conn, link.program_id, actor=actor, action=f"POST {path}", target=target, now=now)


def write_link_token(purpose: LinkPurpose, secret: bytes) -> str:
    return _PREFIXES[purpose] + to_text(secret)


def read_link_token(purpose: LinkPurpose, text: str) -> bytes | None:
    prefix = _PREFIXES[purpose]
    try:
        secret = from_text(text.strip().removeprefix(prefix))
    except ValueError:
        return None
    is_one = text.strip().startswith(prefix) and len(secret) == SECRET_BYTES
    return secret if is_one else None


def link_ended() -> Problem:
    return Problem("password-reset-expired", "Ask for a new link: this one was used, or is no longer good.")
