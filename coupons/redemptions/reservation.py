"""A reservation: coupons of one member for one receipt, and what comes back of it. Pure.

Amounts are in minor units of the program's currency.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from coupons.redemptions.baskets import Basket
from coupons.redemptions.benefits import ExtraStamps, Grant
from coupons.redemptions.quoting import Discount
from ids import CouponId, MemberId, ReservationId, StoreId


class ReservedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the basket. `discount`, `points`: of all coupons. `returned`: how many pieces have come back."""

    quantity: int
    amount: int
    discount: int
    points: int = 0
    returned: int = 0

    @property
    def points_back(self) -> int:
        """Of the points how many go for what has come back: its share, rounded to the shop's favour."""
        return self.points - self.points * (self.quantity - self.returned) // self.quantity

    def due_back(self, pieces: int) -> int:
        """Of so many more pieces: their share of what was paid, as if all that came back had come at once, rounded
        down; so that all pieces of a line bring back just what was paid for it.
        """
        paid = self.amount - self.discount
        return paid * (self.returned + pieces) // self.quantity - paid * self.returned // self.quantity


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: of the basket without coupons. `refunded`: what was due back so far. `receipt`: of the redemption.

    `stamps`: how many the coupons bring, by the code of the stamp card. `uses`: how many it held at first, one of each
    coupon.
    """

    member_id: MemberId
    id: ReservationId
    store_id: StoreId
    amount: int
    discount: int
    lines: Sequence[ReservedLine]
    stamps: Mapping[str, int] = msgspec.field(default_factory=dict)
    uses: int
    refunded: int
    held_until: datetime
    redeemed_at: datetime | None
    voided_at: datetime | None
    receipt: str | None

    @property
    def left(self) -> int:
        """What was paid and is not due back yet."""
        return self.amount - self.discount - self.refunded

    @property
    def points(self) -> int:
        """What the coupons bring with the receipt."""
        return sum(line.points for line in self.lines)


class HeldUse(msgspec.Struct, frozen=True):
    """A use that the reservation has. `is_held`: it is not redeemed yet."""

    coupon_id: CouponId
    is_held: bool


def reserve_lines(basket: Basket, discounts: Mapping[CouponId, Discount]) -> list[ReservedLine]:
    return [
        ReservedLine(
            quantity=line.quantity,
            amount=line.amount,
            discount=sum(discount.by_line[place] for discount in discounts.values()),
            points=sum(each.brought.points_by_line[place] for each in discounts.values() if each.brought.points),
        )
        for place, line in enumerate(basket.lines)
    ]


def count_stamps(grants: Mapping[CouponId, Grant], discounts: Mapping[CouponId, Discount]) -> dict[str, int]:
    """By the code of the stamp card."""
    stamps: dict[str, int] = {}
    for coupon_id, discount in discounts.items():
        benefit = grants[coupon_id].benefit
        if isinstance(benefit, ExtraStamps):
            stamps[benefit.stamp_card] = stamps.get(benefit.stamp_card, 0) + discount.brought.stamps
    return stamps


def points_gone(before: Sequence[ReservedLine], after: Sequence[ReservedLine]) -> int:
    """Of what the coupons brought, for what has come back between the two."""
    return sum(line.points_back for line in after) - sum(line.points_back for line in before)


def is_all_back(lines: Sequence[ReservedLine]) -> bool:
    return all(line.returned == line.quantity for line in lines)


def take_back(lines: Sequence[ReservedLine], pieces: Mapping[int, int]) -> tuple[list[ReservedLine], int] | None:
    """The lines afterwards, and what is due back. `pieces`: by the line's place. None: more than there is to come."""
    for place, back in pieces.items():
        if place >= len(lines) or lines[place].returned + back > lines[place].quantity:
            return None
    due = sum(lines[place].due_back(back) for place, back in pieces.items())
    after = [
        msgspec.structs.replace(line, returned=line.returned + pieces.get(place, 0)) for place, line in enumerate(lines)
    ]
    return after, due
