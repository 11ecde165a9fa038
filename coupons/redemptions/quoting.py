"""What coupons take off a basket, and which of them go best together. Pure, and the same for the same question.

Reckoned to the minor unit, in this order: prices of single items, free items, percentages, amounts; coupons of one kind
by their ids. Each takes from what the one before has left. A percentage is rounded down; a discount is spread over the
lines by their shares, and what rounding down leaves goes to the lines with the largest remainders, earlier ones first.

What brings points brings them for what is paid after all discounts (coupons.redemptions.bringing).

The best combination takes off most, then brings most points and stamps, then holds most coupons, then those with the
first ids. So that a question is
answered in bounded time, at most `MAX_TOGETHER` go together, and of more than `MAX_WEIGHED` that apply only those are
weighed that take off most by themselves: at most 385 combinations.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec

from coupons.redemptions.baskets import Basket
from coupons.redemptions.benefits import AmountOff, Benefit, FreeItem, Grant, ItemPrice, PercentOff, is_reward, stage_of
from coupons.redemptions.bringing import NO_REWARDS, NOTHING, Brought, Earning, bring, spread
from coupons.redemptions.conditions import may_go_together
from coupons.redemptions.usability import UseRefusal, UseRefusalReason, judge_basket
from ids import CouponId

MAX_TOGETHER = 4
MAX_WEIGHED = 10


class Discount(msgspec.Struct, frozen=True):
    """Of one coupon, in all and by line, in minor units of the currency; and what it brings."""

    total: int
    by_line: tuple[int, ...]
    brought: Brought = NOTHING


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


def quote(basket: Basket, grants: Mapping[CouponId, Grant], earning: Earning = NO_REWARDS) -> Quote:
    """`grants`: of coupons that may be used here and now; in any order."""
    refused = {coupon_id: refusal for coupon_id, grant in grants.items() if (refusal := judge_basket(grant, basket))}
    fitting = {coupon_id: grants[coupon_id] for coupon_id in _in_turn(grants) if coupon_id not in refused}
    by_itself = {
        coupon_id: reckon(basket, {coupon_id: grant}, earning)[coupon_id] for coupon_id, grant in fitting.items()
    }
    alone = {coupon_id: discount.total for coupon_id, discount in by_itself.items()}
    for coupon_id, grant in fitting.items():
        if _is_idle(grant.benefit, by_itself[coupon_id]):
            reason: UseRefusalReason = "brings_nothing" if is_reward(grant.benefit) else "nothing_covered"
            refused[coupon_id] = UseRefusal(reason=reason)
    usable = {coupon_id: grant for coupon_id, grant in fitting.items() if coupon_id not in refused}
    conflicts = {
        coupon_id: [
            other
            for other, its in usable.items()
            if other != coupon_id and not may_go_together(usable[coupon_id].conditions, its.conditions)
        ]
        for coupon_id in usable
    }
    applied = _find_best(basket, usable, alone, conflicts, earning)
    for coupon_id, grant in usable.items():
        if coupon_id not in applied:
            is_barred = any(other in applied for other in conflicts[coupon_id])
            is_full = len(applied) == MAX_TOGETHER
            left_out: UseRefusalReason = "brings_nothing" if is_reward(grant.benefit) else "no_discount_left"
            refused[coupon_id] = UseRefusal(reason="not_combinable" if is_barred or is_full else left_out)
    return Quote(applied=applied, refused=refused, alone=alone, conflicts=conflicts)


def reckon(basket: Basket, grants: Mapping[CouponId, Grant], earning: Earning = NO_REWARDS) -> dict[CouponId, Discount]:
    """What each of them takes off and brings where all are used, whether or not they may be."""
    left = [line.amount for line in basket.lines]
    pieces = [line.quantity for line in basket.lines]
    discounts = {}
    for coupon_id in _in_turn(grants):
        by_line = _take_off(grants[coupon_id], basket, left, pieces)
        left = [each - off for each, off in zip(left, by_line, strict=True)]
        discounts[coupon_id] = Discount(sum(by_line), tuple(by_line))
    for coupon_id, discount in discounts.items():
        if is_reward(grants[coupon_id].benefit):
            brought = bring(grants[coupon_id], basket, left, earning)
            discounts[coupon_id] = Discount(discount.total, discount.by_line, brought)
    return discounts


def _is_idle(benefit: Benefit, discount: Discount) -> bool:
    """Whether using it would give the shopper nothing, though it is worth something elsewhere."""
    if is_reward(benefit):
        return discount.brought.is_nothing
    return stage_of(benefit) is not None and not discount.total


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
    earning: Earning,
) -> dict[CouponId, Discount]:
    weighed = sorted(sorted(usable, key=lambda coupon_id: (-alone[coupon_id], coupon_id))[:MAX_WEIGHED])
    best: dict[CouponId, Discount] = {}
    best_worth = 0, 0, 0, 0
    for size in range(1, MAX_TOGETHER + 1):
        for chosen in combinations(weighed, size):
            if any(other in conflicts[one] for one, other in combinations(chosen, 2)):
                continue
            discounts = reckon(basket, {coupon_id: usable[coupon_id] for coupon_id in chosen}, earning)
            if any(_is_idle(usable[each].benefit, discounts[each]) for each in chosen):
                continue
            made = discounts.values()
            worth = (
                sum(each.total for each in made),
                sum(each.brought.points for each in made),
                sum(each.brought.stamps for each in made),
                size,
            )
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
