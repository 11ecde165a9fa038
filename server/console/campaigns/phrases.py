"""Words that every sentence about a campaign is put together of: lists, stores, days, money. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision

from audiences.tree import Tree
from coupons.campaigns.campaign import Campaign
from ids import CampaignId, StoreId
from kit.locales import Locale

_MANY = 3


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids in a campaign are called. `tree` None: it is for everybody. `currency` None: nobody has said it."""

    stores: Mapping[StoreId, str] = {}
    campaigns: Mapping[CampaignId, str] = {}
    audience: str | None = None
    tree: Tree | None = None
    currency: str | None = None
    zone: tzinfo


def either(names: Sequence[str], locale: Locale) -> str:
    """`A, B or C`; of many the first few."""
    if len(names) > _MANY:
        rest = len(names) - _MANY
        shown = "、".join(names[:_MANY]) if locale == "ja" else ", ".join(names[:_MANY])
        return f"{shown}など{len(names)}店" if locale == "ja" else f"{shown} or {rest} more"
    return format_list(list(names), style="or", locale=locale)


def name_stores(campaign: Campaign, names: Names, locale: Locale) -> str | None:
    """None: every store."""
    if campaign.store_ids is None:
        return None
    named = sorted(names.stores.get(each, "?") for each in campaign.named_store_ids or ())
    groups = [f"「{each}」の店舗" if locale == "ja" else f"a store of {each}" for each in campaign.store_groups]
    return either([*named, *groups], locale)


def quoted(text: str, locale: Locale) -> str:
    return f"「{text}」" if locale == "ja" else f'"{text}"'


def say_money(minor: int, currency: str | None, locale: Locale) -> str:
    """Of an amount in minor units. A program that has not told its currency counts in yen."""
    currency = currency or "JPY"
    if (currency, locale) == ("JPY", "ja"):
        return f"{say_number(minor, locale)}円"
    digits = get_currency_precision(currency)
    return format_currency(minor / 10**digits, currency, locale=locale)


def say_number(number: float, locale: Locale) -> str:
    return format_decimal(number, locale=locale)


def say_day(at: datetime, zone: tzinfo, locale: Locale) -> str:
    return format_date(at.astimezone(zone).date(), "long", locale=locale)


def say_wall(wall: datetime, locale: Locale) -> str:
    """Of a wall time, or one in its zone."""
    return format_datetime(wall, "y年M月d日 H:mm" if locale == "ja" else "d MMM y, HH:mm", locale=locale)


def say_moment(at: datetime, zone: tzinfo, locale: Locale) -> str:
    return say_wall(at.astimezone(zone), locale)


def say_span(seconds: int, locale: Locale) -> str:
    for unit_s, en, ja in ((86_400, "day", "日"), (3600, "hour", "時間"), (60, "minute", "分"), (1, "second", "秒")):
        if seconds % unit_s == 0:
            count = seconds // unit_s
            return f"{count}{ja}" if locale == "ja" else f"{count} {en}{'' if count == 1 else 's'}"
    raise AssertionError
