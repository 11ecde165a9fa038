"""A coupon: an offer that is issued to a member, once a period. Values only."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from coupons.campaigns.triggers import TriggerKind
from coupons.issuing.budgets import Budget
from coupons.offers import Offer
from coupons.redemptions.benefits import Grant
from coupons.withdrawal import Withdrawal
from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId, StoreId
from outbox.kinds import ChannelKind

CouponKey = tuple[MemberId, CampaignId, str]
CouponHolder = tuple[MemberId, CampaignId]


class CouponPush(msgspec.Struct, frozen=True):
    """The message that goes with a coupon: a push, whose `payload` push/outbox reads, or one by another `channel`.

    `payload` is JSON. It is sent at once, `deferred` until `due_at`, or `dropped` for the `reason`, then without a
    device and words. `lane`: what is urgent goes before what is bulk. `rings_until`: when quiet hours begin next.
    `counted_on`: the member's day to whose cap it counts.
    """

    id: UUID
    device_id: DeviceId | None
    payload: str | None
    expires_at: datetime
    state: Literal["pending", "deferred", "dropped"] = "pending"
    due_at: datetime | None = None
    rings_until: datetime | None = None
    counted_on: date | None = None
    reason: str | None = None
    priority: int = 0
    lane: Literal["urgent", "bulk"] = "urgent"
    channel: ChannelKind = "push"


class NewCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """One to be issued. `budgets`: it takes a place of each. `store_id`: where it was earned, on which business day.

    `last_before`: only if the member's last coupon of the campaign was earned before this moment.
    `campaign_version`: whose words, worth and conditions it keeps; `variant_version`: of `variant_offers`, which gives
    words or worth in place of those. `uses`: how often it may be used.
    """

    id: CouponId
    member_id: MemberId
    program_id: ProgramId
    campaign_id: CampaignId
    budgets: tuple[Budget, ...]
    period_key: str
    store_id: StoreId | None
    event_at: datetime
    business_day: date
    issued_at: datetime
    expires_at: datetime
    last_before: datetime | None
    campaign_version: int = 1
    variant_version: int | None = None
    uses: int = 1

    @property
    def key(self) -> CouponKey:
        return self.member_id, self.campaign_id, self.period_key

    @property
    def holder(self) -> CouponHolder:
        return self.member_id, self.campaign_id


class MemberCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """One that a member holds. `store_id` and `store_name`: where it was earned; None for one without a store.

    `at_every_store`: where it can be redeemed; else at the stores of its campaign.
    `redeemed_at`: when its last use was made; None: one is left, or it was voided (`voided_at`). `withdrawal` None: it
    was not withdrawn before it was used up or had expired.
    """

    id: CouponId
    member_id: MemberId
    campaign_id: CampaignId
    store_id: StoreId | None
    store_name: str | None
    at_every_store: bool
    offer: Offer
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    voided_at: datetime | None
    uses_left: int
    grant: Grant
    withdrawal: Withdrawal | None
    picture_name: str | None


class EarnedCoupon(msgspec.Struct, frozen=True):
    """One that an undone scan may end. `min_trust_level`: what its campaign asked of a visit."""

    id: CouponId
    campaign_id: CampaignId
    trigger: TriggerKind
    min_trust_level: int
