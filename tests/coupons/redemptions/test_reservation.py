"""What is due back for a part of a receipt: no more and no less than was paid, piece by piece."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from coupons.redemptions.baskets import Basket, BasketLine
from coupons.redemptions.benefits import AmountOff, Grant, PercentOff
from coupons.redemptions.quoting import quote
from coupons.redemptions.reservation import ReservedLine, is_all_back, points_gone, reserve_lines, take_back
from tests.coupons.redemptions.test_quoting import ANY, coupon

quantities = st.integers(1, 5)


@given(quantities, st.integers(0, 3000), st.integers(0, 3000), st.data())
def test_a_line_that_comes_back_in_parts_brings_back_what_was_paid(
    quantity: int, unit_price: int, discount: int, data: st.DataObject
) -> None:
    amount = quantity * unit_price
    lines: Sequence[ReservedLine] = [ReservedLine(quantity=quantity, amount=amount, discount=min(discount, amount))]
    paid, came_back = lines[0].amount - lines[0].discount, 0
    while left := lines[0].quantity - lines[0].returned:
        after = take_back(lines, {0: data.draw(st.integers(1, left))})
        assert after is not None
        lines, due = after
        assert due >= 0
        came_back += due
        assert came_back <= paid
    assert came_back == paid


def test_the_discounts_of_all_coupons_stand_on_their_lines() -> None:
    basket = Basket([BasketLine(None, None, 3, 500), BasketLine(None, None, 1, 800)])
    grants = {
        coupon(1): Grant(benefit=PercentOff(10), conditions=ANY),
        coupon(2): Grant(benefit=AmountOff(70), conditions=ANY),
    }
    answer = quote(basket, grants)
    lines = reserve_lines(basket, answer.applied)
    assert sum(line.discount for line in lines) == answer.discount == 300
    assert take_back(lines, {0: 4}) is None
    assert take_back(lines, {2: 1}) is None
    after = take_back(lines, {0: 1, 1: 1})
    assert after is not None
    assert [line.returned for line in after[0]] == [1, 1]
    assert take_back(after[0], {1: 1}) is None


@given(quantities, st.integers(0, 1000), st.data())
def test_points_go_with_what_comes_back_and_all_of_them_with_all_of_it(
    quantity: int, points: int, data: st.DataObject
) -> None:
    lines: Sequence[ReservedLine] = [ReservedLine(quantity=quantity, amount=quantity, discount=0, points=points)]
    gone = 0
    while left := lines[0].quantity - lines[0].returned:
        after = take_back(lines, {0: data.draw(st.integers(1, left))})
        assert after is not None
        gone += points_gone(lines, after[0])
        lines = after[0]
        assert gone * quantity >= points * lines[0].returned
    assert (gone, is_all_back(lines)) == (points, True)
