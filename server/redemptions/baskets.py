"""Baskets and coupons as tills send them, and what tills are told of each coupon."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from coupons.redemptions import baskets
from coupons.redemptions.benefits import Benefit
from coupons.redemptions.usability import UseRefusalReason
from ids import CampaignId, CouponId, MemberId, ScanId
from kit.locales import Locale
from server.problems import Problem
from server.web.fields import Body

MAX_LINES = 200
MAX_PRESENTED = 20

_Price = Annotated[int, msgspec.Meta(ge=0, le=10**9, description="In minor units of the program's currency.")]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class BasketLine(Body, frozen=True, kw_only=True):
    """What the shopper buys of one article."""

    code: _Word | None = None
    """The article's code, as campaigns name it in `item_codes`. Null: none of them means it."""
    category: _Word | None = None
    """Its category, as campaigns name it in `categories`. Null: none of them means it."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    """How many pieces. What was weighed is one piece at the price of the whole."""
    unit_price: _Price
    """What a piece costs before any coupon."""


class TillBasket(Body, frozen=True):
    """What is to be paid for."""

    lines: Annotated[list[BasketLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    """The lines, in the till's order: discounts are told by their places."""
    total: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    """What all lines come to, in minor units of the program's currency: so a line that was lost on the way is seen."""

    def to_basket(self) -> baskets.Basket:
        """Raises Problem."""
        basket = baskets.Basket(
            [baskets.BasketLine(line.code, line.category, line.quantity, line.unit_price) for line in self.lines]
        )
        if basket.total != self.total:
            raise Problem(
                "invalid-request", f"Correct basket.total or the lines: they come to {basket.total}, not {self.total}."
            )
        return basket


class PresentedCoupons(Body, frozen=True, kw_only=True):
    """Either the codes of coupons, or the member whose card was scanned."""

    coupons: (
        Annotated[
            list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(min_length=1, max_length=MAX_PRESENTED)
        ]
        | None
    ) = None
    """The coupons' codes, as the till scanned them from the shopper's phone."""
    member_id: MemberId | None = None
    """In place of codes: `member_id` of the answer to the scan of the member's card."""
    scan_id: ScanId | None = None
    """`scan_id` of the answer to that scan, which was at most 15 minutes ago at this store."""
    locale: Locale = "ja"
    """The cashier's language, for all words of the answer."""


class LineDiscount(msgspec.Struct, frozen=True):
    """What a coupon takes off a line."""

    line: int
    """The line's place in the basket, from 0."""
    discount: int
    """In minor units of the program's currency; above 0."""


class QuotedCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """What a coupon does for the basket, or why it does nothing."""

    coupon_id: CouponId
    """The coupon."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    title: str
    """Its title, in the cashier's language where it has one."""
    benefit: Benefit
    """What it is worth."""
    uses_left: int
    """How often it can still be used."""
    applies: bool
    """Whether it belongs to the best combination: these are the coupons to use."""
    discount: int
    """What it takes off in that combination, in minor units of the program's currency."""
    lines: list[LineDiscount]
    """The same by line; together they come to `discount`."""
    points: int
    """The points that it brings in that combination, on top of those that the purchase earns."""
    stamps: int
    """The stamps that it brings, on the card of its benefit."""
    alone: int | None
    """What it would take off by itself. Null: it cannot be used for this basket."""
    conflicts_with: list[CouponId]
    """Of the other coupons that could be used for this basket those that it cannot be combined with."""
    reason: UseRefusalReason | None
    """Why it does not belong to the combination. Null: it does."""
    message: str | None
    """The same in the cashier's language, for the shopper too."""
    missing: int | None
    """For `below_minimum`: what the basket lacks, in minor units of the program's currency."""
    at: datetime | None
    """For `too_early`, `expired`, `redeemed` and `withdrawn`: from when, or since when."""


class QuoteResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the coupons come to. Nothing is used or held by it."""

    total: int
    """What the basket costs without coupons, in minor units of the program's currency."""
    discount: int
    """What the best combination takes off."""
    to_pay: int
    """What is left to pay."""
    rounding: Literal["down"]
    """A percentage is rounded down to the minor unit; a discount is spread over its lines by largest remainders."""
    points: int
    """The points that the combination brings, on top of those that the purchase earns."""
    stamps: int
    """The stamps that it brings."""
    coupons: list[QuotedCoupon]
    """The presented coupons, or those that the member could use somewhere, in the order of their ids."""
