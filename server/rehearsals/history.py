"""What is known of one person over the time that is rehearsed. Values only.

A person is a member and all who became them. Lists are in the order of time.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from ids import CampaignId, MemberId, StoreId

CouponEnd = Literal["used", "moved", "voided", "gone"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A transition."""

    id: UUID
    store_id: StoreId
    event_at: datetime
    received_at: datetime
    is_first_fix: bool


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence that stands. `trust`: a place in visits.trust.TRUST_LEVELS."""

    id: UUID
    store_id: StoreId
    business_day: date
    trust: int
    at: datetime


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    store_id: StoreId
    business_day: date
    first_at: datetime
    trust: int


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """`scan_id`: of the evidence that it came with. `refunded_at`, `refunds`: when how much was given back.
    `items`: the lines of the bill as JSON, with what has come back of them by now.
    """

    store_id: StoreId
    scan_id: UUID | None
    purchased_at: datetime
    amount: int
    fully_refunded_at: datetime | None
    refunded_at: Sequence[datetime]
    refunds: Sequence[int]
    items: str


class Posting(msgspec.Struct, frozen=True):
    at: datetime
    points: int


class RankChange(msgspec.Struct, frozen=True):
    at: datetime
    former_rank_code: str | None
    rank_code: str | None


class Stamp(msgspec.Struct, frozen=True):
    card: str
    at: datetime
    revoked_at: datetime | None


class FullCard(msgspec.Struct, frozen=True):
    card: str
    at: datetime
    stamps: int


class Consent(msgspec.Struct, frozen=True):
    purpose: str
    granted: bool
    at: datetime


class CouponLife(msgspec.Struct, frozen=True, kw_only=True):
    """`ended_at`, `ends`: when each use that is gone went, and how."""

    campaign_id: CampaignId
    issued_at: datetime
    expires_at: datetime
    uses: int
    withdrawn_at: datetime | None
    ended_at: Sequence[datetime]
    ends: Sequence[CouponEnd]


class History(msgspec.Struct, kw_only=True):
    """`brought_…`: of visits before, that the program's file tells of. What no rule asks for is not read."""

    member_id: MemberId
    joined_at: datetime
    verified_at: datetime | None
    home_store_id: StoreId | None
    birth_month: int | None
    birth_day: int | None
    is_imported: bool
    brought_visits: int
    brought_first_on: date | None
    brought_last_on: date | None
    steps: list[Step] = []
    evidence: list[Piece] = []
    visits: list[Visit] = []
    purchases: list[Bought] = []
    postings: list[Posting] = []
    rank_changes: list[RankChange] = []
    stamps: list[Stamp] = []
    full_cards: list[FullCard] = []
    consents: list[Consent] = []
    coupons: list[CouponLife] = []
