"""Ending coupons whose scan was undone, as if they had never been issued: their places and periods are free again."""

from collections.abc import Sequence
from datetime import datetime

from coupons.coupon import EarnedCoupon
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
    """End those that have not ended yet; a redeemed one stays as it is. Their pushes are the caller's matter."""
    if not coupons:
        return set()
    rows = await conn.fetch(QUERIES.end_coupons, member_id, [coupon.id for coupon in coupons], scan_id, now)
    ended = [row["coupon_id"] for row in rows]
    had = await conn.fetch(QUERIES.list_periods_of_aliases, member_id)
    campaigns, periods = [row["campaign_id"] for row in had], [row["period_key"] for row in had]
    await conn.execute(QUERIES.free_period_keys, member_id, ended, campaigns, periods)
    places = await conn.fetch(QUERIES.count_places, member_id, ended)
    columns = ([row[name] for row in places] for name in ("campaign_id", "store_id", "business_day", "places"))
    await conn.execute(QUERIES.give_places_back, *columns)
    return set(ended)
