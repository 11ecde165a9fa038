"""When, where and by whom a coupon can be used, and with what, as sentences. Pure."""

from collections.abc import Mapping

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.event_hours import EventHours
from coupons.redemptions.conditions import Company, Conditions
from kit.locales import Locale
from server.console.campaigns.phrases import Names, either, quoted, say_moment, say_number
from server.console.campaigns.time_phrases import say_each_hours

_ANY: Mapping[Locale, str] = {
    "en": "It can be used together with other coupons.",
    "ja": "ほかのクーポンと併用できます。",
}
_OFFLINE: Mapping[Locale, str] = {
    "en": "Tills take it without a connection too.",
    "ja": "通信できないレジでも使えます。",
}


def say_use(campaign: Campaign, names: Names, locale: Locale) -> list[str]:
    conditions = campaign.grant.conditions
    said = [
        _say_times(campaign.grant.uses, locale),
        _say_bounds(conditions, names, locale),
        _say_company(conditions.company, conditions.group, locale),
        _OFFLINE[locale] if conditions.usable_offline else None,
    ]
    return [each for each in said if each is not None]


def _say_times(uses: int, locale: Locale) -> str | None:
    if uses == 1:
        return None
    count = say_number(uses, locale)
    return f"A coupon can be used {count} times." if locale == "en" else f"1枚のクーポンを{count}回使えます。"


def _say_bounds(conditions: Conditions, names: Names, locale: Locale) -> str | None:
    """`It can be used from 1 Dec 2026, 09:00 on, before 17:00, at Shibuya, and only by members of the rank gold.`"""
    parts = [
        part
        for part in (
            _from(conditions, names, locale),
            _hours(conditions, locale),
            _where(conditions, names, locale),
            _who(conditions, locale),
        )
        if part
    ]
    if not parts:
        return None
    return (
        f"A coupon can be used only {', '.join(parts)}."
        if locale == "en"
        else f"クーポンを使えるのは、{'、'.join(parts)}です。"
    )


def _from(conditions: Conditions, names: Names, locale: Locale) -> str | None:
    if conditions.usable_from is None:
        return None
    moment = say_moment(conditions.usable_from, names.zone, locale)
    return f"from {moment} on" if locale == "en" else f"{moment}から"


def _hours(conditions: Conditions, locale: Locale) -> str | None:
    return say_each_hours([EventHours(each.weekdays, each.start, each.end) for each in conditions.hours], locale)


def _where(conditions: Conditions, names: Names, locale: Locale) -> str | None:
    if conditions.store_ids is None:
        return None
    stores = either(sorted(names.stores.get(each, "?") for each in conditions.store_ids), locale)
    return f"at {stores}" if locale == "en" else stores


def _who(conditions: Conditions, locale: Locale) -> str | None:
    if not conditions.ranks:
        return None
    ranks = either(conditions.ranks, locale)
    return f"by members of the rank {ranks}" if locale == "en" else f"ランクが{ranks}の会員"


def _say_company(company: Company, group: str | None, locale: Locale) -> str | None:
    if company == "any":
        return _ANY[locale]
    if company == "group" and group is not None:
        name = quoted(group, locale)
        if locale == "en":
            return f"It can be used together with coupons of the group {name}."
        return f"グループ{name}のクーポンと併用できます。"
    return None
