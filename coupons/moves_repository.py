"""A member's usable coupons, issued anew to the member that they became."""

from datetime import datetime

from coupons.coupon import NewCoupon
from coupons.coupons_repository import QUERIES, issue_coupons
from ids import CouponId, MemberId
from kit.database import Connection
from kit.ids import new_id


def _moved_key(period_key: str, member_id: MemberId) -> str:
    """A reward's key has a colon and names an earning event of that member: it must not meet the survivor's own.

    The key of a calendar period must meet it, or the survivor would have that period's coupon twice.
    """
    return f"{period_key}:{member_id}" if ":" in period_key else period_key


async def move_coupons(conn: Connection, member_id: MemberId, survivor_id: MemberId, now: datetime) -> int:
    """End what is usable under the one member and issue it to the other; how many they got by it.

    What a till redeems at this very moment does not move, or the till is refused. A coupon that the survivor has, or
    has used, of the same campaign and period is not given twice. No budget is asked: the places are taken already.
    """
    rows = await conn.fetch(QUERIES.end_moving_coupons, member_id, survivor_id, now)
    if not rows:
        return 0
    fresh = [
        NewCoupon(
            id=CouponId(new_id()),
            member_id=survivor_id,
            is_capped=False,
            issued_at=now,
            push=None,
            **(dict(row) | {"period_key": _moved_key(row["period_key"], member_id)}),
        )
        for row in rows
    ]
    outcomes = await issue_coupons(conn, fresh)
    return sum(outcome == "issued" for outcome in outcomes.values())
