"""Redemptions: a coupon's use at a till, once, by the primary key."""

from collections.abc import Sequence

from coupons.offers import read_offer
from coupons.redemption import RedeemableCoupon, Redemption
from ids import CouponId, MemberId, StoreId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "redemptions.sql")


async def read_redeemables(
    conn: Connection, wanted: Sequence[tuple[MemberId, CouponId, StoreId]]
) -> dict[tuple[CouponId, StoreId], RedeemableCoupon]:
    """The coupons of the wanted (member_id, coupon_id, store_id), by (coupon_id, store_id); unknown ones are absent."""
    members, coupons, stores = zip(*wanted, strict=True)
    rows = await conn.fetch(QUERIES.read_redeemable, members, coupons, stores)
    found = [RedeemableCoupon(**{**row, "offer": read_offer(row["offer"])}) for row in rows]
    return {(coupon.coupon_id, coupon.store_id): coupon for coupon in found}


async def insert_redemptions(conn: Connection, redemptions: Sequence[Redemption]) -> set[CouponId]:
    """Record them, at most one a coupon; return the coupons that nobody had redeemed before."""
    rows = await conn.fetch(
        *QUERIES.insert_redemptions(
            member_id=[redemption.member_id for redemption in redemptions],
            coupon_id=[redemption.coupon_id for redemption in redemptions],
            program_id=[redemption.program_id for redemption in redemptions],
            campaign_id=[redemption.campaign_id for redemption in redemptions],
            store_id=[redemption.store_id for redemption in redemptions],
            till_id=[redemption.till_id for redemption in redemptions],
            redeemed_at=[redemption.redeemed_at for redemption in redemptions],
        )
    )
    return {row["coupon_id"] for row in rows}
