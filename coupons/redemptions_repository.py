"""Redemptions: a coupon's use at a till, once, by the primary key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coupons.offers import read_offer
from coupons.redemption import RedeemableCoupon, Redemption, TillRedemption
from coupons.withdrawal import read_withdrawal
from ids import CouponId, MemberId, RedemptionId, StoreId, TillId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "redemptions.sql")


async def read_redeemables(
    conn: Connection, wanted: Sequence[tuple[MemberId, CouponId, StoreId]]
) -> dict[tuple[CouponId, StoreId], RedeemableCoupon]:
    """The coupons of the wanted (member_id, coupon_id, store_id), by (coupon_id, store_id); unknown ones are absent."""
    members, coupons, stores = zip(*wanted, strict=True)
    rows = await conn.fetch(QUERIES.read_redeemable, members, coupons, stores)
    found = [_redeemable(row) for row in rows]
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
            redemption_id=[redemption.id for redemption in redemptions],
            redeemed_at=[redemption.redeemed_at for redemption in redemptions],
        )
    )
    return {row["coupon_id"] for row in rows}


async def find_till_redemption(
    conn: Connection, member_id: MemberId, redemption_id: RedemptionId, till_id: TillId
) -> TillRedemption | None:
    row = await conn.fetchrow(QUERIES.find_till_redemption, member_id, redemption_id, till_id)
    return TillRedemption(**row) if row else None


async def has_newer_redemption(conn: Connection, redemption: TillRedemption, till_id: TillId) -> bool:
    """Whether the till has redeemed another coupon since, and not undone that."""
    found = await conn.fetchval(QUERIES.find_newer_redemption, till_id, redemption.redeemed_at, redemption.id)
    return found is not None


async def undo_redemption(conn: Connection, redemption: TillRedemption, now: datetime) -> bool:
    """Open its coupon again. False where somebody else has undone it; then that has been committed."""
    found = await conn.fetchval(QUERIES.undo_redemption, redemption.member_id, redemption.coupon_id, redemption.id, now)
    return found is not None


async def is_coupon_usable(conn: Connection, member_id: MemberId, coupon_id: CouponId, now: datetime) -> bool:
    """Of one that there is."""
    usable: bool = await conn.fetchval(QUERIES.is_coupon_usable, member_id, coupon_id, now)
    return usable


def _redeemable(row: Any) -> RedeemableCoupon:
    columns = dict(row)
    reason = columns.pop("withdrawal_reason")
    withdrawal = read_withdrawal(columns.pop("withdrawn_at"), reason)
    return RedeemableCoupon(**columns | {"offer": read_offer(row["offer"]), "withdrawal": withdrawal})
