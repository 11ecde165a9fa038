"""A coupon as its member sees it."""

from datetime import datetime

import msgspec

from coupons.campaigns import choose_text
from coupons.coupon_codes import make_coupon_code
from coupons.coupons_repository import MemberCoupon
from ids import CampaignId, CouponId, StoreId
from kit.locales import Locale


class CouponView(msgspec.Struct, frozen=True):
    """`code` is what the till scans; texts are in the device's language."""

    id: CouponId
    campaign_id: CampaignId
    store_id: StoreId
    title: str
    body: str
    code: str
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None


def view_coupon(coupon: MemberCoupon, locale: Locale) -> CouponView:
    text = choose_text(coupon.offer, locale, coupon.store_name)
    return CouponView(
        coupon.id,
        coupon.campaign_id,
        coupon.store_id,
        text.title,
        text.body,
        make_coupon_code(coupon.member_id, coupon.id),
        coupon.issued_at,
        coupon.expires_at,
        coupon.redeemed_at,
    )
