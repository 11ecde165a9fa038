"""Members as the rest of the program sees them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from kit.locales import Locale
from members.consent import Consent

# A merged member became another one (`merged_into`); the history stays under their own id.
# An erased one is a tombstone: the ledger still refers to it.
MemberState = Literal["active", "blocked", "closed", "merged", "erased"]


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    member_id: UUID
    program_id: UUID
    locale: Locale
    consents: Sequence[Consent]
    created_at: datetime
    enrolled_store_id: UUID | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    member_id: UUID
    program_id: UUID
    state: MemberState
    locale: Locale
    location_consent: bool
    push_consent: bool
    verified_at: datetime | None
    enrolled_store_id: UUID | None
    created_at: datetime


class MemberListItem(msgspec.Struct, frozen=True, kw_only=True):
    """A member as the staff's list shows them. `verified_at` None: anonymous."""

    member_id: UUID
    state: MemberState
    locale: Locale
    location_consent: bool
    push_consent: bool
    verified_at: datetime | None
    enrolled_store_id: UUID | None
    created_at: datetime
    card_number: str | None
