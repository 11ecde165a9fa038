"""What a coupon is worth at the till. Values only; what it takes off a basket is reckoned in `quoting`.

Amounts are in minor units of the program's currency (for yen: whole yen).
"""

from typing import Annotated, TypeAlias

import msgspec

from coupons.redemptions.conditions import Conditions

MAX_AMOUNT = 10**9
MAX_USES = 100

_Amount = Annotated[int, msgspec.Meta(ge=1, le=MAX_AMOUNT)]
_Units = Annotated[int, msgspec.Meta(ge=1, le=100)]


class _Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


class TextOnly(_Kind, frozen=True, tag="text"):
    """What the offer's words say. The till reckons nothing; the cashier hands it over."""


class PercentOff(_Kind, frozen=True, tag="percent_off"):
    """So much off all that the coupon holds for."""

    percent: Annotated[int, msgspec.Meta(ge=1, le=100, examples=[10])]
    """The discount in per cent. What it comes to is rounded down to the minor unit."""
    max_discount: _Amount | None = None
    """What it takes off at most, in minor units of the program's currency. Null: there is no bound."""


class AmountOff(_Kind, frozen=True, tag="amount_off"):
    """An amount off all that the coupon holds for."""

    amount: _Amount
    """The discount in minor units of the program's currency. Of a basket that comes to less, all of it."""


class FreeItem(_Kind, frozen=True, tag="free_item"):
    """Items that cost nothing: of those that the coupon holds for, the dearest in the basket."""

    quantity: _Units = 1
    """How many pieces at most."""


class ItemPrice(_Kind, frozen=True, tag="item_price"):
    """Items at a price of their own: of those that the coupon holds for, the dearest in the basket."""

    price: Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
    """What a piece costs, in minor units of the program's currency. What is cheaper keeps its price."""
    quantity: _Units = 1
    """How many pieces at most."""


class ExtraPoints(_Kind, frozen=True, tag="extra_points"):
    """Points on top of those that the purchase earns."""

    points: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    """How many."""


class PointsMultiplied(_Kind, frozen=True, tag="points_multiplied"):
    """Several times the points for what is paid for the items that the coupon holds for."""

    times: Annotated[int, msgspec.Meta(ge=2, le=100, examples=[2])]
    """2: double points. The purchase earns them once as ever; the coupon brings the rest."""
    max_points: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    """What the coupon brings at most. Null: there is no bound."""


class ExtraStamps(_Kind, frozen=True, tag="extra_stamps"):
    """ExtraStamps on one of the program's stamp cards, on top of those that the purchase earns."""

    stamp_card: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """The code of the stamp card."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    """How many stamps."""


Benefit: TypeAlias = (
    TextOnly | PercentOff | AmountOff | FreeItem | ItemPrice | ExtraPoints | PointsMultiplied | ExtraStamps
)

# Single items first, then shares of what is left, then amounts: a percentage is of what is paid for the rest.
_STAGES: tuple[type, ...] = (ItemPrice, FreeItem, PercentOff, AmountOff)


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a coupon is worth, when it may be used, and how often."""

    benefit: Benefit = TextOnly()
    conditions: Conditions = Conditions()
    uses: int = 1

    @property
    def needs_basket(self) -> bool:
        """Whether it is used with a receipt only: the basket says if it may be used, or the receipt takes back what it
        brings.
        """
        return self.conditions.min_spend > 0 or self.conditions.holds_for_some or is_reward(self.benefit)

    @property
    def is_usable_offline(self) -> bool:
        """Whether a till can judge it by what it has: it knows no ranks, and reckons no basket."""
        return self.conditions.usable_offline and not self.conditions.ranks and not self.needs_basket


PLAIN = Grant()

_BENEFIT = msgspec.json.Decoder(Benefit)
_CONDITIONS = msgspec.json.Decoder(Conditions)


def stage_of(benefit: Benefit) -> int | None:
    """When its discount is reckoned; None for one that takes nothing off."""
    return _STAGES.index(type(benefit)) if type(benefit) in _STAGES else None


def is_reward(benefit: Benefit) -> bool:
    """Whether it brings points or stamps, and takes nothing off."""
    return isinstance(benefit, ExtraPoints | PointsMultiplied | ExtraStamps)


def most_discount(benefit: Benefit) -> int | None:
    """What one use takes off at most, in minor units; None: it depends on the basket, or only the words say it."""
    if isinstance(benefit, AmountOff):
        return benefit.amount
    if isinstance(benefit, PercentOff):
        return benefit.max_discount
    return 0 if is_reward(benefit) else None


def most_points(benefit: Benefit) -> int | None:
    """What one use brings at most, in points; None: it depends on the basket."""
    if isinstance(benefit, ExtraPoints):
        return benefit.points
    return benefit.max_points if isinstance(benefit, PointsMultiplied) else 0


def read_grant(benefit: str, conditions: str, uses: int) -> Grant:
    """As the database has it."""
    return Grant(benefit=_BENEFIT.decode(benefit), conditions=_CONDITIONS.decode(conditions), uses=uses)
