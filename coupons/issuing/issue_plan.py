"""Which of the coupons that are wanted at once are issued, by what was read and taken for them. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from coupons.coupon import CouponHolder, CouponKey, NewCoupon
from coupons.issuing.budgets import Budget
from coupons.issuing.hindrances import is_too_near
from coupons.issuing.rules import IssueOutcome
from ids import CouponId


class Issuance(msgspec.Struct, frozen=True):
    """What came of each wanted coupon, by its id. `full`: of what a cap refused, the budgets without a place."""

    outcomes: Mapping[CouponId, IssueOutcome]
    full: Mapping[CouponId, Sequence[Budget]]


class IssuePlan(msgspec.Struct):
    """`chosen`: to be written, each by a key and places of its own. `outcomes`, `full`: if nobody comes before us."""

    chosen: list[NewCoupon] = []
    outcomes: dict[CouponId, IssueOutcome] = {}
    full: dict[CouponId, list[Budget]] = {}

    @property
    def refuses(self) -> bool:
        """A place or a distance has decided: another way, where a chosen one turns out to be issued already."""
        return bool(self.full) or "cooling_down" in self.outcomes.values()


def plan_issue(
    wanted: Sequence[NewCoupon],
    free: Mapping[Budget, int],
    earned_at: Mapping[CouponHolder, datetime],
    had: Collection[CouponKey],
) -> IssuePlan:
    """In the order of the list. `free`: places of each budget. `earned_at`: when a member's last one was earned.

    `had`: keys that are issued already.
    """
    plan, unused, last_at, taken = IssuePlan(), dict(free), dict(earned_at), set(had)
    for coupon in wanted:
        last = last_at.get(coupon.holder)
        if is_too_near(coupon, last):
            plan.outcomes[coupon.id] = "cooling_down"
        elif coupon.key in taken:
            plan.outcomes[coupon.id] = "already_issued"
        elif full := [budget for budget in coupon.budgets if not unused[budget]]:
            plan.outcomes[coupon.id] = "cap_reached"
            plan.full[coupon.id] = full
        else:
            plan.outcomes[coupon.id] = "issued"
            plan.chosen.append(coupon)
            taken.add(coupon.key)
            last_at[coupon.holder] = coupon.event_at if last is None else max(last, coupon.event_at)
            for budget in coupon.budgets:
                unused[budget] -= 1
    return plan
