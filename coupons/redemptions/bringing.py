"""What a coupon brings besides a discount: points and stamps, which are posted with the receipt. Pure.

Points stand on the lines of the basket by what is paid for each, so that what comes back takes its own share of them
along. They are whole points; what rounding leaves goes to the lines with the largest remainders, earlier ones first.
"""

from collections.abc import Callable, Sequence

import msgspec

from coupons.redemptions.baskets import Basket
from coupons.redemptions.benefits import ExtraPoints, ExtraStamps, Grant, PointsMultiplied


class Earning(msgspec.Struct, frozen=True):
    """How the program rewards now. `points_for`: the points for an amount that is paid; None: it has no points.

    `stamp_cards`: the codes of those that are stamped.
    """

    points_for: Callable[[int], int] | None = None
    stamp_cards: frozenset[str] = frozenset()


NO_REWARDS = Earning()


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """Of one coupon. `stamps`: on the card of its benefit."""

    points: int = 0
    points_by_line: tuple[int, ...] = ()
    stamps: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.points or self.stamps)


NOTHING = Brought()


def bring(grant: Grant, basket: Basket, left: Sequence[int], earning: Earning) -> Brought:
    """`left`: of each line what is paid for it after all discounts."""
    benefit = grant.benefit
    if isinstance(benefit, ExtraStamps):
        return Brought(stamps=benefit.quantity) if benefit.stamp_card in earning.stamp_cards else NOTHING
    if earning.points_for is None or not isinstance(benefit, ExtraPoints | PointsMultiplied):
        return NOTHING
    is_held = [grant.conditions.holds_for(line.code, line.category) for line in basket.lines]
    paid = [each if held else 0 for each, held in zip(left, is_held, strict=True)]
    if isinstance(benefit, ExtraPoints):
        points = benefit.points
    else:
        points = earning.points_for(sum(paid)) * (benefit.times - 1)
        points = points if benefit.max_points is None else min(points, benefit.max_points)
    pieces = [line.quantity if held else 0 for line, held in zip(basket.lines, is_held, strict=True)]
    return Brought(points=points, points_by_line=tuple(spread(points, paid if any(paid) else pieces)))


def spread(amount: int, over: Sequence[int]) -> list[int]:
    """The amount by shares of `over`: to the unit, by largest remainders."""
    whole = sum(over)
    if not whole:
        return [0] * len(over)
    parts = [amount * each // whole for each in over]
    by_remainder = sorted(range(len(over)), key=lambda place: (-(amount * over[place] % whole), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts
