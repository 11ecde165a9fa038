"""What a shopper is about to pay for, as the till sends it. Values only. Amounts are in minor units of the currency."""

from collections.abc import Sequence

import msgspec


class BasketLine(msgspec.Struct, frozen=True):
    """`quantity` pieces at `unit_price` each. What was weighed is one piece at the price of the whole."""

    code: str | None
    category: str | None
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_price


class Basket(msgspec.Struct, frozen=True):
    """`lines`: at least one."""

    lines: Sequence[BasketLine]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)
