"""Contact verifications: a code that was sent to a contact, good for one purpose and a few tries. Pure."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ids import MemberId, ProgramId, VerificationId
from members.contacts import ContactKind
from members.verification_codes import LIFE, MAX_ATTEMPTS

KEPT = timedelta(hours=24)
# What a code is good for: a contact becomes the member's, another may come beside it or in its place, a phone gets
# their card, their data is exported or erased.
VerificationPurpose = Literal["contact", "change", "transfer", "export", "erasure"]


class NewVerification(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    id: VerificationId
    program_id: ProgramId
    kind: ContactKind
    value_hash: bytes
    sealed_value: bytes
    code_hash: bytes
    created_at: datetime
    purpose: VerificationPurpose = "contact"
    is_proved: bool = False

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LIFE


class VerificationAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """A try that was counted: the verification as it is with it. `attempts` includes this one.

    `is_proved`: the member has shown, when they asked for it, what stood before.
    """

    member_id: MemberId
    id: VerificationId
    program_id: ProgramId
    kind: ContactKind
    value_hash: bytes
    sealed_value: bytes
    code_hash: bytes
    attempts: int
    is_proved: bool
    expires_at: datetime

    @property
    def tries_left(self) -> int:
        return MAX_ATTEMPTS - self.attempts
