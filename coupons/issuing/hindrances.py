"""Why a coupon cannot be issued: the distance to the last one, its key, a cap, in this order. Pure.

The issue itself finds the same, in this order, by versions, keys and places (coupons.coupons_repository).
"""

from datetime import datetime

from coupons.coupon import NewCoupon
from coupons.issuing.rules import IssueOutcome


def find_hindrance(*, is_too_near: bool, is_issued: bool, is_spent: bool) -> IssueOutcome | None:
    """None: it can be issued."""
    if is_too_near:
        return "cooling_down"
    if is_issued:
        return "already_issued"
    return "cap_reached" if is_spent else None


def is_too_near(coupon: NewCoupon, last_earned_at: datetime | None) -> bool:
    """Whether it was earned too soon after the member's last one of the campaign."""
    return coupon.last_before is not None and last_earned_at is not None and last_earned_at >= coupon.last_before
