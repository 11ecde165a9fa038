"""A permit: the staff tell a member who has lost their contacts a code, by which they change or remove one (ADR 0063).

It shows that somebody of the staff has made sure of the person. What comes by it still proves nothing for three days,
and the former contacts are told as of any change.
"""

from datetime import datetime

import msgspec

from ids import MemberId, VerificationId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members.member import Member
from members.permits_repository import count_permit_attempt, create_permit, use_permit
from members.verification_codes import hash_code, is_code_correct, new_code, read_code
from server.problems import CommittedRefusal, Problem


class ContactPermit(msgspec.Struct, frozen=True):
    """A code for the member, who types it in the app."""

    code: str
    """Six digits. Tell it to the member, and to nobody else; it is shown only now."""
    expires_at: datetime
    """Until when it is good. A newer one ends it at once."""


async def permit_change(conn: Connection, keyring: Keyring, member: Member, now: datetime) -> ContactPermit:
    """Raises Problem."""
    if member.state not in ("active", "blocked"):
        raise Problem("invalid-member-state", "Read the member again: their card has ended.")
    code, permit_id = new_code(), VerificationId(new_id())
    code_hash = hash_code(keyring, permit_id, code)
    expires_at = await create_permit(conn, member.member_id, member.program_id, permit_id, code_hash, now)
    return ContactPermit(code, expires_at)


async def show_permit(
    conn: Connection, keyring: Keyring, member_id: MemberId, typed: str, now: datetime
) -> CommittedRefusal | None:
    """It is used up. A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back."""
    code = read_code(typed)
    if code is None:
        raise Problem("invalid-request", "Let the person type the six digits of the code.")
    attempt = await count_permit_attempt(conn, member_id, now)
    if attempt is None:
        return CommittedRefusal(Problem("verification-expired", "Ask the staff for a new code."))
    if not is_code_correct(keyring, attempt.id, code, attempt.code_hash):
        return CommittedRefusal(
            Problem("incorrect-code", "Let the person type it again.", tries_left=attempt.tries_left)
        )
    await use_permit(conn, member_id)
    return None
