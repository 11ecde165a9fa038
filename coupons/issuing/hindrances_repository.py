"""Why a coupon could not be issued, found out before anything is locked or written.

What is decided by it is no promise: the issue itself decides by keys, versions and places (coupons.coupons_repository).
"""

from collections.abc import Sequence

from coupons.coupon import NewCoupon
from coupons.coupons_repository import find_issued_keys
from coupons.issuing.budgets_repository import find_spent_budgets
from coupons.issuing.hindrances import find_hindrance
from coupons.issuing.last_ones_repository import read_last_ones
from coupons.issuing.rules import IssueOutcome
from kit.database import Connection


async def find_hindrances(conn: Connection, wanted: Sequence[NewCoupon]) -> list[IssueOutcome | None]:
    """For each of them, in order; None: it can be issued."""
    issued = await find_issued_keys(conn, wanted)
    last_ones = await read_last_ones(conn, wanted)
    spent = await find_spent_budgets(conn, {budget for each in wanted for budget in each.budgets})
    return [
        find_hindrance(
            is_too_near=last_ones.is_too_near(each),
            is_issued=each.key in issued,
            is_spent=not spent.isdisjoint(each.budgets),
        )
        for each in wanted
    ]
