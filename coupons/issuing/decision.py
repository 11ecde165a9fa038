"""A decision: what a campaign made of a trigger event, as it is kept for a month. Values only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ids import CampaignId, CouponId, MemberId, ProgramId, StoreId

# For so long each decision can be explained; its campaign's counts stay.
KEPT_DAYS = 30


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of an event, and the campaigns that came to it: a row. The lists are of the same ones, in order.

    `source`, `source_id`: the row that it was decided on, such as a transition (`TriggerRule.recorded_with`).
    `store_id`: where the event happened, None for one without a store. `inputs`: what the rule read, as far as it tells
    why. `coupon_ids`: what was issued, None of any other outcome. `variants`: what was tried on the member; None: the
    campaign as it is, and where that is so of all of them.
    """

    id: UUID
    member_id: MemberId
    decided_at: datetime
    program_id: ProgramId
    trigger: str
    source: str
    source_id: UUID | None
    store_id: StoreId | None
    event_at: datetime
    outcome: str
    campaign_ids: Sequence[CampaignId]
    campaign_versions: Sequence[int]
    inputs: Sequence[Mapping[str, object]]
    coupon_ids: Sequence[CouponId] | None = None
    variants: Sequence[str | None] | None = None


class DecisionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one campaign made of it: its part of an `Outcome`, whose `id` it has."""

    id: UUID
    member_id: MemberId
    decided_at: datetime
    program_id: ProgramId
    campaign_id: CampaignId
    campaign_version: int
    trigger: str
    source: str
    source_id: UUID | None
    store_id: StoreId | None
    event_at: datetime
    outcome: str
    inputs: Mapping[str, object]
    coupon_id: CouponId | None
    variant: str | None = None
