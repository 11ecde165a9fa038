"""The messages that coupons are told of by: written in the transaction that issues the coupon, so that there is never
one without the other.
"""

from collections.abc import Sequence

from coupons.coupon import CouponPush, NewCoupon
from kit.copying import copy_rows
from kit.database import Connection

_COLUMNS = (
    "member_id", "id", "program_id", "device_id", "coupon_id", "campaign_id", "payload", "state", "next_attempt_at",
    "expires_at", "created_at", "rings_until", "deferrals", "counted_on", "failure", "priority", "lane",
    "channel",
)  # fmt: skip


async def insert_coupon_messages(conn: Connection, told: Sequence[tuple[NewCoupon, CouponPush]]) -> None:
    """Of coupons that this transaction has issued: nobody else knows them, so there is no conflict to look for."""
    await copy_rows(conn, "outbox", _COLUMNS, [_row(coupon, push) for coupon, push in told])


def _row(coupon: NewCoupon, push: CouponPush) -> tuple[object, ...]:
    return (
        coupon.member_id, push.id, coupon.program_id, push.device_id, coupon.id, coupon.campaign_id, push.payload,
        push.state, push.due_at or coupon.issued_at, push.expires_at, coupon.issued_at, push.rings_until,
        int(push.state == "deferred"), push.counted_on, push.reason, push.priority, push.lane, push.channel,
    )  # fmt: skip
