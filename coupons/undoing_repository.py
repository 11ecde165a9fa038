"""Ending coupons whose scan was undone, as if they had never been issued: their places and periods are free again."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from coupons.coupon import EarnedCoupon
from coupons.coupons_repository import QUERIES as ISSUING
from ids import CouponId, MemberId, ScanId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "undoing.sql")


async def find_coupons(conn: Connection, member_id: MemberId, coupon_ids: Sequence[CouponId]) -> list[EarnedCoupon]:
    rows = await conn.fetch(QUERIES.find_coupons, member_id, coupon_ids)
    return [EarnedCoupon(**row) for row in rows]


async def end_coupons(
    conn: Connection, member_id: MemberId, coupons: Sequence[EarnedCoupon], scan_id: ScanId, now: datetime
) -> set[CouponId]:
    """End those that have not ended yet; a redeemed one stays as it is. Budgets are locked first, as for issuing."""
    if not coupons:
        return set()
    for campaign_id in sorted({coupon.campaign_id for coupon in coupons}):
        await conn.execute(QUERIES.lock_budget, campaign_id)
    rows = await conn.fetch(QUERIES.end_coupons, member_id, [coupon.id for coupon in coupons], scan_id, now)
    ended = [row["coupon_id"] for row in rows]
    await conn.execute(QUERIES.free_period_keys, member_id, ended)
    await conn.execute(QUERIES.expire_pushes, member_id, ended)
    for campaign_id, places in sorted(Counter(row["campaign_id"] for row in rows).items()):
        await conn.execute(ISSUING.release, campaign_id, places)
    return set(ended)
