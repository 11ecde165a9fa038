"""`send_code`: a one-time code is sent to a contact, good for one purpose. `check_code`: the code that comes back.

A wrong code is a returned Problem, not a raised one: the attempt that was counted must be committed with it.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec

from channels.code_messages import CodeMessageKind, write_code_message
from channels.deliveries_repository import queue_message
from channels.messages import address
from ids import MemberId, ProgramId, VerificationId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sealing import Keyring
from members import verifications_repository
from members.code_limits import RESEND_AFTER, CodeBound, CodeCaps, Scope, limits_of
from members.contacts import Contact, ContactKind
from members.phone_numbers import is_abroad
from members.verification import NewVerification, VerificationAttempt, VerificationPurpose
from members.verification_codes import LIFE, hash_code, is_code_correct, new_code, read_code
from outbox.kinds import ChannelKind
from programs import programs_repository
from programs.programs_repository import Program
from server.accounts.tell_owners import tell_owners_of_bound
from server.alerts.tell_contacts import CHANNEL_OF
from server.problems import CommittedRefusal, Problem, not_found


class Verification(msgspec.Struct, frozen=True):
    """A one-time code is on its way to a contact."""

    id: VerificationId
    """Send it with the code that the person types."""
    kind: ContactKind
    """Where the code was sent."""
    expires_at: datetime
    """Until when the code can be confirmed."""
    resend_at: datetime
    """From when on another code can be requested. The new code makes this one invalid."""


class CodeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """For which member, for what purpose, and how the message words that purpose.

    `network`: from where it is asked for (kit.addresses); None: by the staff.
    """

    member_id: MemberId
    program_id: ProgramId
    locale: Locale
    purpose: VerificationPurpose
    message_kind: CodeMessageKind
    network: str | None


def require_channel(channels: Collection[ChannelKind], kind: ContactKind) -> None:
    if CHANNEL_OF[kind] not in channels:
        raise Problem(
            "channel-not-configured", "Use the other kind of contact; the operator has set up no way for this one."
        )


async def send_code(
    conn: Connection,
    keyring: Keyring,
    request: CodeRequest,
    contact: Contact,
    value: str,
    now: datetime,
    *,
    is_proved: bool = False,
) -> Verification:
    """`value` is the contact in clear. Raises Problem; then no code is sent."""
    program = await programs_repository.find_program(conn, request.program_id)
    if program is None:
        raise not_found("program")
    kind, code, verification_id = contact.kind, new_code(), VerificationId(new_id())
    await _count(conn, keyring, program, request, contact, value, now)
    code_hash = hash_code(keyring, verification_id, code)
    new = NewVerification(
        member_id=request.member_id,
        id=verification_id,
        program_id=program.id,
        kind=kind,
        value_hash=contact.value_hash,
        sealed_value=contact.sealed_value,
        code_hash=code_hash,
        created_at=now,
        purpose=request.purpose,
        is_proved=is_proved,
    )
    if not await verifications_repository.create_verification(conn, new):
        raise _too_many(RESEND_AFTER.total_seconds())
    minutes = int(LIFE.total_seconds() // 60)
    words = write_code_message(request.locale, program.name, code, minutes, request.message_kind)
    message = address(words, CHANNEL_OF[kind], value)
    await queue_message(conn, keyring, request.member_id, program.id, message, now, new.expires_at)
    return Verification(verification_id, kind, new.expires_at, now + RESEND_AFTER)


async def check_code(
    conn: Connection,
    keyring: Keyring,
    member_id: MemberId,
    verification_id: VerificationId,
    typed: str,
    purpose: VerificationPurpose,
    now: datetime,
) -> VerificationAttempt | CommittedRefusal:
    """The verification for which the code was sent, used up now.

    A CommittedRefusal keeps the attempt that was counted; a Problem that is raised rolls it back.
    """
    code = read_code(typed)
    if code is None:
        raise Problem("invalid-request", "Let the person type the six digits of the code.")
    attempt = await verifications_repository.count_attempt(conn, member_id, verification_id, now, purpose)
    if attempt is None:
        if not await verifications_repository.is_known(conn, member_id, verification_id, purpose):
            raise not_found("verification")
        return CommittedRefusal(Problem("verification-expired", "Ask for a new code."))
    if not is_code_correct(keyring, verification_id, code, attempt.code_hash):
        return CommittedRefusal(
            Problem("incorrect-code", "Let the person type it again.", tries_left=attempt.tries_left)
        )
    await verifications_repository.confirm_verification(conn, member_id, verification_id)
    return attempt


async def _count(
    conn: Connection,
    keyring: Keyring,
    program: Program,
    request: CodeRequest,
    contact: Contact,
    value: str,
    now: datetime,
) -> None:
    """Raises Problem. The owners are told by the code that takes a bound's last place: a refusal leaves nothing."""
    settings = await programs_repository.find_enrolment_settings(conn, program.id)
    network = request.network
    bound = CodeBound(
        kind=contact.kind,
        value_hash=contact.value_hash,
        member_id=request.member_id,
        network_hash=None if network is None else keyring.mac("network", program.id.bytes + network.encode()),
        is_proof=request.purpose != "contact",
        is_abroad=contact.kind == "phone" and is_abroad(value, settings.phone_region),
    )
    for limit in limits_of(bound, CodeCaps(settings.code_hour_cap, settings.code_day_cap)):
        counted = await verifications_repository.count_code(conn, program.id, limit, now)
        if counted.wait:
            raise _too_many(counted.wait.total_seconds(), limit.scope)
        if counted.sent in limit.told_at:
            await tell_owners_of_bound(conn, keyring, program, contact.kind, now)


def _too_many(wait_s: float, scope: Scope = "contact") -> Problem:
    detail = (
        "So many codes have gone out that the program sends no more for now. Wait, or use the other kind of contact."
        if scope == "program"
        else "Wait before you ask for another code."
    )
    return Problem("too-many-attempts", detail, retry_after_s=int(wait_s) + 1)
