"""What coupons take off a basket: to the yen, line by line, and the best of them together."""

from itertools import combinations, permutations
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.redemptions.baskets import Basket, BasketLine
from coupons.redemptions.benefits import (
    AmountOff,
    Benefit,
    ExtraPoints,
    ExtraStamps,
    FreeItem,
    Grant,
    ItemPrice,
    PercentOff,
    PointsMultiplied,
    TextOnly,
)
from coupons.redemptions.bringing import Earning, spread
from coupons.redemptions.conditions import Conditions, may_go_together
from coupons.redemptions.quoting import MAX_TOGETHER, MAX_WEIGHED, quote, reckon
from ids import CouponId

TEA, COFFEE, CAKE = (
    BasketLine("tea", "drinks", 1, 333),
    BasketLine("coffee", "drinks", 2, 450),
    BasketLine("cake", "sweets", 1, 680),
)
BASKET = Basket([TEA, COFFEE, CAKE])  # 333 + 900 + 680 = 1913
DRINKS = Conditions(categories=["drinks"], company="any")
ANY = Conditions(company="any")


def coupon(number: int) -> CouponId:
    return CouponId(UUID(int=number))


def off(benefit: Benefit, conditions: Conditions = ANY) -> tuple[int, ...]:
    return reckon(BASKET, {coupon(1): Grant(benefit=benefit, conditions=conditions)})[coupon(1)].by_line


@pytest.mark.parametrize(
    ("benefit", "conditions", "expected"),
    [
        (PercentOff(10), ANY, (33, 90, 68)),  # 191.3 rounded down; 33.24, 89.85 and 67.88
        (PercentOff(10, 100), ANY, (17, 47, 36)),  # 17.41, 47.05 and 35.55
        (PercentOff(100), ANY, (333, 900, 680)),
        (PercentOff(10), DRINKS, (33, 90, 0)),  # 123.3
        (AmountOff(200), ANY, (35, 94, 71)),
        (AmountOff(5000), ANY, (333, 900, 680)),
        (FreeItem(), DRINKS, (0, 450, 0)),
        (FreeItem(3), DRINKS, (333, 900, 0)),
        (FreeItem(9), DRINKS, (333, 900, 0)),
        (ItemPrice(400, 2), DRINKS, (0, 100, 0)),
        (ItemPrice(300, 3), DRINKS, (33, 300, 0)),
        (TextOnly(), ANY, (0, 0, 0)),
    ],
)
def test_each_benefit_to_the_yen(benefit: Benefit, conditions: Conditions, expected: tuple[int, ...]) -> None:
    assert off(benefit, conditions) == expected


def test_each_takes_from_what_the_one_before_has_left() -> None:
    grants = {
        coupon(1): Grant(benefit=AmountOff(100), conditions=ANY),
        coupon(2): Grant(benefit=PercentOff(10), conditions=ANY),
        coupon(3): Grant(benefit=FreeItem(), conditions=DRINKS),
        coupon(4): Grant(benefit=ItemPrice(300), conditions=DRINKS),
    }
    discounts = {number: reckon(BASKET, grants)[coupon(number)].total for number in (4, 3, 2, 1)}
    # A coffee for 300, the other for nothing; 10 % of 333 + 300 + 680, and 100.
    assert discounts == {4: 150, 3: 450, 2: 131, 1: 100}


