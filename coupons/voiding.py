"""The void of one coupon: the staff end what is left of it, with a reason, and may give it back. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

from coupons.coupon import MemberCoupon
from ids import CouponId, CouponVoidId, MemberId, StaffId

VoidRefusalReason = Literal["voided", "redeemed", "withdrawn", "expired"]


class CouponVoid(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is for the staff. `lifted_at` None: it stands."""

    id: CouponVoidId
    member_id: MemberId
    coupon_id: CouponId
    reason: str
    voided_by: StaffId
    voided_at: datetime
    lifted_by: StaffId | None = None
    lifted_at: datetime | None = None


def judge_void(coupon: MemberCoupon, now: datetime) -> VoidRefusalReason | None:
    """Whatever could still be used may be voided, also before its time comes and while a till holds it: a hold is no
    use. What was used is given back with its receipt, and never voided.
    """
    reasons: tuple[tuple[VoidRefusalReason, bool], ...] = (
        ("voided", coupon.voided_at is not None),
        ("redeemed", coupon.uses_left == 0),
        ("withdrawn", coupon.withdrawal is not None),
        ("expired", coupon.expires_at <= now),
    )
    return next((reason for reason, applies in reasons if applies), None)
