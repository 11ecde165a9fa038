"""What a campaign gives, as a part of its sentence. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from coupons.campaigns.campaign import Campaign
from coupons.offers import Offer
from coupons.redemptions import benefits as b
from coupons.redemptions.conditions import Conditions
from kit.languages import choose_language
from kit.locales import Locale
from server.console.campaigns.phrases import Names, either, quoted, say_money, say_number


def say_benefit(campaign: Campaign, names: Names, locale: Locale) -> str:
    """`10 % off`, or the title of an offer that only its words describe."""
    grant = campaign.grant
    if isinstance(grant.benefit, b.TextOnly):
        return quoted(title_of(campaign.offer, locale), locale)
    said = _KINDS[type(grant.benefit)](grant.benefit, grant.conditions, names, locale)
    return said + _for_what(grant.benefit, grant.conditions, names, locale)


def title_of(offer: Offer, locale: Locale) -> str:
    return offer[choose_language(locale, list(offer))].title


def _items(conditions: Conditions, locale: Locale) -> str:
    return either([*conditions.item_codes, *conditions.categories], locale)


def _for_what(benefit: b.Benefit, conditions: Conditions, names: Names, locale: Locale) -> str:
    parts = []
    if conditions.holds_for_some and not isinstance(benefit, b.FreeItem | b.ItemPrice):
        items = _items(conditions, locale)
        parts.append(f" on {items}" if locale == "en" else f"（対象：{items}）")
    if conditions.min_spend:
        least = say_money(conditions.min_spend, names.currency, locale)
        parts.append(f" from {least} on" if locale == "en" else f"（{least}以上のお買い上げ）")
    return "".join(parts)


def _percent(benefit: b.PercentOff, _: Conditions, names: Names, locale: Locale) -> str:
    said = f"{benefit.percent} % off" if locale == "en" else f"{benefit.percent}%引き"
    if benefit.max_discount is None:
        return said
    most = say_money(benefit.max_discount, names.currency, locale)
    return f"{said} (at most {most})" if locale == "en" else f"{said}（最大{most}）"


def _amount(benefit: b.AmountOff, _: Conditions, names: Names, locale: Locale) -> str:
    amount = say_money(benefit.amount, names.currency, locale)
    return f"{amount} off" if locale == "en" else f"{amount}引き"


def _free(benefit: b.FreeItem, conditions: Conditions, _: Names, locale: Locale) -> str:
    items = _items(conditions, locale)
    if locale == "ja":
        return f"{items}{benefit.quantity}点無料"
    return f"{items} for free" if benefit.quantity == 1 else f"{benefit.quantity} of {items} for free"


def _price(benefit: b.ItemPrice, conditions: Conditions, names: Names, locale: Locale) -> str:
    items, price = _items(conditions, locale), say_money(benefit.price, names.currency, locale)
    if locale == "ja":
        return f"{items}{benefit.quantity}点まで{price}"
    return f"{items} for {price}" + ("" if benefit.quantity == 1 else f" ({benefit.quantity} at most)")


def _points(benefit: b.ExtraPoints, _: Conditions, __: Names, locale: Locale) -> str:
    points = say_number(benefit.points, locale)
    return f"{points} extra points" if locale == "en" else f"{points}ポイント"


def _times(benefit: b.PointsMultiplied, _: Conditions, __: Names, locale: Locale) -> str:
    said = f"{benefit.times} times the points" if locale == "en" else f"ポイント{benefit.times}倍"
    if benefit.max_points is None:
        return said
    most = say_number(benefit.max_points, locale)
    return f"{said} (at most {most} more)" if locale == "en" else f"{said}（最大{most}ポイント）"


def _stamps(benefit: b.ExtraStamps, _: Conditions, __: Names, locale: Locale) -> str:
    if locale == "ja":
        return f"スタンプカード「{benefit.stamp_card}」のスタンプ{benefit.quantity}個"
    many = "a stamp" if benefit.quantity == 1 else f"{benefit.quantity} stamps"
    return f"{many} on the card {benefit.stamp_card}"


_KINDS: Mapping[type, Callable[[Any, Conditions, Names, Locale], str]] = {
    b.PercentOff: _percent,
    b.AmountOff: _amount,
    b.FreeItem: _free,
    b.ItemPrice: _price,
    b.ExtraPoints: _points,
    b.PointsMultiplied: _times,
    b.ExtraStamps: _stamps,
}
