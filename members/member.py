"""Members as the rest of the program sees them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ids import MemberId, ProgramId, StoreId
from kit.locales import Locale
from members.consent import Consent

# A merged member became another one (`merged_into`); the history stays under their own id.
# An erased one is a tombstone: the ledger still refers to it.
MemberState = Literal["active", "blocked", "closed", "merged", "erased"]


class HeldMember(msgspec.Struct, frozen=True):
    """One who does not become another one before our commit. `is_verified`: by a contact that they have confirmed."""

    state: MemberState
    is_verified: bool


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    program_id: ProgramId
    locale: Locale
    consents: Sequence[Consent]
    created_at: datetime
    enrolled_store_id: StoreId | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member, as the staff see them."""

    member_id: MemberId
    """The id of the member."""
    program_id: ProgramId
    """The program that they belong to."""
    state: MemberState
    """`merged`: they became another member. `erased`: nothing but the accounting records is left."""
    locale: Locale
    """Their language."""
    location_consent: bool
    """Whether their newest consent allows the use of their location."""
    push_consent: bool
    """Whether their newest consent allows push messages."""
    profiling_consent: bool
    """Whether their newest consent allows profiling: without it what is for profiling is unknown to audiences."""
    email_consent: bool
    """Whether their newest consent allows e-mail of campaigns."""
    sms_consent: bool
    """Whether their newest consent allows text messages (SMS) of campaigns."""
    voice_consent: bool
    """Whether their newest consent allows calls of campaigns."""
    verified_at: datetime | None
    """When they first confirmed a phone number or e-mail address; null: they are anonymous."""
    enrolled_store_id: StoreId | None
    """The store whose enrolment link they joined by."""
    created_at: datetime
    """When they joined."""


class MemberListItem(msgspec.Struct, frozen=True, kw_only=True):
    """A member in the staff's list."""

    member_id: MemberId
    """The id of the member."""
    state: MemberState
    """`merged`: they became another member."""
    name: str | None
    """Their full name, as it is written; null: unknown."""
    kana: str | None
    """The reading of their name, in katakana."""
    locale: Locale
    """Their language."""
    location_consent: bool
    """Whether their newest consent allows the use of their location."""
    push_consent: bool
    """Whether their newest consent allows push messages."""
    profiling_consent: bool
    """Whether their newest consent allows profiling: without it what is for profiling is unknown to audiences."""
    email_consent: bool
    """Whether their newest consent allows e-mail of campaigns."""
    sms_consent: bool
    """Whether their newest consent allows text messages (SMS) of campaigns."""
    voice_consent: bool
    """Whether their newest consent allows calls of campaigns."""
    verified_at: datetime | None
    """When they first confirmed a phone number or e-mail address; null: they are anonymous."""
    enrolled_store_id: StoreId | None
    """The store whose enrolment link they joined by."""
    created_at: datetime
    """When they joined."""
    card_number: str | None
    """The 13 digits of their card; null: they have none any more."""