A_POINT_A_HUNDRED = Earning(lambda amount: amount // 100, frozenset({"coffee"}))


@pytest.mark.parametrize(
    ("benefit", "conditions", "expected"),
    [
        (ExtraPoints(100), ANY, (100, (17, 47, 36), 0)),
        (ExtraPoints(100), DRINKS, (100, (27, 73, 0), 0)),
        (PointsMultiplied(3), ANY, (38, (7, 18, 13), 0)),  # two times 19 for 1913
        (PointsMultiplied(3, 10), ANY, (10, (2, 5, 3), 0)),
        (PointsMultiplied(2), DRINKS, (12, (3, 9, 0), 0)),
        (ExtraStamps("coffee", 2), ANY, (0, (), 2)),
        (ExtraStamps("tea"), ANY, "brings_nothing"),
        (ExtraPoints(100), Conditions(item_codes=["pie"]), "nothing_covered"),
    ],
)
def test_what_a_coupon_brings(benefit: Benefit, conditions: Conditions, expected: object) -> None:
    answer = quote(BASKET, {coupon(1): Grant(benefit=benefit, conditions=conditions)}, A_POINT_A_HUNDRED)
    if isinstance(expected, str):
        assert answer.refused[coupon(1)].reason == expected
    else:
        brought = answer.applied[coupon(1)].brought
        assert (brought.points, brought.points_by_line, brought.stamps) == expected
    without = quote(BASKET, {coupon(1): Grant(benefit=benefit, conditions=conditions)}, Earning())
    assert without.refused[coupon(1)].reason in ("brings_nothing", "nothing_covered")


def test_points_are_for_what_is_paid_after_all_discounts_and_count_behind_them() -> None:
    grants = {
        coupon(1): Grant(benefit=PointsMultiplied(2), conditions=ANY),
        coupon(2): Grant(benefit=PercentOff(50), conditions=ANY),
        coupon(3): Grant(benefit=ExtraPoints(5), conditions=Conditions()),
        coupon(4): Grant(benefit=AmountOff(1), conditions=Conditions()),
    }
    answer = quote(BASKET, grants, A_POINT_A_HUNDRED)
    assert answer.discount == 956
    assert {each: made.brought.points for each, made in answer.applied.items()} == {coupon(1): 9, coupon(2): 0}
    free = grants | {coupon(2): Grant(benefit=PercentOff(100), conditions=ANY)}
    assert quote(BASKET, free, A_POINT_A_HUNDRED).refused[coupon(1)].reason == "brings_nothing"
    rivals = {each: grants[each] for each in (coupon(3), coupon(4))}
    assert list(quote(BASKET, rivals, A_POINT_A_HUNDRED).applied) == [coupon(4)]


def test_what_cannot_go_together_is_told_with_what_it_conflicts() -> None:
    grants = {
        coupon(1): Grant(benefit=PercentOff(10), conditions=Conditions()),
        coupon(2): Grant(benefit=AmountOff(150), conditions=ANY),
        coupon(3): Grant(benefit=AmountOff(50), conditions=ANY),
        coupon(4): Grant(benefit=AmountOff(100), conditions=Conditions(min_spend=2113)),
        coupon(5): Grant(benefit=FreeItem(), conditions=Conditions(item_codes=["pie"])),
    }
    answer = quote(BASKET, grants)
    assert {each: discount.total for each, discount in answer.applied.items()} == {coupon(2): 150, coupon(3): 50}
    reasons = {each.int: (refusal.reason, refusal.missing) for each, refusal in answer.refused.items()}
    assert reasons == {1: ("not_combinable", None), 4: ("below_minimum", 200), 5: ("nothing_covered", None)}
    assert answer.conflicts[coupon(1)] == [coupon(2), coupon(3)]
    assert answer.alone == {coupon(1): 191, coupon(2): 150, coupon(3): 50}


def test_the_one_that_must_stand_alone_wins_where_it_is_worth_more() -> None:
    grants = {
        coupon(1): Grant(benefit=PercentOff(20), conditions=Conditions()),
        coupon(2): Grant(benefit=AmountOff(150), conditions=ANY),
    }
    assert list(quote(BASKET, grants).applied) == [coupon(1)]


def test_no_coupon_is_wasted_on_nothing() -> None:
    grants = {number: Grant(benefit=AmountOff(1913), conditions=ANY) for number in map(coupon, (1, 2))}
    answer = quote(BASKET, grants)
    assert list(answer.applied) == [coupon(1)]
    assert answer.refused[coupon(2)].reason == "no_discount_left"


codes, categories = st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"])
lines = st.builds(BasketLine, codes, categories, st.integers(1, 4), st.integers(0, 3000))
baskets = st.lists(lines, min_size=1, max_size=6).map(Basket)
benefits = st.one_of(
    st.builds(PercentOff, st.integers(1, 100), st.none() | st.integers(1, 500)),
    st.builds(AmountOff, st.integers(1, 4000)),
    st.builds(FreeItem, st.integers(1, 3)),
    st.builds(ItemPrice, st.integers(0, 1000), st.integers(1, 3)),
    st.just(TextOnly()),
)
conditions = st.builds(
    Conditions,
    min_spend=st.sampled_from([0, 0, 500, 2000]),
    item_codes=st.lists(codes, max_size=2, unique=True),
    categories=st.lists(categories, max_size=1),
    company=st.sampled_from(["any", "any", "none"]),
)
grants_of = st.lists(st.builds(Grant, benefit=benefits, conditions=conditions), min_size=1, max_size=6).map(
    lambda grants: {coupon(number): grant for number, grant in enumerate(grants)}
)


@given(baskets, grants_of)
def test_nothing_falls_below_zero_and_lines_add_up(basket: Basket, grants: dict[CouponId, Grant]) -> None:
    answer = quote(basket, grants)
    assert answer.applied.keys() | answer.refused.keys() == grants.keys()
    assert not answer.applied.keys() & answer.refused.keys()
    left = [line.amount for line in basket.lines]
    for discount in answer.applied.values():
        assert sum(discount.by_line) == discount.total
        assert all(each >= 0 for each in discount.by_line)
        left = [each - by for each, by in zip(left, discount.by_line, strict=True)]
    assert all(each >= 0 for each in left)
    assert len(answer.applied) <= MAX_TOGETHER
    for one, other in combinations(answer.applied, 2):
        assert may_go_together(grants[one].conditions, grants[other].conditions)


@given(baskets, grants_of)
def test_no_other_combination_takes_off_more(basket: Basket, grants: dict[CouponId, Grant]) -> None:
    answer = quote(basket, grants)
    fitting = sorted(answer.alone)
    for size in range(1, MAX_TOGETHER + 1):
        for chosen in combinations(fitting, size):
            if all(may_go_together(grants[a].conditions, grants[b].conditions) for a, b in combinations(chosen, 2)):
                reckoned = reckon(basket, {each: grants[each] for each in chosen})
                assert sum(each.total for each in reckoned.values()) <= answer.discount


@given(baskets, grants_of, st.randoms(use_true_random=False))
def test_the_order_of_the_question_is_nothing_to_the_answer(
    basket: Basket, grants: dict[CouponId, Grant], random: Random
) -> None:
    shuffled = list(grants.items())
    random.shuffle(shuffled)
    assert quote(basket, dict(shuffled)) == quote(basket, grants)
    other = list(basket.lines)
    random.shuffle(other)
    assert quote(Basket(other), grants).discount == quote(basket, grants).discount


@given(baskets, lines, grants_of)
def test_who_buys_more_never_saves_less(basket: Basket, more: BasketLine, grants: dict[CouponId, Grant]) -> None:
    for coupon_id, grant in grants.items():
        less = quote(basket, {coupon_id: grant}).discount
        assert quote(Basket([*basket.lines, more]), {coupon_id: grant}).discount >= less


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5000), min_size=1, max_size=8))
def test_a_spread_amount_is_whole_and_over_no_line(amount: int, over: list[int]) -> None:
    amount = min(amount, sum(over))
    parts = spread(amount, over)
    assert sum(parts) == amount
    assert all(0 <= part <= most for part, most in zip(parts, over, strict=True))


def test_of_many_that_apply_the_best_by_themselves_are_weighed() -> None:
    grants = {coupon(number): Grant(benefit=AmountOff(number), conditions=ANY) for number in range(1, 40)}
    assert sorted(each.int for each in quote(BASKET, grants).applied) == [36, 37, 38, 39]
    assert MAX_WEIGHED >= MAX_TOGETHER
    ordered = [quote(BASKET, dict(each)) for each in permutations(list(grants.items())[:4])]
    assert all(each == ordered[0] for each in ordered)
    assert msgspec.json.encode(ordered[0])
