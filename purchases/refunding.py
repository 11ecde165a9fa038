"""What a refund leaves of a purchase: of its amount, and of each of its lines, so that it is known what the member
has kept. Pure.
"""

from collections.abc import Sequence

import msgspec

from purchases.purchase import Item, RefundState

# Quantities may come from scales, to the milligram: what a sum of floats is beside that is no quantity.
_DECIMALS = 6


class UnknownReturn(Exception):
    """`place`: of the line that comes back, for which the bill has no line, or not so much of it."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def refund(state: RefundState, amount: int, returned: Sequence[Item] = ()) -> RefundState:
    """The state after `amount` more, at most what is left. `returned`: its lines, where they were told; lines are
    compared only where the purchase came with them. Raises UnknownReturn.
    """
    items, told = state.items, 0
    if items:
        items, told = take_back(items, returned), sum(each.amount for each in returned)
    return RefundState(
        amount=state.amount,
        refunded=state.refunded + amount,
        is_fully_refunded=amount == state.left,
        refunded_untold=state.refunded_untold + max(amount - told, 0),
        items=items,
    )


def take_back(items: Sequence[Item], returned: Sequence[Item]) -> list[Item]:
    """The lines of the bill afterwards. A line is found again by its code, or by its name where it comes without one;
    of several the first have the most taken. Raises UnknownReturn.
    """
    left = list(items)
    for place, back in enumerate(returned):
        quantity, amount = back.quantity, back.amount
        for at, item in enumerate(left):
            if not _is_meant(item, back):
                continue
            taken, paid = _take(item, quantity, amount)
            quantity, amount = round(quantity - taken, _DECIMALS), amount - paid
            left[at] = msgspec.structs.replace(
                item,
                returned_quantity=round(item.returned_quantity + taken, _DECIMALS),
                returned_amount=item.returned_amount + paid,
            )
        if quantity > 0 or amount > 0:
            raise UnknownReturn(place)
    return left


def _is_meant(item: Item, back: Item) -> bool:
    if item.quantity <= 0 or item.amount < 0:
        return False
    return item.name == back.name if back.code is None else item.code == back.code


def _take(item: Item, quantity: float, amount: int) -> tuple[float, int]:
    standing = round(item.quantity - item.returned_quantity, _DECIMALS)
    return min(quantity, standing), min(amount, item.amount - item.returned_amount)
