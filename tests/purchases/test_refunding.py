"""What a refund leaves of a purchase and of its lines."""

from collections.abc import Sequence

import pytest

from purchases.purchase import Item, RefundState
from purchases.refunding import UnknownReturn, refund

BEANS = Item("beans", 0.3, 900, "b-1", "beans")
TEA = Item("tea", 2, 600)
MORE_BEANS = Item("beans", 0.2, 600, "b-1", "beans")
PAID = RefundState(2000, 0, is_fully_refunded=False, items=[BEANS, TEA, Item("a discount", 1, -100), MORE_BEANS])


def left(state: RefundState) -> list[tuple[float, int]]:
    return [(item.returned_quantity, item.returned_amount) for item in state.items]


@pytest.mark.parametrize(
    ("amount", "returned", "lines", "untold"),
    [
        (500, [], [(0, 0), (0, 0), (0, 0), (0, 0)], 500),
        (300, [Item("tea", 1, 300)], [(0, 0), (1, 300), (0, 0), (0, 0)], 0),
        (1200, [Item("", 0.4, 1200, "b-1")], [(0.3, 900), (0, 0), (0, 0), (0.1, 300)], 0),
        (2000, [Item("tea", 2, 500)], [(0, 0), (2, 500), (0, 0), (0, 0)], 1500),
    ],
)
def test_lines_come_back_by_code_or_name(
    amount: int, returned: Sequence[Item], lines: list[tuple[float, int]], untold: int
) -> None:
    after = refund(PAID, amount, returned)
    assert (after.refunded, after.is_fully_refunded, after.refunded_untold) == (amount, amount == 2000, untold)
    assert left(after) == lines


def test_no_more_comes_back_than_is_left() -> None:
    once = refund(PAID, 300, [Item("", 0.2, 300, "b-1")])
    again = refund(once, 600, [Item("", 0.3, 600, "b-1")])
    assert left(again)[::3] == [(0.3, 900), (0.2, 0)]
    for line in (Item("", 0.1, 0, "b-1"), Item("tea", 3, 0), Item("tea", 1, 601), Item("a discount", 1, 0)):
        with pytest.raises(UnknownReturn) as unknown:
            refund(again, 0, [Item("tea", 1, 0), line])
        assert unknown.value.place == 1


def test_lines_of_a_purchase_that_came_without_are_not_compared() -> None:
    after = refund(RefundState(500, 0, is_fully_refunded=False), 200, [Item("tea", 1, 200)])
    assert (after.refunded_untold, after.items) == (200, ())
