"""Whether a history and the database that it left agree. Pure: it is handed both, and knows nothing of how they came.

What was acknowledged is there (`lost`), once (`doubled`); no campaign gave more than its cap (`above_cap`); no balance
was ever below zero (`below_zero`); nothing of an erased member came back (`erased_returned`).
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec

from bench.chaos.history import Answered, History, Kind


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds at the end. Ids are text."""

    coupons: Mapping[str, tuple[str, str, str]]
    """Member, campaign and period, by coupon."""
    pushed: frozenset[str]
    """Coupons that have a message."""
    redeemed: Sequence[str]
    """The coupons of all redemptions."""
    amounts: Sequence[int]
    """Of all purchases."""
    scans: frozenset[str]
    spent: frozenset[str]
    refunds: frozenset[str]
    members: frozenset[str]
    erased: frozenset[str]
    caps: Mapping[str, int]
    """By campaign."""
    lowest_balance: int
    """Of all balances, and of what they were after each posting."""
    wrong_balances: int
    """Balances that are not the sum of their postings."""
    left_of_erased: int
    """Rows that know an erased member and should be gone."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All but `operations` should be zero."""

    operations: int
    lost: int
    doubled: int
    above_cap: int
    below_zero: int
    erased_returned: int
    unexpected_500: int

    @property
    def is_clean(self) -> bool:
        return not any(msgspec.structs.astuple(self)[1:])


def judge(history: History, held: Held) -> Verdict:
    return Verdict(
        operations=len(history.answered),
        lost=_count_lost(history, held),
        doubled=_count_doubled(history, held),
        above_cap=_count_above_cap(held),
        below_zero=int(held.lowest_balance < 0),
        erased_returned=_count_returned(history, held),
        unexpected_500=len(history.unexpected),
    )


def _count_lost(history: History, held: Held) -> int:
    """What was acknowledged and is not there. An erased member's records are gone, or have other ids, by right."""

    def done(kind: Kind) -> list[Answered]:
        return [each for each in history.done(kind) if each.member_id not in held.erased]

    wanted: list[tuple[str, Container[str]]] = [
        *((each.told["member_id"], held.members) for each in history.done("enrol")),
        *((coupon, held.coupons) for each in done("locate") for coupon in each.told["coupons"]),
        *((each.told["scan_id"], held.scans) for each in done("scan")),
        *((each.told["coupon_id"], held.redeemed) for each in done("redeem")),
        *((each.told["id"], held.spent) for each in done("spend")),
        *((each.told["id"], held.refunds) for each in done("refund")),
    ]
    unpushed = {coupon for coupon, (member, _, _) in held.coupons.items() if member not in held.erased} - held.pushed
    # No two purchases of a run have the same amount.
    unpaid = {each.asked["purchase"]["amount"] for each in history.done("scan")} - set(held.amounts)
    return sum(one not in there for one, there in wanted) + len(unpushed) + len(unpaid)


def _count_doubled(history: History, held: Held) -> int:
    counted: list[Counter[Any]] = [
        Counter(held.coupons.values()),
        Counter(each.told["coupon_id"] for each in history.done("redeem")),
        Counter(held.redeemed),
        Counter(held.amounts),
    ]
    return sum(times - 1 for counts in counted for times in counts.values()) + held.wrong_balances


def _count_above_cap(held: Held) -> int:
    """A coupon that somebody was told of and that is not held is lost, which is counted there."""
    per_campaign = Counter(campaign for _, campaign, _ in held.coupons.values())
    return sum(max(0, per_campaign[campaign] - cap) for campaign, cap in held.caps.items())


def _count_returned(history: History, held: Held) -> int:
    asked = {each.member_id for each in history.done("erase")}
    return len(asked - held.erased) + held.left_of_erased
