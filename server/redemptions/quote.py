"""`quote_coupons`: what the shopper's coupons take off a basket, which go together, and why not the others."""

from collections.abc import Sequence
from datetime import datetime

from coupons.offers import choose_text
from coupons.redemptions.baskets import Basket
from coupons.redemptions.benefits import is_reward
from coupons.redemptions.bringing import Earning
from coupons.redemptions.quoting import Discount, Quote, quote
from coupons.redemptions.redemption import RedeemableCoupon
from coupons.redemptions.usability import judge_coupon
from kit.locales import Locale
from server.redemptions.baskets import LineDiscount, QuotedCoupon, QuoteResult


def asks_for_rewards(coupons: Sequence[RedeemableCoupon]) -> bool:
    return any(is_reward(coupon.grant.benefit) for coupon in coupons)


def quote_coupons(basket: Basket, coupons: Sequence[RedeemableCoupon], earning: Earning, now: datetime) -> Quote:
    """Of the coupons as they are now, here. `earning`: how the program rewards now."""
    refused = {each.coupon_id: refusal for each in coupons if (refusal := judge_coupon(each, now)) is not None}
    usable = {each.coupon_id: each.grant for each in coupons if each.coupon_id not in refused}
    answer = quote(basket, usable, earning)
    return Quote(
        applied=answer.applied,
        refused={**refused, **answer.refused},
        alone=answer.alone,
        conflicts=answer.conflicts,
    )


def view_quote(basket: Basket, coupons: Sequence[RedeemableCoupon], answer: Quote, locale: Locale) -> QuoteResult:
    return QuoteResult(
        total=basket.total,
        discount=answer.discount,
        to_pay=basket.total - answer.discount,
        rounding="down",
        points=sum(each.brought.points for each in answer.applied.values()),
        stamps=sum(each.brought.stamps for each in answer.applied.values()),
        coupons=[_view(coupon, answer, locale) for coupon in coupons],
    )


def view_lines(discount: Discount) -> list[LineDiscount]:
    return [LineDiscount(line, amount) for line, amount in enumerate(discount.by_line) if amount]


def _view(coupon: RedeemableCoupon, answer: Quote, locale: Locale) -> QuotedCoupon:
    coupon_id = coupon.coupon_id
    discount, refusal = answer.applied.get(coupon_id), answer.refused.get(coupon_id)
    return QuotedCoupon(
        coupon_id=coupon_id,
        campaign_id=coupon.campaign_id,
        title=choose_text(coupon.offer, locale, coupon.store_name).title,
        benefit=coupon.grant.benefit,
        uses_left=coupon.grant.uses - coupon.gone,
        applies=discount is not None,
        discount=0 if discount is None else discount.total,
        lines=[] if discount is None else view_lines(discount),
        points=0 if discount is None else discount.brought.points,
        stamps=0 if discount is None else discount.brought.stamps,
        alone=answer.alone.get(coupon_id),
        conflicts_with=list(answer.conflicts.get(coupon_id, ())),
        reason=None if refusal is None else refusal.reason,
        message=None if refusal is None else refusal.describe(locale),
        missing=None if refusal is None else refusal.missing,
        at=None if refusal is None else refusal.at,
    )
