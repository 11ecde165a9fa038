"""A redemption: a use of a coupon at a till, which may hold it for a while before. Values only."""

from datetime import datetime

import msgspec

from coupons.offers import Offer
from coupons.redemptions.benefits import Grant
from coupons.withdrawal import Withdrawal
from ids import CampaignId, CouponId, MemberId, ProgramId, RedemptionId, ReservationId, StoreId, TillId


class RedeemableCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as a till's request met it. `is_store_covered`: its campaign covers `store_id`, the till's store, whose
    clock is that of `time_zone` (IANA).

    `store_name`: where it was earned; None for one without a store. `rank`: the member's; None: none.
    `gone`: how many of its uses are, or are held by reservations, the first of them until `held_until`.
    `redeemed_at`: when a till made the last of them.
    `is_moved`: what was left was issued anew to the member that its own became. `is_undone`: the scan that issued it
    was undone. `is_had`: the person has made uses of the period's coupon as another member, who became this one.
    `voided_at`: since when the staff's void stands, if one does. `withdrawal` None: it was not withdrawn before it had
    expired.
    """

    store_id: StoreId
    time_zone: str
    member_id: MemberId
    coupon_id: CouponId
    program_id: ProgramId
    campaign_id: CampaignId
    expires_at: datetime
    gone: int
    held_until: datetime | None
    redeemed_at: datetime | None
    grant: Grant
    offer: Offer
    store_name: str | None
    rank: str | None
    is_moved: bool
    is_undone: bool
    is_had: bool
    voided_at: datetime | None
    withdrawal: Withdrawal | None
    is_store_covered: bool


class Taking(msgspec.Struct, frozen=True, kw_only=True):
    """A use of a coupon that is to be taken. `id`: of the redemption, or of the use that is only held.

    `uses`: how many the coupon has. `reservation_id`, `held_until`: where it is held, and not used yet.
    `as_of`: when it is asked what others hold; None: as it is taken. What was taken offline is reported later.
    """

    id: RedemptionId
    member_id: MemberId
    coupon_id: CouponId
    uses: int
    store_id: StoreId
    till_id: TillId
    taken_at: datetime
    reservation_id: ReservationId | None = None
    held_until: datetime | None = None
    as_of: datetime | None = None


class TillRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption that its till wants to undo. `undone_at` None: it stands."""

    id: RedemptionId
    member_id: MemberId
    coupon_id: CouponId
    redeemed_at: datetime
    undone_at: datetime | None
