"""What coupons take off a basket, and which of them go best together. Pure, and the same for the same question.

Reckoned to the minor unit, in this order: prices of single items, free items, percentages, amounts; coupons of one kind
by their ids. Each takes from what the one before has left. A percentage is rounded down; a discount is spread over the
lines by their shares, and what rounding down leaves goes to the lines with the largest remainders, earlier ones first.

The best combination takes off most, then holds most coupons, then those with the first ids. So that a question is
answered in bounded time, at most `MAX_TOGETHER` go together, and of more than `MAX_WEIGHED` that apply only those are
weighed that take off most by themselves: at most 385 combinations.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from coupons.baskets import Basket
from coupons.benefits import AmountOff, Benefit, FreeItem, Grant, ItemPrice, PercentOff, stage_of
from coupons.conditions import may_go_together
from coupons.usability import UseRefusal, judge_basket
from ids import CouponId

MAX_TOGETHER = 4
MAX_WEIGHED = 10


class Discount(msgspec.Struct, frozen=True):
    """Of one coupon, in all and by line, in minor units of the currency."""

    total: int
    by_line: tuple[int, ...]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """`applied`: the coupons that are used, each with what it takes off. `refused`: the others, each with why not.

    `alone`: what each of those that apply to the basket takes off by itself. `conflicts`: of each the others that it
    cannot go together with.
    """

    applied: Mapping[CouponId, Discount]
    refused: Mapping[CouponId, UseRefusal]
    alone: Mapping[CouponId, int]
    conflicts: Mapping[CouponId, Sequence[CouponId]]

    @property
    def discount(self) -> int:
        return sum(each.total for each in self.applied.values())


def quote(basket: Basket, grants: Mapping[CouponId, Grant]) -> Quote:
    """`grants`: of coupons that may be used here and now; in any order."""
    refused = {coupon_id: refusal for coupon_id, grant in grants.items() if (refusal := judge_basket(grant, basket))}
    fitting = {coupon_id: grants[coupon_id] for coupon_id in _in_turn(grants) if coupon_id not in refused}
    alone = {coupon_id: reckon(basket, {coupon_id: grant})[coupon_id].total for coupon_id, grant in fitting.items()}
    for coupon_id, grant in fitting.items():
        if stage_of(grant.benefit) is not None and not alone[coupon_id]:
            refused[coupon_id] = UseRefusal(reason="nothing_covered")
    usable = {coupon_id: grant for coupon_id, grant in fitting.items() if coupon_id not in refused}
    conflicts = {
        coupon_id: [
            other
            for other, its in usable.items()
            if other != coupon_id and not may_go_together(usable[coupon_id].conditions, its.conditions)
        ]
        for coupon_id in usable
    }
    applied = _find_best(basket, usable, alone, conflicts)
    for coupon_id in usable:
        if coupon_id not in applied:
            is_barred = any(other in applied for other in conflicts[coupon_id])
            is_full = len(applied) == MAX_TOGETHER
            refused[coupon_id] = UseRefusal(reason="not_combinable" if is_barred or is_full else "no_discount_left")
    return Quote(applied=applied, refused=refused, alone=alone, conflicts=conflicts)


def reckon(basket: Basket, grants: Mapping[CouponId, Grant]) -> dict[CouponId, Discount]:
    """What each of them takes off where all are used, whether or not they may be."""
    left = [line.amount for line in basket.lines]
    pieces = [line.quantity for line in basket.lines]
    discounts = {}
    for coupon_id in _in_turn(grants):
        by_line = _take_off(grants[coupon_id], basket, left, pieces)
        left = [each - off for each, off in zip(left, by_line, strict=True)]
        discounts[coupon_id] = Discount(sum(by_line), tuple(by_line))
    return discounts


def spread(amount: int, over: Sequence[int]) -> list[int]:
    """The amount by shares of `over`, whose sum is no smaller: to the unit, by largest remainders."""
    whole = sum(over)
    if not whole:
        return [0] * len(over)
    parts = [amount * each // whole for each in over]
    by_remainder = sorted(range(len(over)), key=lambda place: (-(amount * over[place] % whole), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _in_turn(grants: Mapping[CouponId, Grant]) -> list[CouponId]:
    return sorted(grants, key=lambda coupon_id: (_stage(grants[coupon_id].benefit), coupon_id))


def _stage(benefit: Benefit) -> int:
    """What takes nothing off comes last, and so finds the others' discounts made."""
    stage = stage_of(benefit)
    return 99 if stage is None else stage


def _find_best(
    basket: Basket,
    usable: Mapping[CouponId, Grant],
    alone: Mapping[CouponId, int],
    conflicts: Mapping[CouponId, Sequence[CouponId]],
) -> dict[CouponId, Discount]:
    weighed = sorted(sorted(usable, key=lambda coupon_id: (-alone[coupon_id], coupon_id))[:MAX_WEIGHED])
    best: dict[CouponId, Discount] = {}
    best_worth = 0, 0
    for size in range(1, MAX_TOGETHER + 1):
        for chosen in combinations(weighed, size):
            if any(other in conflicts[one] for one, other in combinations(chosen, 2)):
                continue
            discounts = reckon(basket, {coupon_id: usable[coupon_id] for coupon_id in chosen})
            if any(not discounts[each].total and stage_of(usable[each].benefit) is not None for each in chosen):
                continue
            worth = sum(each.total for each in discounts.values()), size
            if worth > best_worth:
                best, best_worth = discounts, worth
    return best


def _take_off(grant: Grant, basket: Basket, left: Sequence[int], pieces: list[int]) -> list[int]:
    """By line. Single items take from `pieces`, which are those that no other coupon has made cheaper."""
    benefit, conditions = grant.benefit, grant.conditions
    is_held = [conditions.holds_for(line.code, line.category) for line in basket.lines]
    if isinstance(benefit, FreeItem):
        return _reprice(basket, is_held, pieces, 0, benefit.quantity)
    if isinstance(benefit, ItemPrice):
        return _reprice(basket, is_held, pieces, benefit.price, benefit.quantity)
    over = [each if held else 0 for each, held in zip(left, is_held, strict=True)]
    whole = sum(over)
    if isinstance(benefit, PercentOff):
        off = whole * benefit.percent // 100
        return spread(off if benefit.max_discount is None else min(off, benefit.max_discount), over)
    return spread(min(benefit.amount, whole) if isinstance(benefit, AmountOff) else 0, over)


def _reprice(basket: Basket, is_held: Sequence[bool], pieces: list[int], price: int, quantity: int) -> list[int]:
    """The dearest pieces first, of one price those of the earlier line."""
    by_line = [0] * len(basket.lines)
    dearest = sorted(range(len(basket.lines)), key=lambda place: (-basket.lines[place].unit_price, place))
    for place in dearest:
        cheaper_by = basket.lines[place].unit_price - price
        if is_held[place] and cheaper_by > 0:
            taken = min(quantity, pieces[place])
            pieces[place] -= taken
            quantity -= taken
            by_line[place] = taken * cheaper_by
    return by_line
